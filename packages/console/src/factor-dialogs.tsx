'use client'
import { listFactors, removeTotp, renewRecoveryCodes } from '@console/contracts/auth/actions'
import { Button } from '@console/ui/button.tsx'
import { Dialog } from '@console/ui/dialog.tsx'
import { useState } from 'react'
import { CarefulFields } from './careful-fields.tsx'
import { useConsole } from './console-provider.tsx'
import { RecoveryCodes } from './recovery-codes.tsx'
import { useCareful } from './use-careful.ts'

/** Takes the authenticator and its recovery codes away. */
export function RemoveAuthenticatorDialog({ onClose }: { readonly onClose: () => void }) {
  const { client, retry } = useConsole()
  const careful = useCareful(() => client.call(removeTotp, {}).then(() => true), [listFactors])
  const remove = async (): Promise<void> => {
    if ((await careful.run()) !== true) return
    retry()
    onClose()
  }
  return (
    <Dialog
      open
      onClose={onClose}
      busy={careful.busy}
      title="Remove your authenticator?"
      sub="The password alone signs you in again, and the recovery codes are good no more."
      footer={
        <span className="push row">
          <button type="button" className="btn" onClick={onClose}>
            Keep it
          </button>
          <Button look="risk" busy={careful.busy} onClick={() => void remove()}>
            Remove the authenticator
          </Button>
        </span>
      }
    >
      <CarefulFields {...careful} />
    </Dialog>
  )
}

/** New recovery codes; the old ones end with them. */
export function NewCodesDialog({ left, onClose }: { readonly left: number; readonly onClose: () => void }) {
  const { client } = useConsole()
  const [codes, setCodes] = useState<readonly string[] | null>(null)
  const [kept, setKept] = useState(false)
  const careful = useCareful(() => client.call(renewRecoveryCodes, {}), [listFactors])
  const make = async (): Promise<void> => {
    const made = await careful.run()
    if (made) setCodes(made.recoveryCodes)
  }
  return (
    <Dialog
      open
      onClose={onClose}
      closable={codes === null}
      busy={careful.busy || codes !== null}
      title={codes ? 'Keep these ten recovery codes' : 'Make new recovery codes?'}
      sub={codes ? 'They are not shown again.' : `The ${left} that are left stop working.`}
      footer={
        <span className="push row">
          {codes ? (
            <Button disabledReason={kept ? null : 'Tick the line first'} onClick={onClose}>
              Done
            </Button>
          ) : (
            <>
              <button type="button" className="btn" onClick={onClose}>
                Cancel
              </button>
              <Button look="ink" busy={careful.busy} onClick={() => void make()}>
                Make new codes
              </Button>
            </>
          )}
        </span>
      }
    >
      <CarefulFields {...careful} />
      {codes && <RecoveryCodes codes={codes} kept={kept} onKept={setKept} />}
    </Dialog>
  )
}

'use client'
import { listFactors, removeTotp, renewRecoveryCodes } from '@console/contracts/auth/actions'
import { useState } from 'react'
import { CarefulDialog } from './careful-dialog.tsx'
import { useConsole } from './console-provider.tsx'
import { RecoveryCodesDialog } from './recovery-codes-dialog.tsx'
import { useCareful } from './use-careful.ts'

/** Takes the authenticator away; without a passkey its recovery codes go too. */
export function RemoveAuthenticatorDialog({ hasPasskey, onClose }: { readonly hasPasskey: boolean; readonly onClose: () => void }) {
  const { client, retry } = useConsole()
  const careful = useCareful(() => client.call(removeTotp, {}), [listFactors])
  return (
    <CarefulDialog
      careful={careful}
      title="Remove your authenticator?"
      sub={
        hasPasskey
          ? 'Its codes sign you in no more. Your passkeys and recovery codes stay.'
          : 'The password alone signs you in again, and the recovery codes are good no more.'
      }
      cancel="Keep it"
      button="Remove the authenticator"
      look="risk"
      onClose={onClose}
      onDone={() => {
        retry()
        onClose()
      }}
    />
  )
}

/** New recovery codes; the old ones end with them. */
export function NewCodesDialog({ left, onClose }: { readonly left: number; readonly onClose: () => void }) {
  const { client } = useConsole()
  const [codes, setCodes] = useState<readonly string[] | null>(null)
  const careful = useCareful(() => client.call(renewRecoveryCodes, {}), [listFactors])
  if (codes) return <RecoveryCodesDialog codes={codes} sub="They are not shown again." onClose={onClose} />
  return (
    <CarefulDialog
      careful={careful}
      title={left === 0 ? 'Make recovery codes?' : 'Make new recovery codes?'}
      sub={left === 0 ? 'Each signs you in once, after the password, when your device is gone.' : `The ${left} that are left stop working.`}
      button="Make new codes"
      onClose={onClose}
      onDone={({ recoveryCodes }) => setCodes(recoveryCodes)}
    />
  )
}

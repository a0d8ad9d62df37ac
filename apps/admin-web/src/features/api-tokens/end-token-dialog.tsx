'use client'
import { CarefulFields } from '@console/console/careful-fields.tsx'
import { useConsole, usePerson } from '@console/console/console-provider.tsx'
import { useCareful } from '@console/console/use-careful.ts'
import { listApiTokens, listOwnApiTokens, revokeApiToken, revokeOwnApiToken } from '@console/contracts/api-tokens/actions'
import type { ApiToken } from '@console/contracts/api-tokens/schemas'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { Button } from '@console/ui/button.tsx'
import { Dialog } from '@console/ui/dialog.tsx'
import { Facts } from '@console/ui/panel.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { useToast } from '@console/ui/toast.tsx'

/** Ends a token for good; whatever uses it is refused within seconds. */
export function EndTokenDialog({ token, onClose }: { readonly token: ApiToken; readonly onClose: () => void }) {
  const { client } = useConsole()
  const { info } = usePerson()
  const toast = useToast()
  const title = cleanLogText(token.name)
  const action = token.owner.id === info?.user.id ? revokeOwnApiToken : revokeApiToken
  const careful = useCareful(() => client.call(action, { params: { id: token.id } }).then(() => true), [listApiTokens, listOwnApiTokens])
  const end = async (): Promise<void> => {
    if ((await careful.run()) !== true) return
    toast({ kind: 'ok', title: `${title} has ended` })
    onClose()
  }
  return (
    <Dialog
      open
      onClose={onClose}
      busy={careful.busy}
      title={`End the token ${title}?`}
      sub="What uses it is refused within 5 s. It cannot be brought back."
      footer={
        <span className="push row">
          <button type="button" className="btn" onClick={onClose}>
            Keep it
          </button>
          <Button look="risk" busy={careful.busy} onClick={() => void end()}>
            End the token
          </Button>
        </span>
      }
    >
      <CarefulFields {...careful} />
      <Facts
        boxed
        items={[
          ['Belongs to', cleanLogText(token.owner.name)],
          ['Last used', token.lastUsedAt ? <Ago key="used" at={token.lastUsedAt} /> : 'never'],
          [
            'May call',
            <span key="calls" className="mono small">
              {token.actions.join(', ')}
            </span>,
          ],
        ]}
      />
    </Dialog>
  )
}

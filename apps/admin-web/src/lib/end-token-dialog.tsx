'use client'
import { CarefulDialog } from '@console/console/careful-dialog.tsx'
import { useConsole, usePerson } from '@console/console/console-provider.tsx'
import { useCareful } from '@console/console/use-careful.ts'
import { listApiTokens, listOwnApiTokens, revokeApiToken, revokeOwnApiToken } from '@console/contracts/api-tokens/actions'
import type { ApiToken } from '@console/contracts/api-tokens/schemas'
import { cleanLogText } from '@console/log-text/clean-log-text'
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
  const careful = useCareful(() => client.call(action, { params: { id: token.id } }), [listApiTokens, listOwnApiTokens])
  return (
    <CarefulDialog
      careful={careful}
      title={`End the token ${title}?`}
      sub="What uses it is refused within 5 s. It cannot be brought back."
      cancel="Keep it"
      button="End the token"
      look="risk"
      onClose={onClose}
      onDone={() => {
        toast({ kind: 'ok', title: `${title} has ended` })
        onClose()
      }}
    >
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
    </CarefulDialog>
  )
}

'use client'
import { ConfirmDialog } from '@console/console/confirm-dialog.tsx'
import { useConsole } from '@console/console/console-provider.tsx'
import { listUsers, removeUser } from '@console/contracts/people/actions'
import type { User } from '@console/contracts/people/schemas'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { Facts } from '@console/ui/panel.tsx'
import { useToast } from '@console/ui/toast.tsx'
import { productLabel } from '../../lib/product-words.ts'

/** Deletes a person, by a confirmation that names them. Whoever may come back is disabled instead. */
export function RemovePersonDialog({ user, onClose }: { readonly user: User; readonly onClose: () => void }) {
  const { client } = useConsole()
  const toast = useToast()
  const name = cleanLogText(user.name || user.email)
  const access = user.memberships.map(({ productId, role }) => `${productLabel(productId)}: ${role}`).join(', ')
  return (
    <ConfirmDialog
      onClose={onClose}
      confirmation={{
        title: `Delete ${name} for good?`,
        sub: 'Whoever may come back is better disabled: then everything of them stays.',
        verb: removeUser.id,
        callee: 'platform-service',
        plan: { args: { id: user.id } },
        button: `Delete ${name}`,
        children: (
          <Facts
            boxed
            items={[
              ['E-mail', cleanLogText(user.email)],
              ['Loses', access || 'no access to any product'],
              ['Ends', `${user.sessionCount} ${user.sessionCount === 1 ? 'session' : 'sessions'}, every API token, password and factors`],
              ['Keeps', 'rows of the audit log, by name; deployments and whatever else they did'],
              ['Cannot be undone', 'an invite makes a new person, with nothing of this one'],
            ]}
          />
        ),
        changes: [listUsers],
        run: async (grant) => {
          await client.call(removeUser, { params: { id: user.id }, grant })
          toast({ kind: 'ok', title: `${name} is deleted` })
        },
      }}
    />
  )
}

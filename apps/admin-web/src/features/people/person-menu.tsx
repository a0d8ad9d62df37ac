'use client'
import { usePerson } from '@console/console/console-provider.tsx'
import { useWhyNot } from '@console/console/use-action.ts'
import { setMembership } from '@console/contracts/people/actions'
import type { User } from '@console/contracts/people/schemas'
import { Button } from '@console/ui/button.tsx'
import { Menu } from '@console/ui/menu.tsx'
import { Ellipsis } from 'lucide-react'
import { useState } from 'react'
import { DeedDialog } from './deed-dialog.tsx'
import { type PersonDeed, personDeeds } from './person-deeds.ts'
import { RemovePersonDialog } from './remove-person-dialog.tsx'
import { RolesDialog } from './roles-dialog.tsx'

type Item = PersonDeed | 'roles' | 'remove'
const label = (item: Item): string => (item === 'roles' ? 'Change roles…' : item === 'remove' ? 'Delete…' : personDeeds[item].item)

/** What can be done about one person. */
export function PersonMenu({ user }: { readonly user: User }) {
  const [open, setOpen] = useState<Item | null>(null)
  const denied = useWhyNot()(setMembership)
  const name = user.name || user.email
  const own = usePerson().info?.user.id === user.id
  const close = (): void => setOpen(null)
  if (denied)
    return (
      <Button
        look="quiet"
        small
        aria-label={`More for ${name}`}
        disabledReason={denied}
        reasonHidden
        icon={<Ellipsis className="ic s" aria-hidden="true" />}
      />
    )
  return (
    <>
      <Menu
        trigger={
          <button type="button" className="btn quiet i s" aria-label={`More for ${name}`}>
            <Ellipsis className="ic s" aria-hidden="true" />
          </button>
        }
        items={itemsFor(user, own).map((item) => ({ label: label(item), onSelect: () => setOpen(item) }))}
      />
      {open === 'roles' && <RolesDialog user={user} onClose={close} />}
      {open === 'remove' && <RemovePersonDialog user={user} onClose={close} />}
      {open !== null && open !== 'roles' && open !== 'remove' && <DeedDialog user={user} deed={open} onClose={close} />}
    </>
  )
}

/** Whoever looks at themselves changes the password in the profile. */
function itemsFor({ status, factors }: User, own: boolean): readonly Item[] {
  if (status === 'invited') return ['renew', 'revoke']
  if (status === 'disabled') return ['enable', 'roles', 'remove']
  return [
    'roles',
    'end',
    ...(own ? [] : (['password'] as const)),
    ...(factors.length > 1 ? (['factors'] as const) : []),
    'disable',
    'remove',
  ]
}

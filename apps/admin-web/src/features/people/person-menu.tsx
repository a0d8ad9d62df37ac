'use client'
import { CarefulDialog } from '@console/console/careful-dialog.tsx'
import { useConsole, usePerson } from '@console/console/console-provider.tsx'
import { useWhyNot } from '@console/console/use-action.ts'
import { useCareful } from '@console/console/use-careful.ts'
import { createResetLink } from '@console/contracts/passwords/actions'
import type { LinkHandedOver } from '@console/contracts/passwords/schemas'
import {
  disableUser,
  enableUser,
  endUserSessions,
  listUsers,
  removeMembership,
  renewInvite,
  resetUserFactors,
  revokeInvite,
  setMembership,
} from '@console/contracts/people/actions'
import type { User } from '@console/contracts/people/schemas'
import type { Role } from '@console/contracts/shapes'
import { Button } from '@console/ui/button.tsx'
import { SelectField, TextArea } from '@console/ui/field.tsx'
import { Menu } from '@console/ui/menu.tsx'
import { useToast } from '@console/ui/toast.tsx'
import { Ellipsis } from 'lucide-react'
import { useState } from 'react'
import { LinkDialog } from '../../lib/link-dialog.tsx'
import { useProducts } from '../../lib/use-products.ts'
import { RemovePersonDialog } from './remove-person-dialog.tsx'

type Deed = 'roles' | 'disable' | 'enable' | 'end' | 'password' | 'factors' | 'renew' | 'revoke'
const words: Record<Deed, { item: string; title: (name: string) => string; button: string; reason: boolean }> = {
  roles: { item: 'Change roles…', title: (name) => `Roles of ${name}`, button: 'Save roles', reason: false },
  disable: { item: 'Disable…', title: (name) => `Disable ${name}? Every session ends within seconds.`, button: 'Disable', reason: true },
  enable: { item: 'Enable…', title: (name) => `Let ${name} sign in again?`, button: 'Enable', reason: false },
  end: { item: 'End every session…', title: (name) => `End every session of ${name}?`, button: 'End sessions', reason: true },
  password: {
    item: 'Reset password…',
    title: (name) => `Give ${name} a link to set a new password? The present one stays good until it is used.`,
    button: 'Make the link',
    reason: true,
  },
  factors: {
    item: 'Reset second factor…',
    title: (name) => `Take the second factor of ${name} away? The password is enough again, and every session ends.`,
    button: 'Reset second factor',
    reason: true,
  },
  renew: { item: 'New link…', title: (name) => `Make a new link for ${name}? The old one ends.`, button: 'Make a new link', reason: false },
  revoke: { item: 'Revoke the invite…', title: (name) => `Revoke the invite of ${name}?`, button: 'Revoke', reason: false },
}
const roles = ['none', 'viewer', 'operator', 'admin'].map((value) => ({ value, label: value === 'none' ? 'no access' : value }))

/** What can be done about one person. */
export function PersonMenu({ user }: { readonly user: User }) {
  const [deed, setDeed] = useState<Deed | null>(null)
  const [removing, setRemoving] = useState(false)
  const whyNot = useWhyNot()
  const denied = whyNot(setMembership)
  const own = usePerson().info?.user.id === user.id
  const deeds: Deed[] =
    user.status === 'invited'
      ? ['renew', 'revoke']
      : user.status === 'disabled'
        ? ['enable', 'roles']
        : ['roles', 'end', ...(own ? [] : (['password'] as const)), ...(user.factors.length > 1 ? (['factors'] as const) : []), 'disable']
  const name = user.name || user.email
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
        items={[
          ...deeds.map((one) => ({ label: words[one].item, onSelect: () => setDeed(one) })),
          ...(user.status === 'invited' ? [] : [{ label: 'Delete…', onSelect: () => setRemoving(true) }]),
        ]}
      />
      {removing && <RemovePersonDialog user={user} onClose={() => setRemoving(false)} />}
      {deed && <DeedDialog user={user} name={name} deed={deed} onClose={() => setDeed(null)} />}
    </>
  )
}

function DeedDialog({
  user,
  name,
  deed,
  onClose,
}: {
  readonly user: User
  readonly name: string
  readonly deed: Deed
  readonly onClose: () => void
}) {
  const { client } = useConsole()
  const toast = useToast()
  const [reason, setReason] = useState('')
  const roleIn = (productId: string): string => user.memberships.find((membership) => membership.productId === productId)?.role ?? 'none'
  const [chosen, setChosen] = useState<Record<string, string>>({})
  const roleAfter = (productId: string): string => chosen[productId] ?? roleIn(productId)
  const products = useProducts()
  const [made, setMade] = useState<LinkHandedOver | null>(null)
  const params = { id: user.id }
  const saveRoles = async (): Promise<void> => {
    for (const { id: productId } of products) {
      const role = roleAfter(productId)
      if (role === roleIn(productId)) continue
      if (role === 'none') await client.call(removeMembership, { params: { userId: user.id, productId } })
      else await client.call(setMembership, { params: { userId: user.id, productId }, body: { role: role as Role } })
    }
  }
  /** Answers the link where one was made. */
  const careful = useCareful(async () => {
    if (deed === 'roles') await saveRoles()
    else if (deed === 'disable') await client.call(disableUser, { params, body: { reason: reason.trim() } })
    else if (deed === 'enable') await client.call(enableUser, { params })
    else if (deed === 'end') await client.call(endUserSessions, { params, body: { reason: reason.trim() } })
    else if (deed === 'factors') await client.call(resetUserFactors, { params, body: { reason: reason.trim() } })
    else if (deed === 'revoke') await client.call(revokeInvite, { params })
    else if (deed === 'password') return await client.call(createResetLink, { params, body: { reason: reason.trim() } })
    else {
      const { invite, ...handed } = await client.call(renewInvite, { params })
      return { ...handed, expiresAt: invite.expiresAt }
    }
    return null
  }, [listUsers])
  const { title, button, reason: needsReason } = words[deed]
  const last =
    user.lastAdmin && (deed === 'disable' || (deed === 'roles' && roleAfter('bytelyst-platform') !== 'admin'))
      ? 'The last active platform admin stays'
      : null
  const done = (link: typeof made): void => {
    if (link) setMade(link)
    else {
      toast({ kind: 'ok', title: `Done for ${name}` })
      onClose()
    }
  }
  if (made) return <LinkDialog title="A new link" to={user.email} made={made} onClose={onClose} />
  return (
    <CarefulDialog
      careful={careful}
      title={title(name)}
      button={button}
      look={deed === 'disable' || deed === 'revoke' || deed === 'end' || deed === 'factors' ? 'risk' : 'ink'}
      trouble={last ?? (needsReason && reason.trim().length < 3 ? 'Give a reason of at least 3 characters' : null)}
      troubleShown
      onClose={onClose}
      onDone={done}
    >
      {deed === 'roles' && (
        <div className="g2">
          {products.map(({ id, label }) => (
            <SelectField
              key={id}
              label={label}
              options={roles}
              value={roleAfter(id)}
              onChange={(event) => setChosen({ ...chosen, [id]: event.target.value })}
            />
          ))}
        </div>
      )}
      {needsReason && (
        <TextArea
          label="Reason"
          rows={2}
          value={reason}
          hint="Kept in the audit log."
          onChange={(event) => setReason(event.target.value)}
        />
      )}
    </CarefulDialog>
  )
}

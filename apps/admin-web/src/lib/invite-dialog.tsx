'use client'
import { CarefulDialog } from '@console/console/careful-dialog.tsx'
import { useConsole } from '@console/console/console-provider.tsx'
import { useCareful } from '@console/console/use-careful.ts'
import type { LinkHandedOver } from '@console/contracts/passwords/schemas'
import { createInvite, listInvites, listUsers } from '@console/contracts/people/actions'
import type { Role } from '@console/contracts/shapes'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { SelectField, TextField } from '@console/ui/field.tsx'
import { useRef, useState } from 'react'
import { LinkDialog } from './link-dialog.tsx'
import { useProducts } from './use-products.ts'

type Access = { readonly role: Role | 'none'; readonly plan: string; readonly until: string }
const noAccess: Access = { role: 'none', plan: '', until: '' }
const roles = ['none', 'viewer', 'operator', 'admin'].map((value) => ({ value, label: value === 'none' ? 'no access' : value }))

/** Invites somebody by a link that is mailed, or copied here; who they are and what they may is fixed now. */
export function InviteDialog({ onClose }: { readonly onClose: () => void }) {
  const { client } = useConsole()
  const [form, setForm] = useState({ email: '', name: '', hours: '72' })
  const [accessTo, setAccessTo] = useState<Record<string, Access>>({ 'bytelyst-devops': { ...noAccess, role: 'viewer' } })
  const products = useProducts()
  const [made, setMade] = useState<LinkHandedOver | null>(null)
  const field = useRef<HTMLInputElement>(null)
  const set = (part: Partial<typeof form>): void => setForm({ ...form, ...part })
  const memberships = products.flatMap(({ id }) => {
    const { role, plan, until } = accessTo[id] ?? noAccess
    if (role === 'none') return []
    return [{ productId: id, role, ...(plan !== '' && { plan }), expiresAt: until === '' ? null : `${until}T23:59:59.000Z` }]
  })
  const careful = useCareful(
    () =>
      client.call(createInvite, {
        body: { email: form.email, memberships, expiresInHours: Number(form.hours), ...(form.name.trim() && { name: form.name.trim() }) },
      }),
    [listUsers, listInvites],
  )
  const trouble = !form.email.includes('@')
    ? 'Type an e-mail address'
    : memberships.length === 0
      ? 'Choose a role in one product at least'
      : null
  if (made) return <LinkDialog title={`${form.email} is invited`} to={form.email} made={made} onClose={onClose} />
  return (
    <CarefulDialog
      careful={careful}
      title="Invite a person"
      button="Invite"
      trouble={trouble}
      initialFocus={field}
      onClose={onClose}
      onDone={({ invite, ...handed }) => setMade({ ...handed, expiresAt: invite.expiresAt })}
    >
      <TextField
        ref={field}
        label="E-mail"
        type="email"
        autoComplete="off"
        value={form.email}
        error={careful.error?.fields.find((one) => one.field === 'body.email')?.message}
        onChange={(event) => set({ email: event.target.value })}
      />
      <TextField
        label="Name"
        hint="May be empty; they can change it"
        autoComplete="off"
        value={form.name}
        onChange={(event) => set({ name: event.target.value })}
      />
      {products.map(({ id, label, plans }) => (
        <AccessChoice
          key={id}
          label={label}
          plans={plans}
          access={accessTo[id] ?? noAccess}
          onChange={(access) => setAccessTo({ ...accessTo, [id]: access })}
        />
      ))}
      <TextField
        label="Link ends after, h"
        inputMode="numeric"
        value={form.hours}
        onChange={(event) => set({ hours: event.target.value })}
      />
    </CarefulDialog>
  )
}

/** What somebody gets in one product; plan and end only where they get something. */
function AccessChoice({
  label,
  plans,
  access,
  onChange,
}: {
  readonly label: string
  readonly plans: readonly string[]
  readonly access: Access
  readonly onChange: (access: Access) => void
}) {
  return (
    <div className="g3">
      <SelectField
        label={`Role in ${label}`}
        options={roles}
        value={access.role}
        onChange={(event) => onChange({ ...access, role: event.target.value as Access['role'] })}
      />
      {access.role !== 'none' && (
        <>
          <SelectField
            label={`Plan in ${label}`}
            options={
              plans.length === 0
                ? [{ value: '', label: 'the usual one' }]
                : plans.map((plan) => ({ value: plan, label: cleanLogText(plan) }))
            }
            value={access.plan || (plans[0] ?? '')}
            onChange={(event) => onChange({ ...access, plan: event.target.value })}
          />
          <TextField
            label={`In ${label} until, UTC`}
            type="date"
            hint="Empty is no end"
            value={access.until}
            onChange={(event) => onChange({ ...access, until: event.target.value })}
          />
        </>
      )}
    </div>
  )
}

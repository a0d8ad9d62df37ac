'use client'
import { CarefulDialog } from '@console/console/careful-dialog.tsx'
import { useConsole } from '@console/console/console-provider.tsx'
import { useCareful } from '@console/console/use-careful.ts'
import { createInvite, listUsers } from '@console/contracts/people/actions'
import type { Role } from '@console/contracts/shapes'
import { SelectField, TextField } from '@console/ui/field.tsx'
import { useRef, useState } from 'react'
import { InviteLinkDialog } from './invite-link-dialog.tsx'

const roles = ['none', 'viewer', 'operator', 'admin'].map((value) => ({ value, label: value === 'none' ? 'no access' : value }))

/** Invites somebody by a link that is copied here; who they are and what they may is fixed now. */
export function InviteDialog({ onClose }: { readonly onClose: () => void }) {
  const { client } = useConsole()
  const [form, setForm] = useState({ email: '', name: '', devops: 'viewer', platform: 'none', hours: '72' })
  const [made, setMade] = useState<{ link: string; expiresAt: string } | null>(null)
  const field = useRef<HTMLInputElement>(null)
  const set = (part: Partial<typeof form>): void => setForm({ ...form, ...part })
  const memberships = [
    ['bytelyst-devops', form.devops],
    ['bytelyst-platform', form.platform],
  ]
    .filter(([, role]) => role !== 'none')
    .map(([productId = '', role]) => ({ productId, role: role as Role }))
  const careful = useCareful(
    () =>
      client.call(createInvite, {
        body: { email: form.email, memberships, expiresInHours: Number(form.hours), ...(form.name.trim() && { name: form.name.trim() }) },
      }),
    [listUsers],
  )
  const trouble = !form.email.includes('@')
    ? 'Type an e-mail address'
    : memberships.length === 0
      ? 'Choose a role in one product at least'
      : null
  if (made) return <InviteLinkDialog title={`${form.email} is invited`} {...made} onClose={onClose} />
  return (
    <CarefulDialog
      careful={careful}
      title="Invite a person"
      button="Make the invite link"
      trouble={trouble}
      initialFocus={field}
      onClose={onClose}
      onDone={({ link, invite }) => setMade({ link, expiresAt: invite.expiresAt })}
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
      <div className="g3">
        <SelectField label="Role in DevOps" options={roles} value={form.devops} onChange={(event) => set({ devops: event.target.value })} />
        <SelectField
          label="Role in Platform Admin"
          options={roles}
          value={form.platform}
          onChange={(event) => set({ platform: event.target.value })}
        />
        <TextField
          label="Link ends after, h"
          inputMode="numeric"
          value={form.hours}
          onChange={(event) => set({ hours: event.target.value })}
        />
      </div>
    </CarefulDialog>
  )
}

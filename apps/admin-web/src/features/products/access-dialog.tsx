'use client'
import { CarefulDialog } from '@console/console/careful-dialog.tsx'
import { useConsole } from '@console/console/console-provider.tsx'
import { useCareful } from '@console/console/use-careful.ts'
import { getUser, listUsers, removeMembership, setMembership } from '@console/contracts/people/actions'
import type { User } from '@console/contracts/people/schemas'
import { getProduct, listProducts } from '@console/contracts/products/actions'
import type { Product } from '@console/contracts/products/schemas'
import type { Role } from '@console/contracts/shapes'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { SelectField, TextField } from '@console/ui/field.tsx'
import { useToast } from '@console/ui/toast.tsx'
import { useRef, useState } from 'react'
import { PersonChoice } from './person-choice.tsx'

const roles = ['viewer', 'operator', 'admin'].map((value) => ({ value, label: value }))
const none = { value: 'none', label: 'no access' }

/** Gives a person access to a product, changes it, or takes it away. @param props.user nobody yet where null */
export function AccessDialog({
  product,
  user,
  onClose,
}: {
  readonly product: Product
  readonly user: User | null
  readonly onClose: () => void
}) {
  const { client } = useConsole()
  const toast = useToast()
  const first = useRef<HTMLInputElement>(null)
  const [person, setPerson] = useState(user)
  const before = user?.memberships.find(({ productId }) => productId === product.id)
  const [draft, setDraft] = useState({
    role: before?.role ?? product.defaultRole,
    plan: before?.plan ?? product.plans[0] ?? '',
    until: before?.expiresAt?.slice(0, 10) ?? '',
  } as { role: Role | 'none'; plan: string; until: string })
  const takes = draft.role === 'none'
  const careful = useCareful(() => {
    const params = { userId: person?.id ?? '', productId: product.id }
    if (draft.role === 'none') return client.call(removeMembership, { params })
    return client.call(setMembership, {
      params,
      body: { role: draft.role, plan: draft.plan, expiresAt: endOf(draft.until, before?.expiresAt) },
    })
  }, [listUsers, getUser, listProducts, getProduct])
  const name = cleanLogText(person?.name || person?.email || '')
  const isPlatform = product.id === 'bytelyst-platform'
  const keepsLast = person?.lastAdmin === true && isPlatform && (draft.role !== 'admin' || draft.until !== '')
  const trouble = person === null ? 'Choose a person' : keepsLast ? 'The last active platform admin stays, without an end' : null
  return (
    <CarefulDialog
      careful={careful}
      title={user ? `Access of ${name} to ${cleanLogText(product.name)}` : `Give access to ${cleanLogText(product.name)}`}
      sub={draft.role === 'admin' ? 'An admin may do everything there, what destroys included.' : undefined}
      button={takes ? 'Take the access away' : user ? 'Save the access' : 'Give access'}
      look={takes ? 'risk' : 'ink'}
      trouble={trouble}
      troubleShown
      {...(!user && { initialFocus: first })}
      onClose={onClose}
      onDone={() => {
        toast({ kind: 'ok', title: takes ? `${name} has no access any more` : `${name} is ${draft.role}` })
        onClose()
      }}
    >
      {!user && <PersonChoice ref={first} label="A person" value={person?.id ?? ''} onChange={setPerson} />}
      <div className="g3">
        <SelectField
          label="Role"
          options={before ? [...roles, none] : roles}
          value={draft.role}
          onChange={(event) => setDraft({ ...draft, role: event.target.value as Role | 'none' })}
        />
        <SelectField
          label="Plan"
          options={[...new Set([...product.plans, draft.plan])].map((plan) => ({ value: plan, label: cleanLogText(plan) }))}
          value={draft.plan}
          onChange={(event) => setDraft({ ...draft, plan: event.target.value })}
        />
        <TextField
          label="Until, UTC"
          type="date"
          hint="The end of that day; empty is no end"
          value={draft.until}
          onChange={(event) => setDraft({ ...draft, until: event.target.value })}
        />
      </div>
    </CarefulDialog>
  )
}

/** The end of a day, unless that day was chosen before at another hour, which then stays. */
function endOf(day: string, before: string | null | undefined): string | null {
  if (day === '') return null
  return before?.startsWith(day) ? before : `${day}T23:59:59.000Z`
}

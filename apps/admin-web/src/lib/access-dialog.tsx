'use client'
import { CarefulDialog } from '@console/console/careful-dialog.tsx'
import { useConsole } from '@console/console/console-provider.tsx'
import { useCareful } from '@console/console/use-careful.ts'
import { removeMembership, setMembership } from '@console/contracts/people/actions'
import type { User } from '@console/contracts/people/schemas'
import type { Product } from '@console/contracts/products/schemas'
import type { Role } from '@console/contracts/shapes'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { SelectField, TextField } from '@console/ui/field.tsx'
import { useToast } from '@console/ui/toast.tsx'
import { useRef, useState } from 'react'
import { PersonChoice } from './person-choice.tsx'
import { personReads } from './person-reads.ts'

type Person = Pick<User, 'id' | 'name' | 'email' | 'memberships' | 'lastAdmin'>
type Draft = { readonly role: Role | 'none'; readonly plan: string; readonly until: string }
const roles = ['viewer', 'operator', 'admin'].map((value) => ({ value, label: value }))
const none = { value: 'none', label: 'no access' }

/**
 * Gives a person access to a product, changes it, or takes it away. Where the person or the product is not said, it is chosen first.
 * @param props.products those that can be chosen where none is said
 */
export function AccessDialog({
  product: said,
  products = [],
  user,
  onClose,
}: {
  readonly product: Product | null
  readonly products?: readonly Product[]
  readonly user: Person | null
  readonly onClose: () => void
}) {
  const { client } = useConsole()
  const toast = useToast()
  const first = useRef<HTMLInputElement>(null)
  const [person, setPerson] = useState<Person | null>(user)
  const [product, setProduct] = useState(said ?? products[0] ?? null)
  const before = membershipIn(person, product)
  const [draft, setDraft] = useState<Draft>(draftOf(before, product))
  const choosePerson = (next: Person | null): void => {
    setPerson(next)
    setDraft(draftOf(membershipIn(next, product), product))
  }
  const takes = draft.role === 'none'
  const careful = useCareful(() => {
    const params = { userId: person?.id ?? '', productId: product?.id ?? '' }
    if (draft.role === 'none') return client.call(removeMembership, { params })
    const expiresAt = endOf(draft.until, before?.expiresAt)
    return client.call(setMembership, { params, body: { role: draft.role, plan: draft.plan, expiresAt } })
  }, personReads)
  const [name, where] = [cleanLogText(person?.name || person?.email || ''), cleanLogText(product?.name ?? '')]
  return (
    <CarefulDialog
      careful={careful}
      title={titleOf({ user: user && name, product: said && where, changes: before !== undefined })}
      sub={draft.role === 'admin' ? 'An admin may do everything there, what destroys included.' : undefined}
      button={takes ? 'Take the access away' : before ? 'Save the access' : 'Give access'}
      look={takes ? 'risk' : 'ink'}
      trouble={troubleOf(person, product, draft)}
      troubleShown
      {...(!user && { initialFocus: first })}
      onClose={onClose}
      onDone={() => {
        toast({ kind: 'ok', title: takes ? `${name} has no access any more` : `${name} is ${draft.role}` })
        onClose()
      }}
    >
      {!user && <PersonChoice ref={first} label="A person" value={person?.id ?? ''} onChange={choosePerson} />}
      {!said && (
        <SelectField
          label="Product"
          options={products.map(({ id, name: label }) => ({ value: id, label: cleanLogText(label) }))}
          value={product?.id ?? ''}
          onChange={(event) => {
            const next = products.find(({ id }) => id === event.target.value) ?? null
            setProduct(next)
            setDraft(draftOf(membershipIn(person, next), next))
          }}
        />
      )}
      <AccessFields draft={draft} onChange={setDraft} plans={product?.plans ?? []} removable={before !== undefined} />
    </CarefulDialog>
  )
}

/** Names what was known when the dialog opened. */
function titleOf({ user, product, changes }: { user: string | null; product: string | null; changes: boolean }): string {
  if (user !== null && product !== null) return changes ? `Access of ${user} to ${product}` : `Give ${user} access to ${product}`
  if (user !== null) return `Give ${user} access`
  return product === null ? 'Give access' : `Give access to ${product}`
}

function AccessFields({
  draft,
  onChange,
  plans,
  removable,
}: {
  readonly draft: Draft
  readonly onChange: (draft: Draft) => void
  readonly plans: readonly string[]
  readonly removable: boolean
}) {
  return (
    <div className="g3">
      <SelectField
        label="Role"
        options={removable ? [...roles, none] : roles}
        value={draft.role}
        onChange={(event) => onChange({ ...draft, role: event.target.value as Role | 'none' })}
      />
      <SelectField
        label="Plan"
        options={[...new Set([...plans, draft.plan])].map((plan) => ({ value: plan, label: cleanLogText(plan) }))}
        value={draft.plan}
        onChange={(event) => onChange({ ...draft, plan: event.target.value })}
      />
      <TextField
        label="Until, UTC"
        type="date"
        hint="The end of that day; empty is no end"
        value={draft.until}
        onChange={(event) => onChange({ ...draft, until: event.target.value })}
      />
    </div>
  )
}

function membershipIn(person: Person | null, product: Product | null): User['memberships'][number] | undefined {
  return person?.memberships.find(({ productId }) => productId === product?.id)
}

function draftOf(before: User['memberships'][number] | undefined, product: Product | null): Draft {
  return {
    role: before?.role ?? product?.defaultRole ?? 'viewer',
    plan: before?.plan ?? product?.plans[0] ?? '',
    until: before?.expiresAt?.slice(0, 10) ?? '',
  }
}

function troubleOf(person: Person | null, product: Product | null, { role, until }: Draft): string | null {
  if (person === null) return 'Choose a person'
  if (product === null) return 'Choose a product'
  const staysAdmin = role === 'admin' && until === ''
  return person.lastAdmin && product.id === 'bytelyst-platform' && !staysAdmin
    ? 'The last active platform admin stays, without an end'
    : null
}

/** The end of a day, unless that day was chosen before at another hour, which then stays. */
function endOf(day: string, before: string | null | undefined): string | null {
  if (day === '') return null
  return before?.startsWith(day) ? before : `${day}T23:59:59.000Z`
}

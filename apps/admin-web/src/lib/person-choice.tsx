'use client'
import { useRead } from '@console/console/use-action.ts'
import { listUsers } from '@console/contracts/people/actions'
import type { User } from '@console/contracts/people/schemas'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { SelectField, TextField } from '@console/ui/field.tsx'
import { type Ref, useState } from 'react'

const shown = 20

/** One person among all, found by a part of name or e-mail; an open invite is nobody yet. */
export function PersonChoice({
  label,
  value,
  onChange,
  ref,
}: {
  readonly label: string
  readonly value: string
  readonly onChange: (person: User | null) => void
  readonly ref?: Ref<HTMLInputElement>
}) {
  const [q, setQ] = useState('')
  const wanted = q.trim()
  const found = useRead(listUsers, { query: { q: wanted, limit: String(shown) } }, { enabled: wanted.length > 1 })
  const people = wanted.length > 1 ? (found.data?.items ?? []).filter(({ status }) => status !== 'invited') : []
  const more = (found.data?.total ?? 0) - shown
  const hint = wanted.length < 2 ? 'Type a part of the name or e-mail' : more > 0 ? `And ${more} more: type on` : undefined
  return (
    <div className="g2">
      <TextField
        ref={ref}
        label={`Find ${label.toLowerCase()}`}
        autoComplete="off"
        value={q}
        hint={hint}
        onChange={(event) => setQ(event.target.value)}
      />
      <SelectField
        label={label}
        value={people.some(({ id }) => id === value) ? value : ''}
        options={[
          { value: '', label: people.length === 0 && wanted.length > 1 && !found.isFetching ? 'nobody matches' : 'choose' },
          ...people.map(({ id, name, email }) => ({ value: id, label: `${cleanLogText(name)} (${email})` })),
        ]}
        onChange={(event) => onChange(people.find(({ id }) => id === event.target.value) ?? null)}
      />
    </div>
  )
}

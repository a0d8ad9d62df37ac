'use client'
import { ListTable } from '@console/console/list-table.tsx'
import { PageButtons } from '@console/console/page-buttons.tsx'
import { useRead, useWhyNot } from '@console/console/use-action.ts'
import { listUsers, setMembership } from '@console/contracts/people/actions'
import type { User } from '@console/contracts/people/schemas'
import type { Product } from '@console/contracts/products/schemas'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { Button } from '@console/ui/button.tsx'
import { formatDay } from '@console/ui/format.ts'
import { SearchField } from '@console/ui/search-field.tsx'
import { Segmented } from '@console/ui/segmented.tsx'
import { Blank } from '@console/ui/states.tsx'
import { Status } from '@console/ui/status.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { debounce, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'
import { useState } from 'react'
import { AccessDialog } from '../../lib/access-dialog.tsx'
import { secondFactorsOf } from '../../lib/factor-words.ts'
import { PersonCell, shownName } from '../../lib/person-cell.tsx'

const columns = 7
const roles = ['viewer', 'operator', 'admin'] as const
const typingMs = 150
const fields = { q: parseAsString.withDefault(''), role: parseAsStringLiteral(roles), cursor: parseAsString }

/** People with access to a product, open invites to it among them. */
export function AccessTable({ product }: { readonly product: Product }) {
  const [{ q, role, cursor }, set] = useQueryStates(fields)
  const query = { productId: product.id, q: q || undefined, role: role ?? undefined, cursor: cursor ?? undefined, limit: '50' }
  const people = useRead(listUsers, { query }, { every: 15_000 })
  const [chosen, setChosen] = useState<User | null>(null)
  const data = people.data
  return (
    <>
      <div className="tools2">
        <SearchField
          label="Search who has access"
          placeholder="Name or e-mail"
          value={q}
          onChange={(next) => void set({ q: next, cursor: null }, { limitUrlUpdates: debounce(typingMs) })}
        />
        <Segmented
          label="Role"
          value={role ?? 'all'}
          onChange={(next) => void set({ role: next === 'all' ? null : next, cursor: null })}
          options={[{ value: 'all', label: 'All' }, ...roles.map((one) => ({ value: one, label: one }))]}
        />
      </div>
      <ListTable
        label="Who has access"
        query={people}
        what="People with access"
        className="two stk"
        columns={columns}
        head={
          <>
            <th>Person</th>
            <th>Role</th>
            <th>Plan</th>
            <th>Until</th>
            <th className="m1">Second factor</th>
            <th>Last seen</th>
            <th>
              <span className="vh">Actions</span>
            </th>
          </>
        }
        rows={(data?.items ?? []).map((user) => (
          <AccessRow key={user.id} user={user} productId={product.id} onChange={() => setChosen(user)} />
        ))}
        empty={
          <Blank title={q || role ? 'Nobody matches' : 'Nobody has access'}>Give access, or invite somebody who is not here yet.</Blank>
        }
        footer={
          <>
            <span>{data ? `${data.items.length} of ${data.total} · a changed role counts within 5 s` : ''}</span>
            <PageButtons cursor={cursor} next={data?.nextCursor} onPage={(next) => void set({ cursor: next })} />
          </>
        }
      />
      {chosen && <AccessDialog product={product} user={chosen} onClose={() => setChosen(null)} />}
    </>
  )
}

function AccessRow({ user, productId, onChange }: { readonly user: User; readonly productId: string; readonly onChange: () => void }) {
  const denied = useWhyNot()(setMembership)
  const membership = user.memberships.find((one) => one.productId === productId)
  const name = shownName(user)
  const second = secondFactorsOf(user.factors)
  return (
    <tr data-row>
      <PersonCell user={user} />
      <td className="t2">{membership?.role === 'admin' ? <b>admin</b> : (membership?.role ?? '–')}</td>
      <td className="c2" data-l="Plan">
        {cleanLogText(membership?.plan ?? '–')}
      </td>
      <td className="c2 nowrap" data-l="Until">
        {membership?.expiresAt ? <time dateTime={membership.expiresAt}>{formatDay(membership.expiresAt)}</time> : 'no end'}
      </td>
      <td className="m1" data-l="Second factor">
        {user.status === 'invited' ? '–' : second !== '' ? second : <Status kind="warn">none</Status>}
      </td>
      <td className="c2 nowrap" data-l="Last seen">
        {user.status === 'invited' ? <Status kind="queued">invited</Status> : user.lastSeenAt ? <Ago at={user.lastSeenAt} /> : 'never'}
      </td>
      <td className="act">
        {user.status !== 'invited' && (
          <Button small aria-label={`Change access of ${name}…`} disabledReason={denied} reasonHidden onClick={onChange}>
            Change…
          </Button>
        )}
      </td>
    </tr>
  )
}

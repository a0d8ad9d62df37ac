'use client'
import { QueryState } from '@console/console/query-state.tsx'
import { useRead, useWhyNot } from '@console/console/use-action.ts'
import { createInvite, listUsers } from '@console/contracts/people/actions'
import type { User } from '@console/contracts/people/schemas'
import { Button } from '@console/ui/button.tsx'
import { PageHead } from '@console/ui/page-head.tsx'
import { Blank } from '@console/ui/states.tsx'
import { Status, type StatusKind } from '@console/ui/status.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { ArrowDown, ArrowUp, Search, UserPlus } from 'lucide-react'
import { parseAsString, parseAsStringLiteral, useQueryState } from 'nuqs'
import { useState } from 'react'
import { InviteDialog } from './invite-dialog.tsx'
import { PersonMenu } from './person-menu.tsx'

const sorts = ['name', 'email', 'status', 'lastSeenAt', 'createdAt'] as const
const kinds: Record<User['status'], StatusKind> = { active: 'ok', invited: 'queued', disabled: 'cancelled' }
const products = [
  { value: '', label: 'any product' },
  { value: 'bytelyst-devops', label: 'DevOps' },
  { value: 'bytelyst-platform', label: 'Platform Admin' },
]

/** Everybody who has access, and who is invited. */
export function PeoplePage() {
  const [q, setQ] = useQueryState('q', parseAsString.withDefault(''))
  const [status, setStatus] = useQueryState('status', parseAsStringLiteral(['active', 'invited', 'disabled'] as const))
  const [productId, setProduct] = useQueryState('product', parseAsString.withDefault(''))
  const [role, setRole] = useQueryState('role', parseAsStringLiteral(['viewer', 'operator', 'admin'] as const))
  const [sort, setSort] = useQueryState('sort', parseAsStringLiteral(sorts).withDefault('name'))
  const [direction, setDirection] = useQueryState('direction', parseAsStringLiteral(['asc', 'desc'] as const).withDefault('asc'))
  const [cursor, setCursor] = useQueryState('cursor', parseAsString)
  const [inviting, setInviting] = useState(false)
  const people = useRead(
    listUsers,
    {
      query: {
        q: q || undefined,
        status: status ?? undefined,
        productId: productId || undefined,
        role: role ?? undefined,
        sort,
        direction,
        limit: '50',
        cursor: cursor ?? undefined,
      },
    },
    { every: 15_000 },
  )
  const whyNot = useWhyNot()
  const total = people.data?.total ?? 0
  const change = (run: () => unknown): void => {
    run()
    void setCursor(null)
  }
  const head = (field: (typeof sorts)[number], label: string) => (
    <th aria-sort={sort === field ? (direction === 'asc' ? 'ascending' : 'descending') : 'none'}>
      <button
        type="button"
        onClick={() => change(() => (sort === field ? void setDirection(direction === 'asc' ? 'desc' : 'asc') : void setSort(field)))}
      >
        {label}
        {sort === field &&
          (direction === 'asc' ? <ArrowUp className="ic s" aria-hidden="true" /> : <ArrowDown className="ic s" aria-hidden="true" />)}
      </button>
    </th>
  )
  return (
    <>
      <PageHead
        title={`${total} ${total === 1 ? 'person' : 'people'}`}
        sub="Who has access to which product, and at which role."
        actions={
          <Button
            look="ink"
            icon={<UserPlus className="ic s" aria-hidden="true" />}
            disabledReason={whyNot(createInvite)}
            onClick={() => setInviting(true)}
          >
            Invite person…
          </Button>
        }
      />
      <div className="tools2">
        <span className="search grow">
          <Search className="ic s" aria-hidden="true" />
          <input
            className="inp"
            type="search"
            aria-label="Search people"
            placeholder="Name or e-mail"
            value={q}
            onChange={(event) => change(() => void setQ(event.target.value || null))}
          />
        </span>
        <select
          className="inp msg"
          aria-label="Status"
          value={status ?? ''}
          onChange={(event) => change(() => void setStatus((event.target.value || null) as 'active' | null))}
        >
          {['', 'active', 'invited', 'disabled'].map((value) => (
            <option key={value} value={value}>
              {value || 'any status'}
            </option>
          ))}
        </select>
        <select
          className="inp msg"
          aria-label="Product"
          value={productId}
          onChange={(event) => change(() => void setProduct(event.target.value || null))}
        >
          {products.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
        <select
          className="inp msg"
          aria-label="Role"
          value={role ?? ''}
          onChange={(event) => change(() => void setRole((event.target.value || null) as 'viewer' | null))}
        >
          {['', 'viewer', 'operator', 'admin'].map((value) => (
            <option key={value} value={value}>
              {value || 'any role'}
            </option>
          ))}
        </select>
      </div>
      <section className="panel" aria-label="People">
        <QueryState query={people} what="People" />
        {people.data && people.data.items.length === 0 && <Blank title="Nobody matches" />}
        {people.data && people.data.items.length > 0 && (
          <table className="tbl two stk">
            <thead>
              <tr>
                {head('name', 'Person')}
                {head('status', 'Status')}
                <th>Access</th>
                <th className="m1">Signs in with</th>
                <th className="num">Sessions</th>
                <th className="num m1">Misses</th>
                {head('lastSeenAt', 'Last seen')}
                <th>
                  <span className="vh">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {people.data.items.map((user) => (
                <tr key={user.id}>
                  <td className="name t1">
                    <span className="row">
                      <span className="avatar s" aria-hidden="true">
                        {(user.name || user.email).slice(0, 2).toUpperCase()}
                      </span>
                      <b>{user.name || user.email}</b>
                    </span>
                    <span className="sub">{user.email}</span>
                  </td>
                  <td className="t2">
                    <Status kind={kinds[user.status]}>{user.status}</Status>
                    {user.disabledReason && <span className="sub">{user.disabledReason}</span>}
                  </td>
                  <td data-l="Access">
                    {user.memberships.length === 0 ? (
                      <span className="c3">none</span>
                    ) : (
                      user.memberships.map((membership) => (
                        <span className={`mx ${membership.role}`} key={membership.productId}>
                          <span className="lv3" aria-hidden="true">
                            <i />
                            <i />
                            <i />
                          </span>
                          {products.find(({ value }) => value === membership.productId)?.label ?? membership.productId}: {membership.role}
                        </span>
                      ))
                    )}
                  </td>
                  <td className="small c2 m1" data-l="With">
                    {user.factors.join(', ') || '–'}
                  </td>
                  <td className="num" data-l="Sessions">
                    {user.sessionCount}
                  </td>
                  <td className="num m1" data-l="Misses">
                    {user.failedSignIns > 0 ? <Status kind="warn">{user.failedSignIns}</Status> : '0'}
                  </td>
                  <td data-l="Seen">{user.lastSeenAt ? <Ago at={user.lastSeenAt} /> : <span className="c3">never</span>}</td>
                  <td className="act">
                    <PersonMenu user={user} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {(cursor || people.data?.nextCursor) && (
          <footer>
            <span className="push row">
              {cursor && (
                <Button small onClick={() => void setCursor(null)}>
                  First page
                </Button>
              )}
              {people.data?.nextCursor && (
                <Button small onClick={() => void setCursor(people.data?.nextCursor ?? null)}>
                  Next page
                </Button>
              )}
            </span>
          </footer>
        )}
      </section>
      {inviting && <InviteDialog onClose={() => setInviting(false)} />}
    </>
  )
}

'use client'
import { ListTable } from '@console/console/list-table.tsx'
import { PageButtons } from '@console/console/page-buttons.tsx'
import type { Query } from '@console/console/query-state.tsx'
import type { PeopleSort, User } from '@console/contracts/people/schemas'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { formatInstant } from '@console/ui/format.ts'
import { RowTick } from '@console/ui/row-tick.tsx'
import { SortHead } from '@console/ui/sort-head.tsx'
import { Blank } from '@console/ui/states.tsx'
import { Status, type StatusKind } from '@console/ui/status.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { secondFactorsOf } from '../../lib/factor-words.ts'
import { PersonCell, shownName } from '../../lib/person-cell.tsx'
import { productLabel } from '../../lib/product-words.ts'
import { PersonMenu } from './person-menu.tsx'
import type { usePeopleView } from './use-people-view.ts'
import { isPerson, type useSelection } from './use-selection.ts'

const columns = 8
type View = ReturnType<typeof usePeopleView>
type Page = { readonly items: readonly User[]; readonly nextCursor: string | null; readonly total: number }

export function PeopleTable({
  query,
  view,
  selection,
}: {
  readonly query: Query & { readonly data: Page | undefined }
  readonly view: View
  readonly selection: ReturnType<typeof useSelection>
}) {
  const { data } = query
  const people = (data?.items ?? []).filter(isPerson)
  const ticked = people.filter(({ id }) => selection.picked.has(id)).length
  return (
    <ListTable
      label="People"
      query={query}
      what="People"
      className="two stk"
      columns={columns}
      head={
        <>
          <th className="pickcol">
            <RowTick
              inHead
              label="Select everybody on this page"
              checked={people.length > 0 && ticked === people.length}
              some={ticked > 0 && ticked < people.length}
              onChange={(on) => selection.tick(people, on)}
            />
          </th>
          <PeopleSortHead view={view} sort="name" label="Person" />
          <PeopleSortHead view={view} sort="status" label="State" />
          <th>Memberships</th>
          <PeopleSortHead view={view} sort="factor" label="Second factor" />
          <PeopleSortHead view={view} sort="sessions" label="Sessions" num />
          <PeopleSortHead view={view} sort="lastSeenAt" label="Last seen" />
          <th>
            <span className="vh">Actions</span>
          </th>
        </>
      }
      rows={(data?.items ?? []).map((user) => (
        <PersonRow key={user.id} user={user} selected={selection.picked.has(user.id)} onSelect={(on) => selection.tick([user], on)} />
      ))}
      empty={
        <Blank title="Nobody matches">
          <p>Take a filter away, or look for a part of the name.</p>
        </Blank>
      }
      footer={
        <>
          <span>
            {data?.items.length ?? 0} of {data?.total ?? 0} people
          </span>
          <span className="row not-s" aria-hidden="true">
            <kbd>J</kbd> <kbd>K</kbd> move <kbd>X</kbd> select <kbd>I</kbd> invite
          </span>
          <PageButtons cursor={view.values.cursor} next={data?.nextCursor} onPage={view.page} />
        </>
      }
    />
  )
}

function PeopleSortHead({
  view,
  sort,
  ...head
}: {
  readonly view: View
  readonly sort: PeopleSort
  readonly label: string
  readonly num?: boolean
}) {
  const { sort: now, direction } = view.values
  return <SortHead {...head} direction={now === sort ? direction : null} onSort={() => view.sortBy(sort)} />
}

function PersonRow({
  user,
  selected,
  onSelect,
}: {
  readonly user: User
  readonly selected: boolean
  readonly onSelect: (on: boolean) => void
}) {
  const name = shownName(user)
  return (
    <tr data-row className={selected ? 'on' : undefined}>
      <td className="pickcol">
        <RowTick
          label={`Select ${name}`}
          checked={selected}
          disabledReason={isPerson(user) ? null : 'an invite is changed by its own menu'}
          onChange={onSelect}
        />
      </td>
      <PersonCell user={user} />
      <td className="t2">
        <State user={user} />
        {user.disabledReason && <span className="sub">{cleanLogText(user.disabledReason)}</span>}
        {user.disabledUntil && <span className="sub">until {formatInstant(user.disabledUntil)}</span>}
      </td>
      <td data-l="Memberships">
        <Memberships user={user} />
      </td>
      <td className="c2" data-l="Second factor">
        <Factors user={user} />
      </td>
      <td className={`num ${user.sessionCount === 0 ? 'c3' : ''}`} data-l="Sessions">
        {user.sessionCount}
      </td>
      <td data-l="Last seen">{user.lastSeenAt ? <Ago at={user.lastSeenAt} /> : <span className="c3">never</span>}</td>
      <td className="act">
        <PersonMenu user={user} />
      </td>
    </tr>
  )
}

/** Misses of the sign-in deviate, so they are lit in place of what is normal. */
function State({ user: { status, failedSignIns } }: { readonly user: User }) {
  const kinds: Record<User['status'], StatusKind> = { active: 'ok', invited: 'queued', disabled: 'cancelled' }
  if (status === 'active' && failedSignIns > 0)
    return (
      <Status kind="warn">
        {failedSignIns} {failedSignIns === 1 ? 'miss' : 'misses'}
      </Status>
    )
  return <Status kind={kinds[status]}>{status}</Status>
}

/** Whoever is active without one is lit; whoever was imported has nothing to sign in with until they used their link. */
function Factors({ user: { status, factors } }: { readonly user: User }) {
  if (status === 'invited') return '–'
  if (factors.length === 0) return <Status kind="queued">no password yet</Status>
  const second = secondFactorsOf(factors)
  if (second !== '') return second
  return status === 'active' ? <Status kind="warn">none</Status> : 'none'
}

function Memberships({ user: { memberships } }: { readonly user: User }) {
  if (memberships.length === 0) return <span className="c3">no access</span>
  return (
    <span className="row w">
      {memberships.map(({ productId, role, expiresAt }) => (
        <span className="tag" key={productId} title={expiresAt ? `until ${expiresAt.slice(0, 10)}` : undefined}>
          <span className="c3">{productLabel(productId)}</span> {role === 'admin' ? <b>admin</b> : role}
        </span>
      ))}
    </span>
  )
}

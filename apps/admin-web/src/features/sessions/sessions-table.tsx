'use client'
import { ListTable } from '@console/console/list-table.tsx'
import { PageButtons } from '@console/console/page-buttons.tsx'
import type { Query } from '@console/console/query-state.tsx'
import { PickCell, PickHead, type Selection } from '@console/console/selection.tsx'
import { useWhyNot } from '@console/console/use-action.ts'
import { useSignOut } from '@console/console/use-sign-out.ts'
import { endSessions } from '@console/contracts/sessions/actions'
import type { Session } from '@console/contracts/sessions/schemas'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { Button } from '@console/ui/button.tsx'
import { Avatar } from '@console/ui/person.tsx'
import { Blank } from '@console/ui/states.tsx'
import { Status } from '@console/ui/status.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import Link from 'next/link'
import { factorWords } from '../../lib/factor-words.ts'
import { paths } from '../../lib/paths.ts'
import { productLabel } from '../../lib/product-words.ts'
import type { useSessionsView } from './use-sessions-view.ts'

const columns = 10
type View = ReturnType<typeof useSessionsView>
type Page = { readonly items: readonly Session[]; readonly nextCursor: string | null }
type Props = {
  readonly query: Query & { readonly data: Page | undefined }
  readonly view: View
  readonly selection: Selection
  readonly onEnd: (session: Session) => void
}

export function SessionsTable({ query, view, selection, onEnd }: Props) {
  const { data } = query
  return (
    <ListTable
      label="Sessions"
      query={query}
      what="Sessions"
      className="two stk"
      columns={columns}
      head={
        <>
          <PickHead selection={selection} what="all active sessions" />
          <th>State</th>
          <th>Person</th>
          <th>Device</th>
          <th>From</th>
          <th className="m1">Signed in with</th>
          <th>Signed in</th>
          <th>Last used</th>
          <th className="m1">In</th>
          <th>
            <span className="vh">Actions</span>
          </th>
        </>
      }
      rows={(data?.items ?? []).map((session) => (
        <SessionRow key={session.id} session={session} selection={selection} onEnd={() => onEnd(session)} />
      ))}
      empty={<Empty page={data} view={view} />}
      footer={
        <>
          <span>Ending takes effect within 5 s in both dashboards, streams included</span>
          <PageButtons cursor={view.values.cursor} next={data?.nextCursor} onPage={view.page} />
        </>
      }
    />
  )
}

/** Ended ones are looked through in parts, so that a part may hold none and the list go on. */
function Empty({ page, view }: { readonly page: Page | undefined; readonly view: View }) {
  if (page?.nextCursor)
    return (
      <Blank title="None of the last 2,000 that ended matches">
        <p>Older ones are on the next page.</p>
      </Blank>
    )
  return (
    <Blank title={view.values.state === 'ended' ? 'No ended session matches' : 'No session matches'}>
      <p>Take a filter away, or look for a part of the name.</p>
    </Blank>
  )
}

function SessionRow({
  session,
  selection,
  onEnd,
}: {
  readonly session: Session
  readonly selection: Selection
  readonly onEnd: () => void
}) {
  const { id, person, current, state, device, address, amr, products, createdAt, lastUsedAt, ended } = session
  const denied = useWhyNot()(endSessions)
  const signOut = useSignOut()
  const name = cleanLogText(person.name || person.email) || 'a deleted person'
  const label = `${name} on ${device}`
  const live = state === 'live'
  return (
    <tr data-row className={selection.has(id) && live ? 'on' : ''}>
      <PickCell selection={selection} id={live && !current ? id : null} label={label} />
      <td className="t2">
        {live ? <Status kind="ok">{current ? 'this one' : 'active'}</Status> : <Status kind="cancelled">ended</Status>}
      </td>
      <td className="name t1">
        <span className="row gap3">
          <Avatar name={name} />
          <Link href={paths.person(person.id)}>
            <b>{name}</b>
          </Link>
        </span>
      </td>
      <td className="c2" data-l="Device">
        {device}
        {ended && <span className="sub">{endedWords(session)}</span>}
      </td>
      <td className="mono small c2" data-l="From">
        {address}
      </td>
      <td className="c2 m1" data-l="Signed in with">
        {factorWords(amr)}
      </td>
      <td className="c2 nowrap" data-l="Signed in">
        <Ago at={createdAt} />
      </td>
      <td className="c2 nowrap" data-l="Last used">
        <Ago at={lastUsedAt} />
      </td>
      <td className="c2 m1" data-l="In">
        {products.map(productLabel).join(', ') || '–'}
      </td>
      <td className="act">
        {live &&
          (current ? (
            <Button small onClick={() => void signOut()}>
              Sign out
            </Button>
          ) : (
            <Button small aria-label={`End the session of ${label}…`} disabledReason={denied} reasonHidden onClick={onEnd}>
              End…
            </Button>
          ))}
      </td>
    </tr>
  )
}

/** How it ended; who did it stands there where it was somebody else than its person. */
function endedWords({ person, ended }: Pick<Session, 'person' | 'ended'>): string {
  if (!ended) return ''
  const why = cleanLogText(ended.why)
  if (ended.by.id === person.id || ended.by.id === 'platform-service') return why
  return `${why}, by ${cleanLogText(ended.by.name)}`
}

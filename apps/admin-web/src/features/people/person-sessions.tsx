'use client'
import { usePerson } from '@console/console/console-provider.tsx'
import { QueryState } from '@console/console/query-state.tsx'
import { useRead, useWhyNot } from '@console/console/use-action.ts'
import { useSignOut } from '@console/console/use-sign-out.ts'
import type { User } from '@console/contracts/people/schemas'
import { endSessions, listSessions } from '@console/contracts/sessions/actions'
import type { Session } from '@console/contracts/sessions/schemas'
import { Button } from '@console/ui/button.tsx'
import { Panel } from '@console/ui/panel.tsx'
import { Blank } from '@console/ui/states.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import Link from 'next/link'
import { useState } from 'react'
import { EndSessionsDialog } from '../../lib/end-sessions-dialog.tsx'
import { factorWords } from '../../lib/factor-words.ts'
import { paths } from '../../lib/paths.ts'
import { DeedDialog } from './deed-dialog.tsx'
import { FactsTable } from './facts-table.tsx'

const shown = 20

/** Where a person is signed in; what has ended stands in the list of all sessions. */
export function PersonSessions({ user }: { readonly user: User }) {
  const sessions = useRead(listSessions, { query: { userId: user.id, state: 'live', limit: String(shown) } }, { every: 15_000 })
  const denied = useWhyNot()(endSessions)
  const { info } = usePerson()
  const [ending, setEnding] = useState<Session | 'all' | null>(null)
  const items = (sessions.data?.items ?? []).filter(({ person }) => person.id === user.id)
  const live = sessions.data?.live ?? 0
  return (
    <Panel
      title="Sessions"
      actions={
        <span className="row">
          <Link className="link small" href={paths.sessionsOf(user.id)}>
            Ended ones too
          </Link>
          {live > 0 && user.id !== info?.user.id && (
            <Button small disabledReason={denied} reasonHidden onClick={() => setEnding('all')}>
              End all {live}…
            </Button>
          )}
        </span>
      }
      footer={live > shown ? <span>{`${shown} of ${live} are shown`}</span> : undefined}
    >
      <QueryState query={sessions} what="Sessions" />
      {sessions.data && items.length === 0 && <Blank title="Signed in nowhere" />}
      {items.length > 0 && (
        <FactsTable columns={['Device', 'From', 'Signed in', 'Last used']}>
          {items.map((session) => (
            <Row key={session.id} session={session} denied={denied} onEnd={() => setEnding(session)} />
          ))}
        </FactsTable>
      )}
      {ending === 'all' && <DeedDialog user={user} deed="end" onClose={() => setEnding(null)} />}
      {ending !== null && ending !== 'all' && <EndSessionsDialog sessions={[ending]} onClose={() => setEnding(null)} />}
    </Panel>
  )
}

function Row({
  session: { device, amr, address, createdAt, lastUsedAt, current },
  denied,
  onEnd,
}: {
  readonly session: Session
  readonly denied: string | null
  readonly onEnd: () => void
}) {
  const signOut = useSignOut()
  return (
    <tr>
      <td className="t1">
        <b>{device}</b>
        <span className="sub">{factorWords(amr)}</span>
      </td>
      <td className="mono small c2" data-l="From">
        {address}
      </td>
      <td className="c2 nowrap" data-l="Signed in">
        <Ago at={createdAt} />
      </td>
      <td className="c2 nowrap" data-l="Last used">
        <Ago at={lastUsedAt} />
      </td>
      <td className="act">
        {current ? (
          <Button small onClick={() => void signOut()}>
            Sign out
          </Button>
        ) : (
          <Button small aria-label={`End the session on ${device} from ${address}…`} disabledReason={denied} reasonHidden onClick={onEnd}>
            End…
          </Button>
        )}
      </td>
    </tr>
  )
}

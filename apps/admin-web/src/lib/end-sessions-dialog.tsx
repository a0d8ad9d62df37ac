'use client'
import { CarefulDialog } from '@console/console/careful-dialog.tsx'
import { useConsole } from '@console/console/console-provider.tsx'
import { reasonTrouble } from '@console/console/reason-rule.ts'
import { useCareful } from '@console/console/use-careful.ts'
import { getUser, listUsers } from '@console/contracts/people/actions'
import { endSessions, listSessions } from '@console/contracts/sessions/actions'
import type { Session, SessionResult } from '@console/contracts/sessions/schemas'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { Button } from '@console/ui/button.tsx'
import { Dialog } from '@console/ui/dialog.tsx'
import { TextArea } from '@console/ui/field.tsx'
import { Status } from '@console/ui/status.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { useToast } from '@console/ui/toast.tsx'
import { useRef, useState } from 'react'

/** Ends sessions, one or several; what failed is told for each. */
export function EndSessionsDialog({ sessions, onClose }: { readonly sessions: readonly Session[]; readonly onClose: () => void }) {
  const { client } = useConsole()
  const toast = useToast()
  const field = useRef<HTMLTextAreaElement>(null)
  const [reason, setReason] = useState('')
  const [results, setResults] = useState<readonly SessionResult[] | null>(null)
  const [shown] = useState(sessions)
  const careful = useCareful(
    () => client.call(endSessions, { body: { sessionIds: shown.map(({ id }) => id), reason: reason.trim() } }),
    [listSessions, listUsers, getUser],
  )
  const what = shown.length === 1 ? 'this session' : `${shown.length} sessions`
  if (results) return <Results sessions={shown} results={results} onClose={onClose} />
  return (
    <CarefulDialog
      careful={careful}
      title={shown.length === 1 ? `End the session of ${nameOf(shown[0])}?` : `End ${what}?`}
      sub="What is open there is refused within 5 s, streams included. The person can sign in again."
      cancel="Keep it"
      button={shown.length === 1 ? 'End the session' : `End ${what}`}
      look="risk"
      trouble={reasonTrouble(reason)}
      troubleShown
      initialFocus={field}
      onClose={onClose}
      onDone={({ done, failed, results: all }) => {
        if (failed > 0) return setResults(all)
        toast({ kind: 'ok', title: done === 1 ? 'The session has ended' : `${done} sessions have ended` })
        onClose()
      }}
    >
      <ul className="checks one scroll-list">
        {shown.map((session) => (
          <li key={session.id}>
            <b>{nameOf(session)}</b>{' '}
            <span className="c2">
              {session.device}, <span className="mono small">{session.address}</span>, used <Ago at={session.lastUsedAt} />
            </span>
          </li>
        ))}
      </ul>
      <TextArea
        ref={field}
        label="Reason"
        rows={2}
        value={reason}
        hint="Kept in the audit log, and shown with the ended session."
        onChange={(event) => setReason(event.target.value)}
      />
    </CarefulDialog>
  )
}

function Results({
  sessions,
  results,
  onClose,
}: {
  readonly sessions: readonly Session[]
  readonly results: readonly SessionResult[]
  readonly onClose: () => void
}) {
  const failed = results.filter(({ outcome }) => outcome === 'failed').length
  return (
    <Dialog
      open
      onClose={onClose}
      title={`${results.length - failed} ended, ${failed} not`}
      footer={
        <span className="push row">
          <Button look="ink" onClick={onClose}>
            Done
          </Button>
        </span>
      }
    >
      <ul className="checks one scroll-list" aria-label="Results">
        {results.map(({ sessionId, outcome, detail }) => {
          const session = sessions.find(({ id }) => id === sessionId)
          return (
            <li key={sessionId}>
              <Status kind={outcome === 'done' ? 'ok' : 'bad'}>{outcome === 'done' ? 'ended' : 'not ended'}</Status>{' '}
              <b>{nameOf(session)}</b> <span className="c2">{session?.device}</span>
              {detail && <span className="sub">{detail}</span>}
            </li>
          )
        })}
      </ul>
    </Dialog>
  )
}

function nameOf(session: Session | undefined): string {
  return cleanLogText(session?.person.name || session?.person.email || 'a deleted person')
}

'use client'
import { QueryState } from '@console/console/query-state.tsx'
import { useRead } from '@console/console/use-action.ts'
import { listPlatformAuditRows } from '@console/contracts/audit/actions'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { Button } from '@console/ui/button.tsx'
import { formatInstant } from '@console/ui/format.ts'
import { PageHead } from '@console/ui/page-head.tsx'
import { Blank } from '@console/ui/states.tsx'
import { Status, type StatusKind } from '@console/ui/status.tsx'
import { Search } from 'lucide-react'
import { parseAsString, useQueryState } from 'nuqs'

const kinds: Record<string, StatusKind> = { started: 'running', done: 'ok', failed: 'bad', denied: 'denied', unknown: 'unknown' }

/** Who signed in and who changed access, newest first. */
export function AuditPage() {
  const [action, setAction] = useQueryState('action', parseAsString.withDefault(''))
  const [cursor, setCursor] = useQueryState('cursor', parseAsString)
  const rows = useRead(
    listPlatformAuditRows,
    { query: { action: action || undefined, limit: '100', cursor: cursor ?? undefined } },
    cursor ? {} : { every: 10_000 },
  )
  return (
    <>
      <PageHead title="Audit" sub="Sign-ins, good and bad, and every change of access. Times in UTC." />
      <div className="tools2">
        <span className="search grow">
          <Search className="ic s" aria-hidden="true" />
          <input
            className="inp"
            type="search"
            aria-label="Filter by action"
            placeholder="Action, for example auth.session"
            value={action}
            onChange={(event) => void setAction(event.target.value || null)}
          />
        </span>
      </div>
      <section className="panel" aria-label="Rows">
        <QueryState query={rows} what="Audit rows" />
        {rows.data?.items.length === 0 && <Blank title="No row matches" />}
        {rows.data && rows.data.items.length > 0 && (
          <table className="tbl stk">
            <thead>
              <tr>
                <th>Time, UTC</th>
                <th>Who</th>
                <th>Action</th>
                <th>On</th>
                <th>Outcome</th>
                <th className="m1">From</th>
                <th className="num">Row</th>
              </tr>
            </thead>
            <tbody>
              {rows.data.items.map((row) => (
                <tr key={row.seq}>
                  <td className="mono small nowrap c2" data-l="Time" title={formatInstant(row.at)}>
                    {row.at.slice(5, 10)} {row.at.slice(11, 19)}
                  </td>
                  <td data-l="Who">{cleanLogText(row.actor.name ?? row.actor.id)}</td>
                  <td className="t1">{row.action}</td>
                  <td className="c2 obj" data-l="On">
                    {cleanLogText(row.target)}
                  </td>
                  <td className="t2">
                    <Status kind={kinds[row.outcome] ?? 'unknown'}>
                      {row.outcome}
                      {row.code && `: ${row.code}`}
                      {row.count && row.count > 1 ? ` ×${row.count}` : ''}
                    </Status>
                  </td>
                  <td className="mono small m1" data-l="From">
                    {row.address ?? '–'}
                  </td>
                  <td className="num mono small c3" data-l="Row">
                    {row.seq}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {(cursor || rows.data?.nextCursor) && (
          <footer>
            <span className="push row">
              {cursor && (
                <Button small onClick={() => void setCursor(null)}>
                  Newest
                </Button>
              )}
              {rows.data?.nextCursor && (
                <Button small onClick={() => void setCursor(rows.data?.nextCursor ?? null)}>
                  Older
                </Button>
              )}
            </span>
          </footer>
        )}
      </section>
    </>
  )
}

'use client'
import { QueryState } from '@console/console/query-state.tsx'
import { type useRead, useWhyNot } from '@console/console/use-action.ts'
import { acknowledgeIncident, type listIncidents } from '@console/contracts/health/actions'
import { formatDuration } from '@console/ui/format.ts'
import { Status } from '@console/ui/status.tsx'
import { Ago, useNow } from '@console/ui/time-text.tsx'
import Link from 'next/link'
import { paths } from '../../lib/paths.ts'

/** The last incidents of a service: what the check saw, how long, and the deploy before it. */
export function ServiceIncidents({ incidents }: { readonly incidents: ReturnType<typeof useRead<typeof listIncidents>> }) {
  const now = useNow()
  const whyNot = useWhyNot()
  const items = incidents.data?.items ?? []
  if (items.length === 0)
    return incidents.data ? <p className="pad c2 small">No incident is on record.</p> : <QueryState query={incidents} what="Incidents" />
  return (
    <table className="tbl stk">
      <caption className="vh">Incidents</caption>
      <thead>
        <tr>
          <th>Incident</th>
          <th>Began</th>
          <th className="num">Lasted</th>
          <th>What the check saw</th>
          <th>Likely cause</th>
          <th>Has it</th>
        </tr>
      </thead>
      <tbody>
        {items.map((incident) => (
          <tr key={incident.id}>
            <td className="t2">
              <Status kind={incident.state === 'closed' ? 'ok' : incident.severity === 'down' ? 'bad' : 'warn'}>{incident.state}</Status>
            </td>
            <td className="nowrap" data-l="Began">
              <Ago at={incident.openedAt} />
            </td>
            <td className="num" data-l="Lasted">
              {incident.closedAt
                ? formatDuration(Date.parse(incident.closedAt) - Date.parse(incident.openedAt))
                : now === 0
                  ? ''
                  : `${formatDuration(now - Date.parse(incident.openedAt))} so far`}
            </td>
            <td className="t1">{incident.cause}</td>
            <td className="c2" data-l="Likely cause">
              {incident.afterRun ? (
                <Link className="link" href={paths.deployment(incident.afterRun.id)}>
                  Deploy #{incident.afterRun.number}
                </Link>
              ) : (
                'none found'
              )}
            </td>
            <td className="c2" data-l="Has it">
              {incident.acknowledgedBy ??
                (incident.state === 'open' && !whyNot(acknowledgeIncident) ? (
                  <Link className="link" href={paths.health}>
                    nobody yet
                  </Link>
                ) : (
                  '–'
                ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

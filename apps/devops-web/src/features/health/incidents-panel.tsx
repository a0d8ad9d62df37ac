'use client'
import { QueryState } from '@console/console/query-state.tsx'
import { useDo, useRead, useWhyNot } from '@console/console/use-action.ts'
import { acknowledgeIncident, closeIncident, listIncidents } from '@console/contracts/health/actions'
import type { Incident } from '@console/contracts/health/schemas'
import { Button } from '@console/ui/button.tsx'
import { formatDuration } from '@console/ui/format.ts'
import { Panel } from '@console/ui/panel.tsx'
import { Segmented } from '@console/ui/segmented.tsx'
import { Blank, LoadingRows } from '@console/ui/states.tsx'
import { Status } from '@console/ui/status.tsx'
import { Ago, useNow } from '@console/ui/time-text.tsx'
import { useToast } from '@console/ui/toast.tsx'
import Link from 'next/link'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { paths } from '../../lib/paths.ts'

const views = ['all', 'open', 'closed'] as const

/** Incidents, open ones first; who has them, and the deploy before them. */
export function IncidentsPanel() {
  const [view, setView] = useQueryState('incidents', parseAsStringLiteral(views).withDefault('all'))
  const incidents = useRead(listIncidents, { query: { state: view, limit: '100' } }, { every: 10_000 })
  const items = incidents.data?.items ?? []
  return (
    <Panel
      title="Incidents"
      actions={
        <Segmented
          small
          label="Which incidents"
          value={view}
          onChange={(next) => void setView(next)}
          options={[
            { value: 'all', label: 'Open first' },
            { value: 'open', label: 'Open' },
            { value: 'closed', label: 'Closed' },
          ]}
        />
      }
    >
      {!incidents.isPending && <QueryState query={incidents} what="Incidents" />}
      {incidents.data && items.length === 0 && (
        <Blank kind="ok" title={view === 'closed' ? 'No incident has closed' : view === 'open' ? 'No incident is open' : 'No incident'}>
          One opens when a service goes down or degrades, and closes when it is up again.
        </Blank>
      )}
      {(incidents.isPending || items.length > 0) && (
        <table className="tbl stk" aria-busy={incidents.isPending}>
          <thead>
            <tr>
              <th>State</th>
              <th>Service</th>
              <th>What the check saw</th>
              <th>Began</th>
              <th className="num">Lasted</th>
              <th>Likely cause</th>
              <th>Has it</th>
              <th>
                <span className="vh">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {incidents.isPending && <LoadingRows columns={8} />}
            {items.map((incident) => (
              <Row key={incident.id} incident={incident} />
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  )
}

function Row({ incident }: { readonly incident: Incident }) {
  const now = useNow()
  const lastedMs = (incident.closedAt ? Date.parse(incident.closedAt) : now) - Date.parse(incident.openedAt)
  return (
    <tr data-row>
      <td className="t2">
        <Status kind={incident.state === 'closed' ? 'ok' : incident.severity === 'down' ? 'bad' : 'warn'}>
          {incident.state === 'closed' ? 'closed' : incident.severity}
        </Status>
      </td>
      <td className="name t1">
        <Link href={paths.service(incident.serviceId)}>
          <b>{incident.serviceName}</b>
        </Link>
      </td>
      <td className="c2" data-l="Saw">
        {incident.cause}
      </td>
      <td className="c2 nowrap" data-l="Began">
        <Ago at={incident.openedAt} />
      </td>
      <td className="num" data-l="Lasted">
        {incident.closedAt || now > 0 ? formatDuration(lastedMs) : ''}
      </td>
      <td className="c2" data-l="Likely cause">
        {incident.afterRun ? (
          <Link
            className="link"
            href={paths.deployment(incident.afterRun.id)}
            title={`began ${incident.afterRun.secondsBefore} s after it`}
          >
            Deploy #{incident.afterRun.number}
          </Link>
        ) : (
          'none found'
        )}
      </td>
      <HasIt incident={incident} />
    </tr>
  )
}

/** Who has it, or the way to take it; closing by hand is for what no check can see end. */
function HasIt({ incident }: { readonly incident: Incident }) {
  const acknowledge = useDo(acknowledgeIncident, { changes: [listIncidents] })
  const close = useDo(closeIncident, { changes: [listIncidents] })
  const whyNot = useWhyNot()
  const toast = useToast()
  const onError = (error: { message: string }): void => toast({ kind: 'bad', title: 'Nothing was changed', text: error.message })
  const input = { params: { id: incident.id } }
  return (
    <>
      <td className="c2" data-l="Has it">
        {incident.state === 'open' ? (
          <Button
            small
            busy={acknowledge.isPending}
            disabledReason={whyNot(acknowledgeIncident)}
            reasonHidden
            onClick={() => acknowledge.mutate(input, { onError })}
          >
            Take it
          </Button>
        ) : (
          (incident.acknowledgedBy ?? incident.closedBy ?? '–')
        )}
      </td>
      <td className="act m0">
        {incident.state !== 'closed' && (
          <Button
            small
            look="quiet"
            busy={close.isPending}
            disabledReason={whyNot(closeIncident)}
            reasonHidden
            onClick={() => close.mutate(input, { onError })}
          >
            Close
          </Button>
        )}
      </td>
    </>
  )
}

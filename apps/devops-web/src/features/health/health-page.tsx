'use client'
import { QueryState } from '@console/console/query-state.tsx'
import { useDo, useRead, useWhyNot } from '@console/console/use-action.ts'
import { acknowledgeIncident, closeIncident, listHealth, listIncidents } from '@console/contracts/health/actions'
import { Button } from '@console/ui/button.tsx'
import { formatDay, formatDuration, formatRatio, formatTotals } from '@console/ui/format.ts'
import { PageHead } from '@console/ui/page-head.tsx'
import { Panel } from '@console/ui/panel.tsx'
import { Segmented } from '@console/ui/segmented.tsx'
import { Blank } from '@console/ui/states.tsx'
import { Status } from '@console/ui/status.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { useToast } from '@console/ui/toast.tsx'
import { UptimeBar } from '@console/ui/uptime-bar.tsx'
import Link from 'next/link'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { paths } from '../../lib/paths.ts'
import { healthKind } from '../../lib/run-words.ts'

const tabs = ['services', 'incidents', 'certificates'] as const

/** What is up, since when, and what broke. */
export function HealthPage() {
  const [tab, setTab] = useQueryState('tab', parseAsStringLiteral(tabs).withDefault('services'))
  const health = useRead(listHealth, { query: { days: '90' } }, { every: 10_000 })
  const summary = health.data?.summary
  return (
    <>
      <PageHead
        title={summary && summary.down > 0 ? `${summary.down} ${summary.down === 1 ? 'service is' : 'services are'} down` : 'Health'}
        sub={
          summary && (
            <>
              {formatTotals(
                {
                  up: summary.up,
                  degraded: summary.degraded,
                  down: summary.down,
                  'in maintenance': summary.maintenance,
                  unknown: summary.unknown,
                },
                summary.total,
              )}
              {summary.measuredAt && (
                <>
                  {' '}
                  · measured <Ago at={summary.measuredAt} />
                </>
              )}
            </>
          )
        }
      />
      <div className="tools2">
        <Segmented
          label="View"
          value={tab}
          onChange={(next) => void setTab(next)}
          options={[
            { value: 'services', label: 'Services' },
            { value: 'incidents', label: 'Incidents' },
            { value: 'certificates', label: 'Certificates' },
          ]}
        />
      </div>
      {tab === 'services' && (
        <Panel title="Uptime" label="90 days, oldest first">
          <QueryState query={health} what="Health" />
          {health.data?.items.length === 0 && (
            <Blank
              title="No service is registered"
              actions={
                <Link className="btn" href={paths.registerService}>
                  Register a service
                </Link>
              }
            />
          )}
          {health.data && health.data.items.length > 0 && (
            <table className="tbl two stk">
              <thead>
                <tr>
                  <th>State</th>
                  <th>Service</th>
                  <th>Uptime</th>
                  <th className="num">24 h</th>
                  <th className="num">7 d</th>
                  <th className="num">30 d</th>
                  <th className="num">90 d</th>
                  <th className="num">p50</th>
                  <th className="num">p95</th>
                </tr>
              </thead>
              <tbody>
                {health.data.items.map((item) => (
                  <tr key={item.serviceId}>
                    <td className="t2">
                      <Status kind={healthKind[item.state]}>{item.state}</Status>
                      <span className="sub">
                        {item.state === 'unknown' ? (
                          item.lastKnown ? (
                            <>
                              was {item.lastKnown.state} <Ago at={item.lastKnown.at} />
                            </>
                          ) : (
                            'never measured'
                          )
                        ) : (
                          item.since && <Ago at={item.since} />
                        )}
                      </span>
                    </td>
                    <td className="name t1">
                      <Link href={paths.service(item.serviceId)}>
                        <b>{item.serviceName}</b>
                      </Link>
                      <span className="sub">{item.environment}</span>
                    </td>
                    <td className="wide">
                      <UptimeBar
                        days={item.days}
                        size="tall"
                        label={`Last 90 days of ${item.serviceName}: ${formatRatio(item.uptime.quarter)} up`}
                      />
                    </td>
                    <td className="num" data-l="24 h">
                      {formatRatio(item.uptime.day)}
                    </td>
                    <td className="num" data-l="7 d">
                      {formatRatio(item.uptime.week)}
                    </td>
                    <td className="num" data-l="30 d">
                      {formatRatio(item.uptime.month)}
                    </td>
                    <td className="num" data-l="90 d">
                      {formatRatio(item.uptime.quarter)}
                    </td>
                    <td className="num" data-l="p50">
                      {item.latencyP50Ms === null ? '–' : `${Math.round(item.latencyP50Ms)} ms`}
                    </td>
                    <td className="num" data-l="p95">
                      {item.latencyP95Ms === null ? '–' : `${Math.round(item.latencyP95Ms)} ms`}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </Panel>
      )}
      {tab === 'incidents' && <Incidents />}
      {tab === 'certificates' && (
        <Panel title="Certificates">
          {(health.data?.items ?? []).every(({ tlsExpiresAt }) => tlsExpiresAt === null) ? (
            <Blank title="No https check has been measured" />
          ) : (
            <table className="tbl stk">
              <thead>
                <tr>
                  <th>Left</th>
                  <th>Service</th>
                  <th>Ends</th>
                </tr>
              </thead>
              <tbody>
                {(health.data?.items ?? [])
                  .filter(({ tlsExpiresAt }) => tlsExpiresAt !== null)
                  .sort((a, b) => (a.tlsExpiresAt ?? '').localeCompare(b.tlsExpiresAt ?? ''))
                  .map(({ serviceId, tlsExpiresAt }) => {
                    const days = Math.floor((Date.parse(tlsExpiresAt ?? '') - Date.now()) / 86_400_000)
                    return (
                      <tr key={serviceId}>
                        <td className="t2">
                          <Status kind={days < 3 ? 'bad' : days < 15 ? 'warn' : 'ok'}>{days} d</Status>
                        </td>
                        <td className="t1">
                          <Link href={paths.service(serviceId)}>
                            <b>{serviceId}</b>
                          </Link>
                        </td>
                        <td data-l="Ends">{formatDay(tlsExpiresAt ?? '')}</td>
                      </tr>
                    )
                  })}
              </tbody>
            </table>
          )}
        </Panel>
      )}
    </>
  )
}

function Incidents() {
  const incidents = useRead(listIncidents, { query: { limit: '100' } }, { every: 10_000 })
  const acknowledge = useDo(acknowledgeIncident, { changes: [listIncidents] })
  const close = useDo(closeIncident, { changes: [listIncidents] })
  const whyNot = useWhyNot()
  const toast = useToast()
  const failed = (error: { message: string }): void => toast({ kind: 'bad', title: 'Nothing was changed', text: error.message })
  return (
    <Panel title="Incidents" label="open ones first">
      <QueryState query={incidents} what="Incidents" />
      {incidents.data?.items.length === 0 && (
        <Blank kind="ok" title="No incident">
          One opens when a service goes down or degrades, and closes when it is up again.
        </Blank>
      )}
      {incidents.data && incidents.data.items.length > 0 && (
        <table className="tbl two stk">
          <thead>
            <tr>
              <th>State</th>
              <th>Service</th>
              <th>Cause</th>
              <th>Began</th>
              <th className="num">Lasted</th>
              <th>
                <span className="vh">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {incidents.data.items.map((incident) => (
              <tr key={incident.id}>
                <td className="t2">
                  <Status kind={incident.state === 'closed' ? 'ok' : incident.severity === 'down' ? 'bad' : 'warn'}>
                    {incident.state}
                  </Status>
                  {incident.acknowledgedBy && <span className="sub">{incident.acknowledgedBy} is on it</span>}
                </td>
                <td className="name t1">
                  <Link href={paths.service(incident.serviceId)}>
                    <b>{incident.serviceName}</b>
                  </Link>
                  <span className="sub">{incident.severity}</span>
                </td>
                <td data-l="Cause">
                  {incident.cause}
                  {incident.afterRun && (
                    <span className="sub">
                      {incident.afterRun.secondsBefore} s after{' '}
                      <Link className="link" href={paths.deployment(incident.afterRun.id)}>
                        deploy #{incident.afterRun.number}
                      </Link>
                    </span>
                  )}
                </td>
                <td data-l="Began">
                  <Ago at={incident.openedAt} />
                </td>
                <td className="num" data-l="Lasted">
                  {incident.closedAt ? formatDuration(Date.parse(incident.closedAt) - Date.parse(incident.openedAt)) : 'still'}
                </td>
                <td className="act">
                  {incident.state === 'open' && (
                    <Button
                      small
                      disabledReason={whyNot(acknowledgeIncident)}
                      reasonHidden
                      onClick={() => acknowledge.mutate({ params: { id: incident.id } }, { onError: failed })}
                    >
                      I am on it
                    </Button>
                  )}{' '}
                  {incident.state !== 'closed' && (
                    <Button
                      small
                      disabledReason={whyNot(closeIncident)}
                      reasonHidden
                      onClick={() => close.mutate({ params: { id: incident.id } }, { onError: failed })}
                    >
                      Close
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  )
}

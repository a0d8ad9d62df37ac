'use client'
import { QueryState } from '@console/console/query-state.tsx'
import { useRead } from '@console/console/use-action.ts'
import type { listDeployments } from '@console/contracts/deployments/actions'
import { getHealthHistory, listIncidents } from '@console/contracts/health/actions'
import type { listServiceContainers } from '@console/contracts/services/actions'
import type { Service } from '@console/contracts/services/schemas'
import { formatRatio } from '@console/ui/format.ts'
import { Panel } from '@console/ui/panel.tsx'
import { Blank } from '@console/ui/states.tsx'
import { UptimeBar } from '@console/ui/uptime-bar.tsx'
import { UptimeLegend } from '@console/ui/uptime-legend.tsx'
import Link from 'next/link'
import { paths } from '../../lib/paths.ts'
import { LatencyPanel } from './latency-panel.tsx'
import { ContainersMini } from './service-containers.tsx'
import { ServiceDeployments } from './service-deployments.tsx'
import { ChecksPanel, HowItRuns } from './service-facts.tsx'
import { ServiceIncidents } from './service-incidents.tsx'

type Props = {
  readonly service: Service
  readonly runs: ReturnType<typeof useRead<typeof listDeployments>>
  readonly containers: ReturnType<typeof useRead<typeof listServiceContainers>>
}

/** Health and what broke it, latency, the last deployments; beside it how the service runs. */
export function ServiceOverview({ service, runs, containers }: Props) {
  const history = useRead(getHealthHistory, { params: { serviceId: service.id }, query: { range: '24h' } }, { every: 15_000 })
  return (
    <div className="cols c-8-4">
      <div className="stack">
        <HealthPanel service={service} history={history} />
        {history.data && <LatencyPanel history={history.data} runs={runs.data?.items ?? []} />}
        <ServiceDeployments runs={runs} serviceId={service.id} few />
      </div>
      <div className="stack">
        <HowItRuns service={service} />
        <ChecksPanel service={service} health={history.data?.health} />
        <ContainersMini containers={containers} />
      </div>
    </div>
  )
}

function HealthPanel({
  service,
  history,
}: {
  readonly service: Service
  readonly history: ReturnType<typeof useRead<typeof getHealthHistory>>
}) {
  const incidents = useRead(listIncidents, { query: { serviceId: service.id, state: 'all', limit: '5' } }, { every: 15_000 })
  const health = history.data?.health
  const spans = [
    ['24 h', health?.uptime.day],
    ['7 d', health?.uptime.week],
    ['30 d', health?.uptime.month],
    ['90 d', health?.uptime.quarter],
  ] as const
  return (
    <Panel
      title="Health, 90 days"
      actions={
        health && health.checks.length > 0 ? (
          <span className="row w gap4 small">
            {spans.map(([name, ratio]) => (
              <span className="c2" key={name}>
                {name} <b>{formatRatio(ratio ?? null)}</b>
              </span>
            ))}
          </span>
        ) : undefined
      }
    >
      <QueryState query={history} what="Health" />
      {health && health.checks.length === 0 && (
        <Blank
          kind="unknown"
          title="Nobody said what “up” means"
          actions={
            <Link className="btn" href={paths.editService(service.id)}>
              Add a health check
            </Link>
          }
        >
          Until then its state is unknown, and a deploy of it can only be “succeeded, not verified”.
        </Blank>
      )}
      {health && health.checks.length > 0 && (
        <>
          <div className="pad">
            <UptimeBar days={health.days} size="tall" label={`Last 90 days, oldest first; ${formatRatio(health.uptime.quarter)} up`} />
            <UptimeLegend from={health.days[0]?.day ?? ''} />
          </div>
          <ServiceIncidents incidents={incidents} />
        </>
      )}
    </Panel>
  )
}

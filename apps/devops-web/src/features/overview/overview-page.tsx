'use client'
import { AsOf } from '@console/console/as-of.tsx'
import { QueryState } from '@console/console/query-state.tsx'
import { useRead, useWhyNot } from '@console/console/use-action.ts'
import { listParts } from '@console/contracts/console/actions'
import { listDeployments, triggerDeployment } from '@console/contracts/deployments/actions'
import { listUnhealthyContainers } from '@console/contracts/docker/actions'
import { listHealth, listIncidents } from '@console/contracts/health/actions'
import type { HealthSummary } from '@console/contracts/health/schemas'
import { getHermesOps } from '@console/contracts/hermes/actions'
import { listScripts } from '@console/contracts/scripts/actions'
import { createService, listServices } from '@console/contracts/services/actions'
import { getMetrics } from '@console/contracts/system/actions'
import { Button } from '@console/ui/button.tsx'
import { PageHead } from '@console/ui/page-head.tsx'
import { Panel } from '@console/ui/panel.tsx'
import { Ago, useNow } from '@console/ui/time-text.tsx'
import { Plus, Rocket } from 'lucide-react'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { agentsReach } from '../../lib/agents-reach.tsx'
import { fullestDisk } from '../../lib/metric-words.ts'
import { paths } from '../../lib/paths.ts'
import { healthTotals } from '../../lib/run-words.ts'
import { attentionItems, attentionTitle } from './attention-items.ts'
import { AttentionPanel } from './attention-panel.tsx'
import { HostVitals } from './host-vitals.tsx'
import { ServiceMap } from './service-map.tsx'
import { InProgress, Lately, Parts } from './side-panels.tsx'

/** What needs somebody, ranked by what it breaks; below it every service as one mark. */
export function OverviewPage() {
  const every = { every: 10_000 }
  const health = useRead(listHealth, {}, every)
  const incidents = useRead(listIncidents, { query: { state: 'open' } }, every)
  const unhealthy = useRead(listUnhealthyContainers, {}, every)
  const runs = useRead(listDeployments, { query: { limit: '30' } }, every)
  const scripts = useRead(listScripts, {}, { every: 30_000 })
  const parts = useRead(listParts, {}, every)
  const services = useRead(listServices, {}, every)
  const metrics = useRead(getMetrics, {}, every)
  const agents = useRead(getHermesOps, {}, { every: 30_000, enabled: agentsReach(parts) === 'open' })
  const now = useNow()
  const items = attentionItems(
    {
      health: health.data?.items,
      incidents: incidents.data?.items,
      parts: parts.data?.parts,
      containers: unhealthy.data?.items,
      runs: runs.data?.items,
      scripts: scripts.data?.items,
      disk: metrics.data && fullestDisk(metrics.data.disks),
      agents: agents.data?.warnings,
    },
    now,
  )
  const summary = health.data?.summary
  return (
    <>
      <PageHead
        title={attentionTitle(items, health.data !== undefined)}
        sub={summary && <Totals summary={summary} />}
        actions={
          <>
            <AsOf query={health} />
            <FirstDeed registered={services.data?.items.length ?? 0} />
          </>
        }
      />
      <div className="cols c-8-4">
        <div className="stack">
          <AttentionPanel items={items} known={health.data !== undefined} state={<QueryState query={health} what="Health" />} />
          <Panel
            title="Services"
            label={services.data ? `${services.data.items.length} registered, one mark each; wide marks deviate` : undefined}
            actions={
              <Link className="link small" href={paths.services}>
                Open list
              </Link>
            }
          >
            <QueryState query={health} what="Health" />
            {health.data && (
              <div className="pad">
                <ServiceMap items={health.data.items} />
              </div>
            )}
          </Panel>
        </div>
        <div className="stack">
          <InProgress runs={runs.data?.items ?? []} />
          <HostVitals name={parts.data?.host.name} />
          <Parts parts={parts} />
          <Lately runs={runs.data?.items ?? []} />
        </div>
      </div>
    </>
  )
}

function Totals({ summary }: { readonly summary: HealthSummary }) {
  return (
    <>
      {healthTotals(summary)}
      {summary.measuredAt && (
        <>
          {' · measured '}
          <Ago at={summary.measuredAt} />
        </>
      )}
    </>
  )
}

/** Before there is a service, registering one is the deed of this page; then it is to deploy. */
function FirstDeed({ registered }: { readonly registered: number }) {
  const whyNot = useWhyNot()
  const router = useRouter()
  const Icon = registered > 0 ? Rocket : Plus
  return (
    <Button
      look="ink"
      icon={<Icon className="ic s" aria-hidden="true" />}
      disabledReason={whyNot(registered > 0 ? triggerDeployment : createService)}
      reasonHidden
      onClick={() => router.push(registered > 0 ? paths.services : paths.registerService)}
    >
      {registered > 0 ? 'Deploy a service' : 'Register a service'}
    </Button>
  )
}

'use client'
import { AsOf } from '@console/console/as-of.tsx'
import { QueryState } from '@console/console/query-state.tsx'
import { useRead } from '@console/console/use-action.ts'
import type { ResultOf } from '@console/contracts/action'
import { getMetrics } from '@console/contracts/system/actions'
import { CopyLinkButton } from '@console/ui/copy-link-button.tsx'
import { formatBytes, formatDuration } from '@console/ui/format.ts'
import { PageHead } from '@console/ui/page-head.tsx'
import { Segmented } from '@console/ui/segmented.tsx'
import { Note } from '@console/ui/states.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { useRowKeys } from '@console/ui/use-row-keys.ts'
import { parseAsString, parseAsStringLiteral, useQueryState } from 'nuqs'
import { useRef } from 'react'
import { rangeNames, ranges } from '../../lib/metric-words.ts'
import { BusiestPanel } from './busiest-panel.tsx'
import { ConsolePanel, windowNames } from './console-panel.tsx'
import { ContainerCharts } from './container-charts.tsx'
import { HostCharts } from './host-charts.tsx'
import { NowPanels } from './now-panels.tsx'
import { useHappenings } from './use-happenings.ts'
import { ZoomTools } from './zoom-tools.tsx'

/** How the host and its containers do and did, on one axis of time. */
export function MetricsPage() {
  const metrics = useRead(getMetrics, {}, { every: 10_000 })
  const happenings = useHappenings()
  const [range, setRange] = useQueryState('range', parseAsStringLiteral(ranges).withDefault('6h'))
  const [order, setOrder] = useQueryState('by', parseAsStringLiteral(['cpu', 'memory'] as const).withDefault('cpu'))
  const [container, setContainer] = useQueryState('container', parseAsString)
  const [window, setWindow] = useQueryState('console', parseAsStringLiteral(windowNames).withDefault('1h'))
  const box = useRef<HTMLDivElement>(null)
  useRowKeys(box)
  const { data } = metrics
  const stale = data?.freshness === 'stale'
  return (
    <>
      <PageHead
        title="Metrics"
        sub={data && hostWords(data)}
        actions={
          <>
            <AsOf query={stale ? { dataUpdatedAt: Date.parse(data.asOf), error: true } : metrics} />
            <CopyLinkButton />
          </>
        }
      />
      {stale && (
        <div className="mb">
          <Note kind="warn" role="status" title={data.trouble ?? 'The host is not measured.'}>
            Shown is what was known <Ago at={data.asOf} />. What was measured before stays, and a gap stands for what was not.
          </Note>
        </div>
      )}
      {metrics.error && (
        <div className="panel mb">
          <QueryState query={metrics} what="Metrics" />
        </div>
      )}
      <div className="tools2">
        <Segmented
          label="Range"
          value={range}
          options={ranges.map((value) => ({ value, label: rangeNames[value] }))}
          onChange={(value) => void setRange(value)}
        />
        <ZoomTools group="metrics" range={range} />
        <span className="push row gap3 small c2">
          <span className="row">
            <i className="mark-deploy" aria-hidden="true" /> deploy
          </span>
          <span className="row">
            <i className="mark-incident" aria-hidden="true" /> incident
          </span>
        </span>
      </div>
      <div className="stack" ref={box}>
        {container !== null && (
          <ContainerCharts container={container} range={range} happenings={happenings} close={() => void setContainer(null)} />
        )}
        <HostCharts range={range} happenings={happenings} now={data} />
        <BusiestPanel
          range={range}
          order={order}
          onOrder={(value) => void setOrder(value)}
          onOpen={(name) => {
            void setContainer(name)
            scrollTo({ top: 0 })
          }}
        />
        <ConsolePanel window={window} onWindow={(value) => void setWindow(value)} />
        {data && (
          <div className={stale ? 'stale' : ''}>
            <NowPanels metrics={data} />
          </div>
        )}
      </div>
    </>
  )
}

/** `2 vCPU, 23.5 GiB, up 14 h`, and which bound holds where it is not the machine's. */
function hostWords({ cpu, memory, uptime, limit, everySec }: ResultOf<typeof getMetrics>): string {
  const parts = [
    'cores' in cpu ? `${cpu.cores} vCPU` : null,
    'totalBytes' in memory ? formatBytes(memory.totalBytes) : null,
    'seconds' in uptime ? `up ${formatDuration(uptime.seconds * 1_000)}` : null,
    limit.memoryBytes === null ? null : `memory bound to ${formatBytes(limit.memoryBytes)} by the container around host-agent`,
    limit.cpus === null ? null : `CPU bound to ${limit.cpus} cores by the container around host-agent`,
  ]
  return `${parts.filter(Boolean).join(', ')} · every ${everySec} s for 24 h, every minute for 14 d, then every 10 min`
}

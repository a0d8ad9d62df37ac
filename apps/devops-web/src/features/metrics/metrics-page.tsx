'use client'
import { AsOf } from '@console/console/as-of.tsx'
import { QueryState } from '@console/console/query-state.tsx'
import { useRead } from '@console/console/use-action.ts'
import type { ResultOf } from '@console/contracts/action'
import { getMetrics } from '@console/contracts/system/actions'
import { CopyLinkButton } from '@console/ui/copy-link-button.tsx'
import { formatBytes, formatDuration } from '@console/ui/format.ts'
import { PageHead } from '@console/ui/page-head.tsx'
import { Note } from '@console/ui/states.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { NowPanels } from './now-panels.tsx'

/** How the host is doing. */
export function MetricsPage() {
  const metrics = useRead(getMetrics, {}, { every: 10_000 })
  const { data } = metrics
  return (
    <>
      <PageHead
        title="Metrics"
        sub={data && hostWords(data)}
        actions={
          <>
            <AsOf query={metrics} />
            <CopyLinkButton />
          </>
        }
      />
      {data?.freshness === 'stale' && (
        <Note kind="warn" role="status" title={data.trouble ?? 'The host is not measured.'}>
          Shown is how it was <Ago at={data.asOf} />.
        </Note>
      )}
      {!data && (
        <div className="panel">
          <QueryState query={metrics} what="Metrics" />
        </div>
      )}
      {data && metrics.error && (
        <div className="panel">
          <QueryState query={metrics} what="Metrics" />
        </div>
      )}
      {data && <NowPanels metrics={data} />}
    </>
  )
}

/** `2 vCPU, 23.5 GiB, up 14 h`, and which bound holds where it is not the machine's. */
function hostWords({ cpu, memory, uptime, limit, everySec }: ResultOf<typeof getMetrics>): string {
  const parts = [
    'cores' in cpu ? `${cpu.cores} vCPU` : null,
    'totalBytes' in memory ? formatBytes(memory.totalBytes) : null,
    'seconds' in uptime ? `up ${formatDuration(uptime.seconds * 1_000)}` : null,
    limit.memoryBytes === null ? null : `bound to ${formatBytes(limit.memoryBytes)} by the container of host-agent`,
    limit.cpus === null ? null : `bound to ${limit.cpus} CPUs by the container of host-agent`,
  ]
  return `${parts.filter(Boolean).join(', ')} · measured every ${everySec} s`
}

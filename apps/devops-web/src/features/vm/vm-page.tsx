'use client'
import { useRead } from '@console/console/use-action.ts'
import { getVmHealth } from '@console/contracts/vm/actions'
import type { VmHealth } from '@console/contracts/vm/schemas'
import { formatDuration } from '@console/ui/format.ts'
import { PageHead } from '@console/ui/page-head.tsx'
import { Facts, Panel } from '@console/ui/panel.tsx'
import { ChecksPanel } from './checks-panel.tsx'
import { CleanupHistory, CleanupPanel, useVmCleanup } from './cleanup-section.tsx'
import { CronPanel } from './cron-panel.tsx'
import { findingOf, totalsOf } from './health-words.ts'
import { LogsPanel } from './logs-panel.tsx'
import { UnitsPanel } from './units-panel.tsx'
import { WatchdogPanel } from './watchdog-panel.tsx'

const everyMs = 5 * 60_000

/** How the machine itself is: what its own script finds, and its upkeep. */
export function VmPage() {
  const health = useRead(getVmHealth, {}, { every: everyMs })
  const { data } = health
  const cleanup = useVmCleanup()
  return (
    <>
      <PageHead
        title={data ? findingOf(data) : 'VM'}
        sub={
          data && (
            <>
              {data.host.name}, up {formatDuration(data.host.uptimeSec * 1_000)} · {totalsOf(data)}
            </>
          )
        }
      />
      <div className="cols c-8-4">
        <div className="stack">
          <ChecksPanel query={health} onRun={() => void health.refetch()} />
          <CronPanel />
          <CleanupHistory cleanup={cleanup} />
          <LogsPanel />
        </div>
        <div className="stack">
          {data && <HostPanel host={data.host} />}
          <CleanupPanel cleanup={cleanup} />
          <WatchdogPanel />
          <UnitsPanel />
        </div>
      </div>
      {cleanup.dialogs}
    </>
  )
}

function HostPanel({ host: { name, system, kernel, uptimeSec, processors } }: Pick<VmHealth, 'host'>) {
  return (
    <Panel title="Host">
      <div className="pad">
        <Facts
          items={[
            ['Name', name],
            ['System', system === '' ? 'not told' : system],
            ['Kernel', kernel],
            ['Up', formatDuration(uptimeSec * 1_000)],
            ['CPU', `${processors} vCPU`],
          ]}
        />
      </div>
    </Panel>
  )
}

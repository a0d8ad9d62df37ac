'use client'
import { QueryState } from '@console/console/query-state.tsx'
import { useRead } from '@console/console/use-action.ts'
import { getDockerStats } from '@console/contracts/docker/disk-actions'
import { formatBytes } from '@console/ui/format.ts'
import { PageHead } from '@console/ui/page-head.tsx'
import { Panel } from '@console/ui/panel.tsx'
import { Note } from '@console/ui/states.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { KindsPanel } from './kinds-panel.tsx'
import { SpacePanel } from './space-panel.tsx'

/** What Docker takes of the disk, and what of it can go. */
export function SystemPage() {
  const stats = useRead(getDockerStats, {}, { every: 15_000 })
  const use = stats.data
  return (
    <>
      <PageHead
        title={
          use ? (use.goesBytes > 0 ? `Docker can give back ${formatBytes(use.goesBytes)}` : 'Docker has nothing to give back') : 'System'
        }
        sub={use && <>It takes {formatBytes(use.totalBytes)} on this host</>}
        actions={
          use && (
            <span className="c3 small">
              measured <Ago at={use.measuredAt} />
              {use.measuring && ', measuring again'}
            </span>
          )
        }
      />
      <div className="stack">
        {(stats.isPending || stats.error) && (
          <Panel title="Disk use">
            <QueryState query={stats} what="The disk use" />
          </Panel>
        )}
        {use?.trouble && (
          <Note kind="warn" role="status" title={`The disk use could not be measured again: ${use.trouble.message}`}>
            Shown is what was measured <Ago at={use.measuredAt} />.
          </Note>
        )}
        {use && <SpacePanel use={use} />}
        {use && <KindsPanel use={use} />}
      </div>
    </>
  )
}

'use client'
import type { ApiError } from '@console/api-client/client'
import { CleanupReceipts, CleanupUnderWay } from '@console/console/cleanup-receipts.tsx'
import { useConsole } from '@console/console/console-provider.tsx'
import { QueryState } from '@console/console/query-state.tsx'
import { useKnown, useRead } from '@console/console/use-action.ts'
import { listParts } from '@console/contracts/console/actions'
import { getDockerStats, listCleanups, runCleanup } from '@console/contracts/docker/disk-actions'
import { getMetrics } from '@console/contracts/system/actions'
import { Button } from '@console/ui/button.tsx'
import { formatBytes } from '@console/ui/format.ts'
import { PageHead } from '@console/ui/page-head.tsx'
import { Panel } from '@console/ui/panel.tsx'
import { Note } from '@console/ui/states.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { useToast } from '@console/ui/toast.tsx'
import { RefreshCw } from 'lucide-react'
import { parseAsString, useQueryState } from 'nuqs'
import { useEffect, useState } from 'react'
import { fullestDisk, percentText } from '../../lib/metric-words.ts'
import { CleanupDialog } from './cleanup-dialog.tsx'
import { kindsOf } from './disk-words.ts'
import { PlanPanel } from './plan-panel.tsx'
import { ReceiptDialog } from './receipt-dialog.tsx'
import { SpacePanel } from './space-panel.tsx'
import { planInput, useChoice } from './use-choice.ts'

const restMs = 15_000
const busyMs = 1_000

/** What Docker takes of the disk, what of it can go, the plan of a cleanup, and what came of those before. */
export function SystemPage() {
  const { client } = useConsole()
  const choice = useChoice()
  const [shown, setShown] = useQueryState('receipt', parseAsString)
  const [planning, setPlanning] = useState(false)
  const [busy, setBusy] = useState(false)
  const stats = useRead(getDockerStats, {}, { every: busy ? busyMs : restMs })
  const known = useKnown(getDockerStats)
  const toast = useToast()
  const [asking, setAsking] = useState(false)
  const measureAgain = async (): Promise<void> => {
    setAsking(true)
    await client.call(getDockerStats, { query: { again: 'true' } }).then(
      (result) => known({}, result),
      (error: ApiError) => toast({ kind: 'bad', title: 'It could not be measured again', text: error.message }),
    )
    setAsking(false)
  }
  const receipts = useRead(listCleanups, {}, { every: busy ? busyMs : restMs })
  const use = stats.data
  const metrics = useRead(getMetrics, {}, { every: restMs })
  const disk = metrics.data ? fullestDisk(metrics.data.disks) : null
  const host = useRead(listParts, {}).data?.host.name ?? 'this host'
  const running = receipts.data?.items.find(({ state }) => state === 'running')
  const open = receipts.data?.items.find(({ digest }) => digest === shown)
  // Whatever is under way is asked for more often: another measurement, or a cleanup, of whoever began it.
  const underWay = running !== undefined || use?.measuring === true
  useEffect(() => setBusy(underWay), [underWay])
  return (
    <>
      <PageHead
        title={
          use ? (use.goesBytes > 0 ? `Docker can give back ${formatBytes(use.goesBytes)}` : 'Docker has nothing to give back') : 'System'
        }
        sub={
          use && (
            <>
              It takes {formatBytes(use.totalBytes)} on {host}
              {disk && `; disk ${disk.mount} is ${percentText(disk.percent)} full`}
            </>
          )
        }
        actions={
          use && (
            <>
              <span className="c3 small" role="status">
                measured <Ago at={use.measuredAt} />
                {use.measuring && ', measuring again'}
              </span>
              <Button
                icon={<RefreshCw className="ic s" aria-hidden="true" />}
                busy={asking || use.measuring}
                data-key="r"
                onClick={() => void measureAgain()}
              >
                Measure again
              </Button>
            </>
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
        {running && <CleanupUnderWay receipt={running} onOpen={() => void setShown(running.digest)} />}
        {use && <SpacePanel use={use} />}
        {use && <PlanPanel use={use} choice={choice} busy={running !== undefined} onPlan={() => setPlanning(true)} />}
        <CleanupReceipts query={receipts} action={runCleanup} whatOf={kindsOf} onOpen={(digest) => void setShown(digest)} />
      </div>
      {planning && (
        <CleanupDialog
          wish={planInput(choice)}
          onClose={() => setPlanning(false)}
          onBegun={(digest) => {
            choice.clear()
            void setShown(digest)
          }}
        />
      )}
      {!planning && open && <ReceiptDialog receipt={open} onClose={() => void setShown(null)} />}
    </>
  )
}

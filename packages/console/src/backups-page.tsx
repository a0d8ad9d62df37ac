'use client'
import type { BackupActions } from '@console/contracts/backups/actions'
import type { Backup, BackupsState } from '@console/contracts/backups/schemas'
import { Button } from '@console/ui/button.tsx'
import { formatBytes, formatCount, formatDuration } from '@console/ui/format.ts'
import { PageHead } from '@console/ui/page-head.tsx'
import { Panel } from '@console/ui/panel.tsx'
import { Note } from '@console/ui/states.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { useToast } from '@console/ui/toast.tsx'
import { Archive } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import type { Backups } from './backup-actions.ts'
import { BackupDrill, BackupKey, BackupRulesPanel } from './backup-panels.tsx'
import { BackupRuns, BackupUnderWay } from './backup-runs.tsx'
import { BackupsTable } from './backups-table.tsx'
import { QueryState } from './query-state.tsx'
import { RestoreDialog } from './restore-dialog.tsx'
import { useDo, useRead, useWhyNot } from './use-action.ts'
import { useBackupHistory } from './use-backup-history.ts'

const restMs = 30_000
const workingMs = 1_000
const dayMs = 86_400_000

type Props = {
  readonly actions: BackupActions
  /** Where the page stands. */
  readonly section: string
  readonly tabs?: ReactNode
  /** The backup whose restore is planned, as the address says; null for none. */
  readonly restoring: string | null
  readonly onRestoring: (id: string | null) => void
  /** Where the audit rows of a request stand. */
  readonly auditOf: (requestId: string) => string
}

/** Backups of one service: what is there, what opens it, whether it was tried, and the way back. */
export function BackupsPage({ actions, section, tabs, restoring, onRestoring, auditOf }: Props) {
  const backups = actions as Backups
  const [every, setEvery] = useState(restMs)
  const state = useRead(backups.listBackups, {}, { every })
  const wanted = state.data?.work ? workingMs : restMs
  if (wanted !== every) setEvery(wanted)
  const make = useDo(backups.makeBackup, { changes: [backups.listBackups] })
  const whyNot = useWhyNot()
  const toast = useToast()
  const { data } = state
  const found = data?.items.find(({ id, state: is }) => id === restoring && is === 'made')
  const history = useBackupHistory(data, auditOf)
  const denied = whyNot(backups.makeBackup)
  const busy = data?.work ? 'One thing is done at a time' : null
  return (
    <>
      <PageHead title={data ? findingOf(data) : 'Backups'} sub={data ? <Summary section={section} state={data} /> : section} />
      {tabs}
      <div className="cols c-8-4">
        <div className="stack">
          {data?.work && <BackupUnderWay run={data.work} />}
          {data?.restored && <Restored receipt={data.restored} />}
          {make.error && <Note kind="bad" role="alert" title={make.error.message} />}
          <Panel
            title={`Backups of ${data?.service ?? 'this service'}`}
            label={data?.holds}
            actions={
              <Button
                small
                icon={<Archive className="ic s" aria-hidden="true" />}
                busy={make.isPending}
                disabledReason={denied ?? busy}
                reasonHidden
                onClick={() => make.mutate({ body: {} }, { onSuccess: () => toast({ kind: 'ok', title: 'A backup is being made' }) })}
              >
                Back up now
              </Button>
            }
            footer={data && data.items.length > 0 && <span>{keptWords(data)}</span>}
          >
            <QueryState query={state} what="Backups" />
            {data && <BackupsTable state={data} backups={backups} busy={busy} onRestore={({ id }) => onRestoring(id)} />}
          </Panel>
          {data && <BackupRuns {...history} />}
        </div>
        {data && (
          <div className="stack">
            <BackupKey state={data} backups={backups} />
            <BackupDrill state={data} backups={backups} busy={busy} />
            <BackupRulesPanel key={Object.values(data.rules).join()} state={data} backups={backups} />
          </div>
        )}
      </div>
      {found && data && <RestoreDialog backup={found} service={data.service} backups={backups} onClose={() => onRestoring(null)} />}
    </>
  )
}

/** What to know first: the drill that is late, the backup that is missing. */
function findingOf({ items, drill, drillLate }: BackupsState): string {
  const newest = items.find(({ state }) => state === 'made')
  if (!newest) return 'There is no backup yet'
  if (drill?.check.state === 'failed') return 'The last restore drill failed'
  if (!drillLate) return 'Backups'
  if (!drill) return 'No backup was ever tried'
  return `The last restore drill is ${formatDuration(Math.floor((Date.now() - Date.parse(drill.check.at)) / dayMs) * dayMs)} old`
}

function Summary({ section, state: { items, totalBytes } }: { readonly section: string; readonly state: BackupsState }) {
  const made = items.filter(({ state }) => state === 'made')
  const [newest] = made
  if (!newest) return section
  return (
    <>
      {section} · newest backup <Ago at={newest.madeAt} />
      {newest.check?.state === 'passed' ? ', verified' : ', not verified'} · {countOf(made)}, {formatBytes(totalBytes)} in{' '}
      <span className="mono">DATA_DIR</span>
    </>
  )
}

const countOf = (made: readonly Backup[]): string => formatCount(made.length, 'backup')

const hostedWords =
  ' A hosted store has no moment that holds for all documents: each is in a backup as it was when its turn came, between the two times beside it.'

const inWords = new Intl.ListFormat('en-GB')

function keptWords({ items, rules, service }: BackupsState): string {
  const other = service === 'devops-backend' ? 'Platform Admin' : 'The DevOps dashboard'
  const counts = [
    [rules.nights, 'night'],
    [rules.weeks, 'week'],
    [rules.months, 'month'],
  ] as const
  const periods = inWords.format(counts.filter(([count]) => count > 0).map(([count, of]) => formatCount(count, of)))
  return `Kept: the ${rules.keep} newest${periods && `, and the first of each of ${periods}`}, on the disk of the service. ${other} keeps its own. The whole console is kept by deploy.sh on the host.${items.some(({ hosted }) => hosted) ? hostedWords : ''}`
}

function Restored({ receipt }: { readonly receipt: NonNullable<BackupsState['restored']> }) {
  const { state, backupId, at, by, counts, beforeId, problem } = receipt
  const { added, replaced, removed, skipped } = counts
  if (state === 'failed')
    return (
      <Note kind="bad" title={`The restore of ${backupId} failed`}>
        {problem}
      </Note>
    )
  return (
    <Note kind="ok" title={`Restored from ${backupId}`}>
      <Ago at={at} />, by {by.name ?? by.id}: {replaced} replaced, {added} brought back, {removed} removed
      {skipped > 0 && `, ${skipped} left as they were found`}. How things were before is in {beforeId ?? 'a backup that is gone'}.
    </Note>
  )
}

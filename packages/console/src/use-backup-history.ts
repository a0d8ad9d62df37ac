'use client'
import { listAuditRows, listPlatformAuditRows } from '@console/contracts/audit/actions'
import { devopsBackups, platformBackups } from '@console/contracts/backups/actions'
import type { BackupsState } from '@console/contracts/backups/schemas'
import type { Backups } from './backup-actions.ts'
import { entriesOfHost, entryOf, type HistoryEntry, newestFirst } from './backup-history.ts'
import { useRead, useWhyNot } from './use-action.ts'

const every = 30_000

/** One history of the backups of both services and of the whole console; `missing` says what of it cannot be read, and why. */
export function useBackupHistory(
  own: BackupsState | undefined,
  auditOf: (requestId: string) => string,
): { readonly entries: readonly HistoryEntry[]; readonly missing: readonly string[] } {
  const atDevops = own?.service === 'devops-backend'
  const other = (atDevops ? platformBackups : devopsBackups) as Backups
  const logs = (atDevops ? listAuditRows : listPlatformAuditRows) as typeof listPlatformAuditRows
  const whyNot = useWhyNot()
  const [otherDenied, logsDenied] = [whyNot(other.listBackups), whyNot(logs)]
  const others = useRead(other.listBackups, {}, { every, enabled: own !== undefined && otherDenied === null })
  const told = useRead(logs, { query: { action: 'console.', limit: '100' } }, { every, enabled: own !== undefined && logsDenied === null })
  if (!own) return { entries: [], missing: [] }
  // The audit page of the DevOps dashboard shows all logs, that of Platform Admin its own.
  const otherAudit = atDevops ? auditOf : null
  const entries = newestFirst([
    ...own.runs.map((run) => entryOf(run, auditOf)),
    ...(others.data?.runs ?? []).map((run) => entryOf(run, otherAudit)),
    ...entriesOfHost(told.data?.items ?? [], auditOf),
  ])
  const otherName = atDevops ? 'platform-service' : 'devops-backend'
  const lacks = (what: string, why: string | null | undefined): string[] => (why ? [`Without ${what}: ${why}`] : [])
  return {
    entries,
    missing: [
      ...lacks(`the runs of ${otherName}`, otherDenied ?? (others.data ? null : others.error?.message)),
      ...lacks('what deploy.sh did on the host', logsDenied ?? (told.data ? null : told.error?.message)),
    ],
  }
}

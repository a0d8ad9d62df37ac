import type { AuditRow } from '@console/contracts/audit/schemas'
import type { BackupRun } from '@console/contracts/backups/schemas'

/** Work on a backup of one service, or what deploy.sh did on the host with all of them; `auditHref` is null where its rows stand in no log that is read here. */
export type HistoryEntry = Omit<BackupRun, 'steps' | 'done' | 'of' | 'requestId'> & {
  readonly step: string | null
  readonly auditHref: string | null
}

/** What deploy.sh tells the logs of both services. */
const hostKinds: Readonly<Record<string, BackupRun['kind']>> = { 'console.backup.make': 'backup', 'console.restore.run': 'restore' }
export const wholeConsole = 'whole console'

export function entryOf(
  { steps, done: _, of: __, requestId, ...run }: BackupRun,
  auditOf: ((requestId: string) => string) | null,
): HistoryEntry {
  return { ...run, step: steps.at(-1)?.name ?? null, auditHref: auditOf?.(requestId) ?? null }
}

/** One a deed: both services are told of the same one. Anything else is left out. */
export function entriesOfHost(rows: readonly AuditRow[], auditOf: (requestId: string) => string): HistoryEntry[] {
  const byRequest = new Map<string, HistoryEntry>()
  for (const { action, target, at, outcome, requestId, details } of rows) {
    const kind = hostKinds[action]
    if (!kind || (outcome !== 'done' && outcome !== 'failed')) continue
    const said = details ?? {}
    const by = typeof said.by === 'string' ? said.by : 'deploy.sh'
    const startedAt = typeof said.at === 'string' ? said.at : at
    byRequest.set(requestId, {
      id: requestId,
      kind,
      service: wholeConsole,
      state: outcome === 'done' ? 'succeeded' : 'failed',
      backupId: target.replace(/\.backup$/, ''),
      actor: { kind: 'service', id: 'deploy.sh', name: by },
      reason: null,
      startedAt,
      endedAt: null,
      outcome: typeof said.problem === 'string' ? said.problem : wordsOf(kind, target, said.bytes),
      step: null,
      auditHref: auditOf(requestId),
    })
  }
  return [...byRequest.values()]
}

function wordsOf(kind: BackupRun['kind'], target: string, bytes: unknown): string {
  if (kind === 'restore') return `All of it came back from ${target}.`
  return typeof bytes === 'number' ? `${target}: ${bytes.toLocaleString('en-US')} bytes, read again and found whole.` : target
}

export function newestFirst(entries: readonly HistoryEntry[]): HistoryEntry[] {
  return [...entries].sort((a, b) => (a.startedAt < b.startedAt ? 1 : a.startedAt > b.startedAt ? -1 : 0))
}

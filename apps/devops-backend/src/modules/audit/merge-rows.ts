import type { AuditRow, LogName } from '@console/contracts/audit/schemas'

export type AuditFilter = {
  readonly log?: LogName | undefined
  readonly actor?: string | undefined
  readonly action?: string | undefined
  readonly outcome?: AuditRow['outcome'] | undefined
  readonly target?: string | undefined
  readonly requestId?: string | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
  /** Witnessed checkpoints come every few seconds, and would bury what people do. */
  readonly checkpoints?: 'hide' | undefined
}
const witnessed = 'audit.checkpoint.witnessed'

/** Whether a row is asked for. `action` and `target` match as a part, `actor` the id or a part of the name, without regard to case. */
export function rowFits(row: AuditRow, filter: AuditFilter): boolean {
  const has = (text: string, part: string) => text.toLowerCase().includes(part.toLowerCase())
  if (filter.checkpoints === 'hide' && row.action === witnessed && row.outcome === 'done') return false
  if (filter.log && row.log !== filter.log) return false
  if (filter.actor && row.actor.id !== filter.actor && !has(row.actor.name ?? '', filter.actor)) return false
  if (filter.action && !has(row.action, filter.action)) return false
  if (filter.outcome && row.outcome !== filter.outcome) return false
  if (filter.target && !has(row.target, filter.target)) return false
  if (filter.requestId && row.requestId !== filter.requestId) return false
  return (!filter.from || row.at >= filter.from) && (!filter.to || row.at <= filter.to)
}

/** Newest first over all logs; rows of one millisecond by log and sequence, so that the order never changes between pages. */
export function newestFirst(a: AuditRow, b: AuditRow): number {
  return b.at.localeCompare(a.at) || a.log.localeCompare(b.log) || b.seq - a.seq
}

import type { AuditLog, Row, RowFilter } from '@console/audit-chain/log'
import type { AuditRow, LogName } from '@console/contracts/audit/schemas'
import { AppError } from '@console/http-kit/problem'

export type AuditQuery = {
  readonly log?: LogName | undefined
  readonly actor?: string | undefined
  readonly action?: string | undefined
  readonly outcome?: AuditRow['outcome'] | undefined
  readonly target?: string | undefined
  readonly requestId?: string | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly checkpoints?: 'hide' | undefined
  readonly limit?: number | undefined
  readonly cursor?: string | undefined
}
const own = 'platform-service'

/** Rows of the identity log, newest first. */
export async function listRows(
  log: Pick<AuditLog, 'read'>,
  { log: which, limit = 50, cursor, ...asked }: AuditQuery,
): Promise<{ items: AuditRow[]; nextCursor: string | null }> {
  if (which !== undefined && which !== own) return { items: [], nextCursor: null }
  const filter = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined)) as RowFilter
  const { rows, next } = await log.read({ order: 'desc', limit, filter, ...(cursor !== undefined && { before: seqOf(cursor) }) })
  return { items: rows.map(rowOf), nextCursor: next === undefined || next <= 1 ? null : String(next) }
}

/** A row as the contract has it: absent is null. */
export function rowOf({
  seq,
  at,
  action,
  actor,
  requestId,
  target,
  outcome,
  risk,
  code,
  input,
  details,
  address,
  count,
  of,
  hash,
}: Row): AuditRow {
  return {
    log: own,
    seq,
    at,
    action,
    actor: { kind: actor.kind, id: actor.id, name: actor.name ?? null },
    requestId,
    target,
    outcome,
    risk: risk ?? null,
    code: code ?? null,
    input: input === undefined ? null : { ...input },
    details: details === undefined ? null : { ...details },
    address: address ?? null,
    count: count ?? null,
    of: of ?? null,
    hash,
  }
}

function seqOf(cursor: string): number {
  if (!/^[1-9][0-9]{0,14}$/.test(cursor)) throw new AppError('INPUT_INVALID', 400, 'query.cursor: is not one that this list answered.')
  return Number(cursor)
}

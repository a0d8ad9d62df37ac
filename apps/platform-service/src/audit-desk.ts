import { createDeniedRows } from '@console/audit-chain/denied-rows'
import type { AuditLog, NewRow, Row } from '@console/audit-chain/log'
import { AppError } from '@console/http-kit/problem'

export type AuditDesk = {
  /** What the mount writes to. */
  readonly append: AuditLog['append']
  readonly mask: AuditLog['mask']
  /**
   * Puts the intent of a request by nobody known on record, now that it is known who asks: to be awaited before the first effect.
   * @throws AppError AUDIT_UNAVAILABLE
   */
  intend(requestId: string, actor: NewRow['actor']): Promise<void>
  /** A row beside those of the mount: a refused cookie, the beginning of a block. Alike ones are counted. Never rejects. */
  event(row: NewRow): void
  /** Writes what was only counted; with `all` before closing. */
  flush(all?: boolean): Promise<void>
}
type Options = {
  readonly log: Pick<AuditLog, 'append' | 'mask'>
  readonly now: () => number
  readonly alarm: (what: string, error: unknown) => void
}

/**
 * Stands between the mount and the log for what nobody known asks: sign-in, setup, accepting an invite. Their intent is held back until
 * the credential has proved good, and written then, under the name of the person. An attempt that fails has had no effect, nor has one that ends without: it is one row,
 * and alike ones of an address and a minute become one with a count, so that a flood of guesses buries nothing.
 */
export function createAuditDesk({ log, now, alarm }: Options): AuditDesk {
  const held = new Map<string, { row: NewRow; seq?: number; actor?: NewRow['actor'] }>()
  const refused = createDeniedRows({ append: log.append, now })
  const byNobody = (row: NewRow) => row.actor.kind === 'anonymous'
  return {
    mask: log.mask,
    async append(row, options) {
      if (!byNobody(row)) return log.append(row, options)
      if (row.outcome === 'started') {
        held.set(row.requestId, { row })
        return heldRow(row, now())
      }
      const intent = held.get(row.requestId)
      held.delete(row.requestId)
      const { of: _, ...rest } = row
      if (intent?.seq !== undefined) return log.append({ ...rest, actor: intent.actor ?? row.actor, of: intent.seq }, options)
      // Done for nobody known: it had no effect that is theirs, such as a wish for a link; a flood of them is counted too.
      await refused.add({ ...rest, ...(intent?.row.input && { input: intent.row.input }) })
      return heldRow(row, now())
    },
    async intend(requestId, actor) {
      const intent = held.get(requestId)
      if (!intent) throw new Error('no intent is held for this request')
      const { seq } = await log.append({ ...intent.row, actor }).catch((cause: unknown) => {
        throw new AppError(
          'AUDIT_UNAVAILABLE',
          503,
          'Nothing was done: the audit log cannot be written. Free space on the disk, then try again.',
          {
            cause,
          },
        )
      })
      held.set(requestId, { row: intent.row, seq, actor })
    },
    event(row) {
      refused.add(row).catch((error: unknown) => alarm(`the row of ${row.action} could not be written`, error))
    },
    flush: (all) => refused.flush(all),
  }
}

/** Not on record: stands for the row where the mount asks for one. */
function heldRow(row: NewRow, nowMs: number): Row {
  return { ...row, seq: 0, at: new Date(nowMs).toISOString(), log: '', prev: '', hash: '' }
}

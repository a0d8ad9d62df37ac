import type { AuditLog } from '@console/audit-chain/log'
import type { AuditRow, ChainState } from '@console/contracts/audit/schemas'
import type { Actor, Context } from '@console/http-kit/context'
import { AppError } from '@console/http-kit/problem'

type PublicKey = Parameters<AuditLog['witness']>[1]['publicKey']
export type JournalDeps = {
  readonly log: AuditLog
  readonly rowOf: (row: Awaited<ReturnType<AuditLog['append']>>) => AuditRow
  /** The key with which another part signs its checkpoints; null for a part that is not known. */
  readonly keyOf: (name: string) => PublicKey | null
  /** A checkpoint of this log was taken. */
  readonly received: (name: string) => void
  readonly now: () => number
}
export type Journal = {
  read(ctx: Context, asked: { after: number; limit: number }): Promise<{ rows: AuditRow[]; head: number }>
  checkpoint(ctx: Context): Promise<{ checkpoint: string }>
  verify(ctx: Context): Promise<ChainState>
  witness(ctx: Context, checkpoint: string): Promise<void>
}

/** The one program that merges the four logs and carries checkpoints between them. */
const carrier = 'devops-backend'

/** The identity log for devops-backend, and the desk where it hands in what other logs say of themselves. */
export function createJournal({ log, rowOf, keyOf, received, now }: JournalDeps): Journal {
  let handedOut: { size: number; at: string } | null = null
  return {
    async read({ actor }, { after, limit }) {
      assertCarrier(actor)
      const { rows } = await log.read({ order: 'asc', after, limit })
      return { rows: rows.map(rowOf), head: log.head.seq }
    },
    async checkpoint({ actor }) {
      assertCarrier(actor)
      const checkpoint = await log.checkpoint()
      handedOut = { size: checkpoint.size, at: checkpoint.at }
      return { checkpoint: JSON.stringify(checkpoint) }
    },
    async verify({ actor }) {
      assertCarrier(actor)
      const { ok, size, problems } = await log.verify()
      const [first] = problems
      return {
        log: 'platform-service',
        state: ok ? 'valid' : 'broken',
        rows: size,
        firstBadSeq: first?.seq ?? null,
        problem: first?.message ?? null,
        unanchored: Math.max(0, size - (handedOut?.size ?? 0)),
        lastCheckpointAt: handedOut?.at ?? null,
        restored: null,
        checkedAt: new Date(now()).toISOString(),
      }
    },
    async witness({ actor, requestId }, text) {
      assertCarrier(actor)
      const value = parsed(text)
      const name = String((value as { log?: unknown } | null)?.log)
      const publicKey = keyOf(name)
      if (!publicKey) throw new AppError('CHECKPOINT_REFUSED', 409, 'The checkpoint is of a log that is not known here.')
      await log.witness(value, { publicKey, requestId, carrier: { kind: 'service', id: actor.id } }).catch((cause: Error) => {
        if (cause.name !== 'CheckpointRefused') throw cause
        throw new AppError('CHECKPOINT_REFUSED', 409, `The checkpoint was not taken: ${cause.message}`, { cause })
      })
      received(name)
    },
  }
}

function assertCarrier({ name }: Actor): void {
  if (name !== carrier) throw new AppError('AUTH_FORBIDDEN', 403, `Only ${carrier} reads this log and carries checkpoints.`)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

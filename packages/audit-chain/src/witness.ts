import type { KeyObject } from 'node:crypto'
import { witnessedAction } from './chain-state.ts'
import { type Checkpoint, isCheckpoint, isCheckpointBy } from './checkpoint.ts'
import type { NewRow, Row } from './row.ts'

export type RefusalCode =
  | 'CHECKPOINT_SHAPE'
  | 'CHECKPOINT_OWN'
  | 'CHECKPOINT_SIGNATURE'
  | 'CHECKPOINT_GENESIS'
  | 'CHECKPOINT_SMALLER'
  | 'CHECKPOINT_FORKED'
  | 'CHECKPOINT_OLD'

/** A checkpoint that was not taken as good; a row says so, at most once a minute for each log and code. */
export class CheckpointRefused extends Error {
  override readonly name = 'CheckpointRefused'
  readonly code: RefusalCode
  constructor(code: RefusalCode) {
    super(refusals[code])
    this.code = code
  }
}

export type Witness = {
  /** the public half of the key of the log that the checkpoint is of */
  readonly publicKey: KeyObject
  readonly requestId: string
  /** who carried it here; the part itself if not given */
  readonly carrier?: NewRow['actor']
}

export type WitnessDesk = {
  readonly witness: (value: unknown, how: Witness) => Promise<Row>
}

type Parts = {
  readonly log: string
  readonly now: () => number
  readonly append: (row: NewRow) => Promise<Row>
  readonly lastOf: (log: string) => Checkpoint | undefined
}

/** Takes the checkpoints of other logs one after the other, so that each is held against the one before it. */
export function createWitnessDesk({ log, now, append, lastOf }: Parts): WitnessDesk {
  const refusedAt = new Map<string, number>()
  let turn: Promise<unknown> = Promise.resolve()

  async function take(value: unknown, { publicKey, requestId, carrier = { kind: 'service', id: log } }: Witness): Promise<Row> {
    const code = refusalOf(value, { log, publicKey, last: isCheckpoint(value) ? lastOf(value.log) : undefined })
    const of = isCheckpoint(value) ? value.log : 'unknown'
    const row = { actor: carrier, requestId, target: of }
    if (code === undefined) return append({ ...row, action: witnessedAction, outcome: 'done', details: { checkpoint: value } })
    const last = refusedAt.get(`${of} ${code}`)
    if (last === undefined || Math.abs(now() - last) >= 60_000) {
      refusedAt.set(`${of} ${code}`, now())
      await append({
        ...row,
        action: refusedAction,
        outcome: 'denied',
        code,
        ...(isCheckpoint(value) && { details: { checkpoint: value } }),
      })
    }
    throw new CheckpointRefused(code)
  }

  return {
    witness: (value, how) => {
      const done = turn.then(() => take(value, how))
      turn = done.catch(() => undefined)
      return done
    },
  }
}

/** The action of a row about a checkpoint that was not taken. */
export const refusedAction = 'audit.checkpoint.refused'

/** Why a checkpoint is no good, or undefined. Pure; `last` is the one of the same log that was taken before. */
export function refusalOf(
  value: unknown,
  { log, publicKey, last }: { readonly log: string; readonly publicKey: KeyObject; readonly last: Checkpoint | undefined },
): RefusalCode | undefined {
  if (!isCheckpoint(value)) return 'CHECKPOINT_SHAPE'
  if (value.log === log) return 'CHECKPOINT_OWN'
  if (!isCheckpointBy(publicKey, value)) return 'CHECKPOINT_SIGNATURE'
  if (value.size === 0 && value.head !== value.genesis) return 'CHECKPOINT_FORKED'
  if (last === undefined) return undefined
  if (value.genesis !== last.genesis) return 'CHECKPOINT_GENESIS'
  if (value.size < last.size) return 'CHECKPOINT_SMALLER'
  if (value.size > last.size) return undefined
  if (value.head !== last.head) return 'CHECKPOINT_FORKED'
  return value.at > last.at ? undefined : 'CHECKPOINT_OLD'
}

const refusals: Record<RefusalCode, string> = {
  CHECKPOINT_SHAPE: 'That is no checkpoint.',
  CHECKPOINT_OWN: 'A log cannot witness itself.',
  CHECKPOINT_SIGNATURE: 'The checkpoint is not signed by the log that it is of.',
  CHECKPOINT_GENESIS: 'The log has been replaced by another one since its last checkpoint.',
  CHECKPOINT_SMALLER: 'The log is shorter than at its last checkpoint.',
  CHECKPOINT_FORKED: 'The log says something else about rows that it has already vouched for.',
  CHECKPOINT_OLD: 'This checkpoint is no newer than the last one.',
}

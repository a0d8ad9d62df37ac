import type { Checkpoint } from './checkpoint.ts'
import { isCheckpoint } from './checkpoint.ts'
import type { Row } from './row.ts'
import type { Segment } from './segments.ts'

/** The last row on record; of an empty log `seq` 0 and the genesis as `hash`. */
export type Head = { readonly seq: number; readonly hash: string; readonly at: string }

/** What is known of a log while it is open. */
export type ChainState = {
  readonly log: string
  readonly genesis: string
  /** seq of the last row when the log was opened */
  readonly openedAt: number
  head: Head
  readonly segments: Segment[]
  /** `started` rows without an outcome, by seq */
  readonly pending: Map<number, Row>
  /** the last checkpoint of each other log that stands in this one */
  readonly witnessed: Map<string, Checkpoint>
  /** bytes of a torn last line that stood there when the log was opened; they go before the next row */
  readonly cutBytes: number
  /** all bytes behind the last row when the log was opened: a torn line, and room that was made and never used */
  readonly tailBytes: number
}

/** The action of a row that holds another log's checkpoint under `details.checkpoint`. */
export const witnessedAction = 'audit.checkpoint.witnessed'

/** Takes a row that is on record into account. */
export function observe(state: Pick<ChainState, 'pending' | 'witnessed'>, row: Row): void {
  if (row.outcome === 'started') state.pending.set(row.seq, row)
  if (row.of !== undefined) state.pending.delete(row.of)
  if (row.action !== witnessedAction || row.outcome !== 'done') return
  const checkpoint = row.details?.checkpoint
  if (isCheckpoint(checkpoint)) state.witnessed.set(checkpoint.log, checkpoint)
}

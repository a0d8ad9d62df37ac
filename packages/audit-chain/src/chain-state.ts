import type { Checkpoint } from './checkpoint.ts'
import { isCheckpoint } from './checkpoint.ts'
import type { Row } from './row.ts'
import type { Segment } from './segments.ts'
import { type Restore, restoreIn } from './verifier-restores.ts'

/** The last row on record; of an empty log `seq` 0 and the genesis as `hash`. */
export type Head = { readonly seq: number; readonly hash: string; readonly at: string }

/** The last checkpoint of a log that this one witnessed before it was told of a restore, and the row that told it. */
export type SetAside = { readonly checkpoint: Checkpoint; readonly row: Row }

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
  /** checkpoints that a restore took the ground from, by their log, until that log is longer than it was */
  readonly setAside: Map<string, SetAside>
  /** bytes of a torn last line that stood there when the log was opened; they go before the next row */
  readonly cutBytes: number
  /** all bytes behind the last row when the log was opened: a torn line, and room that was made and never used */
  readonly tailBytes: number
}

/** The action of a row that holds another log's checkpoint under `details.checkpoint`. */
export const witnessedAction = 'audit.checkpoint.witnessed'

/** Takes a row that is on record into account. */
export function observe(state: Pick<ChainState, 'log' | 'pending' | 'witnessed' | 'setAside'>, row: Row): void {
  if (row.outcome === 'started') state.pending.set(row.seq, row)
  if (row.of !== undefined) state.pending.delete(row.of)
  const told = restoreIn(row)
  if (told) setAside(state, row, told.restore)
  if (row.action !== witnessedAction || row.outcome !== 'done') return
  const checkpoint = row.details?.checkpoint
  if (!isCheckpoint(checkpoint)) return
  state.witnessed.set(checkpoint.log, checkpoint)
  if ((state.setAside.get(checkpoint.log)?.checkpoint.size ?? Number.POSITIVE_INFINITY) < checkpoint.size)
    state.setAside.delete(checkpoint.log)
}

/** A log that came back shorter, or that is another one on a new host, is witnessed anew. What was witnessed stays on record. */
function setAside(
  { log, witnessed, setAside }: Pick<ChainState, 'log' | 'witnessed' | 'setAside'>,
  row: Row,
  { hostAgent, logs }: Restore,
): void {
  for (const checkpoint of witnessed.values()) {
    const came = logs[checkpoint.log]
    const isGone = came ? logs[log] === undefined && checkpoint.size > came.rows : hostAgent === 'none'
    if (!isGone) continue
    witnessed.delete(checkpoint.log)
    setAside.set(checkpoint.log, { checkpoint, row })
  }
}

import type { ChainState } from './chain-state.ts'
import { type Place, readCheckpoints, sealsPath } from './open-chain.ts'
import type { NewRow } from './row.ts'
import type { Segment } from './segments.ts'

/** The action of a row that says which rows went: `details.through` is the last of them, `details.hash` its hash. */
export const removedAction = 'audit.segments.removed'

export type Removal = { readonly segments: readonly Segment[]; readonly through: number; readonly row: NewRow }

/**
 * The sealed segments from the beginning of the log that were sealed before a time, and the row to be recorded before they go.
 * Never the last segment, never one from the middle, none that holds an intent without an outcome.
 */
export async function planRemoval(place: Place, state: ChainState, beforeMs: number, requestId: string): Promise<Removal | undefined> {
  const seals = await readCheckpoints(place.fs, sealsPath(place))
  const oldestPending = Math.min(...state.pending.keys(), Number.POSITIVE_INFINITY)
  const segments: Segment[] = []
  let last: { size: number; head: string } | undefined
  for (const [index, segment] of state.segments.slice(0, -1).entries()) {
    const through = (state.segments[index + 1]?.firstSeq ?? 0) - 1
    const seal = seals.findLast((one) => one.size === through)
    if (seal === undefined || Date.parse(seal.at) >= beforeMs || through >= oldestPending) break
    segments.push(segment)
    last = seal
  }
  if (last === undefined) return undefined
  const row: NewRow = {
    action: removedAction,
    actor: { kind: 'service', id: state.log },
    requestId,
    target: state.log,
    outcome: 'done',
    count: last.size - ((segments[0]?.firstSeq ?? 1) - 1),
    details: { through: last.size, hash: last.head },
  }
  return { segments, through: last.size, row }
}

/** Deletes the files of a removal that is on record. */
export async function carryOut({ fs, dir }: Place, state: ChainState, { segments }: Removal): Promise<void> {
  for (const segment of segments) {
    await fs.remove(segment.path)
    state.segments.splice(state.segments.indexOf(segment), 1)
  }
  await fs.syncFolder(dir)
}

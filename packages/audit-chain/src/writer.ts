import type { ChainState } from './chain-state.ts'
import { createChainTail } from './chain-tail.ts'
import type { Place } from './open-chain.ts'
import type { Reserve } from './reserve.ts'
import type { Row } from './row.ts'
import { AuditUnavailable, meansFull, unavailableFrom } from './unavailable.ts'

export type Draft = { readonly members: string; readonly essential: boolean }

export type Writer = {
  /** Resolves when the row is durable; rejects with `AuditUnavailable`, and then nothing is on record. */
  readonly append: (draft: Draft) => Promise<Row>
  /** Runs with no append under way; appends that come meanwhile wait. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>
  readonly state: () => ChainState | undefined
  readonly trouble: () => AuditUnavailable | undefined
  readonly close: () => Promise<void>
}

type Waiting = Draft & { readonly resolve: (row: Row) => void; readonly reject: (error: unknown) => void }

/** The one writer of a log: rows that arrive together are written together, and what the disk has no room for is decided row by row. */
export async function openWriter(place: Place, { reserve, segmentBytes }: { reserve: Reserve; segmentBytes: number }): Promise<Writer> {
  const tail = createChainTail(place, segmentBytes)
  const queue: Waiting[] = []
  let trouble: AuditUnavailable | undefined
  let turn: Promise<unknown> = Promise.resolve()
  let scheduled = false

  function alone<T>(work: () => Promise<T>): Promise<T> {
    const done = turn.then(work)
    turn = done.catch(() => undefined)
    return done
  }

  async function drain(): Promise<void> {
    scheduled = false
    while (queue.length > 0) await commit(queue.splice(0, batchRows))
  }

  async function commit(batch: readonly Waiting[]): Promise<void> {
    if (batch.some((draft) => draft.essential)) await reserve.giveUpIfScarce().catch(() => undefined)
    const taken = await admit(batch)
    const error = await record(taken)
    if (error === undefined) return
    const { essential = [], other = [] } = meansFull(error) ? Object.groupBy(taken, kindOf) : { other: [...taken] }
    fail(other, unavailableFrom(error))
    if (essential.length === 0) return
    const still = await reserve.giveUp().then(
      () => record(essential),
      (cause: unknown) => cause,
    )
    if (still !== undefined) fail(essential, unavailableFrom(still))
  }

  /** While the disk is full, or as good as full, what is not essential waits for room, and for the reserve to be whole again. */
  async function admit(batch: readonly Waiting[]): Promise<readonly Waiting[]> {
    if (trouble?.trouble === 'closed' || trouble?.trouble === 'broken') return fail(batch, trouble)
    const { essential = [], other = [] } = Object.groupBy(batch, kindOf)
    if (other.length === 0 || (await hasRoom())) return batch
    fail(other, unavailableFrom(Object.assign(new Error('only the reserve is left'), { code: 'ENOSPC' })))
    return essential
  }

  async function hasRoom(): Promise<boolean> {
    if (reserve.state() === 'given') return reserve.regain().catch(() => false)
    return !(await reserve.isScarce().catch(() => false))
  }

  /** Answers why the rows could not be recorded, if so. */
  async function record(batch: readonly Waiting[]): Promise<unknown> {
    if (batch.length === 0) return undefined
    try {
      const rows = await tail.write(batch.map(({ members }) => members))
      if (reserve.state() !== 'given') trouble = undefined
      reserve.refresh()
      for (const [index, { resolve }] of batch.entries()) resolve(rows[index] as Row)
      return undefined
    } catch (error) {
      return error
    }
  }

  function fail(batch: readonly Waiting[], why: AuditUnavailable): readonly Waiting[] {
    if (batch.length > 0) trouble = why
    for (const { reject } of batch) reject(why)
    return []
  }

  // A log that cannot be opened now is opened by a later append: its owner starts, answers reads and says why it refuses changes.
  await tail.ready().catch(async (error: unknown) => {
    trouble = unavailableFrom(error)
    await tail.letGo()
  })

  return {
    append: (draft) =>
      new Promise<Row>((resolve, reject) => {
        queue.push({ ...draft, resolve, reject })
        if (scheduled) return
        scheduled = true
        void alone(drain)
      }),
    alone,
    state: tail.state,
    trouble: () => trouble,
    close: () =>
      alone(async () => {
        trouble = new AuditUnavailable('closed', 'The audit log is closed.')
        await tail.letGo()
      }),
  }
}

const batchRows = 512

function kindOf({ essential }: Draft): 'essential' | 'other' {
  return essential ? 'essential' : 'other'
}

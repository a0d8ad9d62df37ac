import type { AuditFile } from './audit-fs.ts'
import { type ChainState, type Head, observe } from './chain-state.ts'
import { signCheckpoint } from './checkpoint.ts'
import { openChain, type Place, type Summary, sealsPath, summaryPath } from './open-chain.ts'
import type { Reserve } from './reserve.ts'
import { parseRow, type Row, sealRow } from './row.ts'
import { type Segment, segmentPath } from './segments.ts'
import { AuditUnavailable, meansFull, type Trouble, unavailableFrom } from './unavailable.ts'

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
type Sealed = { readonly head: Head; readonly rows: Row[]; readonly bytes: Buffer }

/** The one writer of a log: rows that arrive together are chained, written at once and made durable by one `fdatasync`. */
export async function openWriter(place: Place, { reserve, segmentBytes }: { reserve: Reserve; segmentBytes: number }): Promise<Writer> {
  const { fs, dir, log, now } = place
  const queue: Waiting[] = []
  let chain: ChainState | undefined
  let file: AuditFile | undefined
  let trouble: AuditUnavailable | undefined
  /** a failed write may have left bytes behind the last row on record */
  let leftovers = false
  let turn: Promise<unknown> = Promise.resolve()
  let scheduled = false

  function exclusively<T>(work: () => Promise<T>): Promise<T> {
    const done = turn.then(work)
    turn = done.catch(() => undefined)
    return done
  }

  async function drain(): Promise<void> {
    scheduled = false
    while (queue.length > 0) await commit(queue.splice(0, batchRows))
  }

  async function commit(batch: Waiting[]): Promise<void> {
    const taken = await admit(batch)
    if (taken.length === 0) return
    try {
      settle(taken, await write(taken))
    } catch (error) {
      if (!meansFull(error)) {
        fail(taken, unavailableFrom(error))
        return
      }
      const essential = taken.filter((row) => row.essential)
      fail(
        taken.filter((row) => !row.essential),
        unavailableFrom(error),
      )
      await commitFromReserve(essential)
    }
  }

  /** While the disk is known to be full, what is not essential waits for the reserve to be whole again. */
  async function admit(batch: Waiting[]): Promise<Waiting[]> {
    if (trouble?.trouble === 'closed' || trouble?.trouble === 'broken') return fail(batch, trouble)
    if (reserve.state() !== 'given' || batch.every((row) => row.essential)) return batch
    if (await reserve.regain().catch(() => false)) return batch
    const why = unavailableFrom(Object.assign(new Error('the reserve is given up'), { code: 'ENOSPC' }))
    fail(
      batch.filter((row) => !row.essential),
      why,
    )
    return batch.filter((row) => row.essential)
  }

  async function commitFromReserve(essential: Waiting[]): Promise<void> {
    if (essential.length === 0) return
    try {
      await reserve.giveUp()
      settle(essential, await write(essential))
    } catch (error) {
      fail(essential, unavailableFrom(error))
    }
  }

  function fail(batch: Waiting[], why: AuditUnavailable): Waiting[] {
    trouble = why
    for (const { reject } of batch) reject(why)
    return []
  }

  function settle(batch: Waiting[], rows: Row[]): void {
    trouble = reserve.state() === 'given' ? trouble : undefined
    reserve.refresh()
    batch.forEach(({ resolve }, index) => {
      resolve(rows[index] as Row)
    })
  }

  /** Chains, writes and syncs; after a failure the file ends where it ended before, or is put right before the next row. */
  async function write(batch: readonly Draft[]): Promise<Row[]> {
    try {
      const state = await ready()
      const segment = await roomFor(state)
      const open = file as AuditFile
      const { size, links } = await open.stat()
      if (size !== segment.size || links === 0) {
        throw new AuditUnavailable('foreign', 'Another program has changed the audit log. End it, then restart this one.')
      }
      const sealed = seal(batch, state, now())
      leftovers = true
      await open.write(sealed.bytes, segment.size)
      await open.datasync()
      leftovers = false
      segment.size += sealed.bytes.length
      state.head = sealed.head
      for (const row of sealed.rows) observe(state, row)
      return sealed.rows
    } catch (error) {
      await letGo()
      throw error
    }
  }

  /** The chain, read from disk if it never was, with its last segment open and ending at the last row on record. */
  async function ready(): Promise<ChainState> {
    if (chain === undefined) {
      chain = await openChain(place)
      leftovers = chain.cutBytes > 0
    }
    const segment = chain.segments.at(-1)
    if (file !== undefined || segment === undefined) return chain
    file = await fs.open(segment.path, 'existing')
    if (leftovers) {
      await file.truncate(segment.size)
      await file.datasync()
      leftovers = false
    }
    return chain
  }

  async function roomFor(state: ChainState): Promise<Segment> {
    const last = state.segments.at(-1)
    if (last !== undefined && last.size < segmentBytes) return last
    if (last !== undefined) await sealSegment(place, state)
    await file?.close()
    file = undefined
    const segment = { path: segmentPath(dir, log, state.head.seq + 1), firstSeq: state.head.seq + 1, size: 0 }
    file = await fs.open(segment.path, 'any')
    await fs.syncFolder(dir)
    state.segments.push(segment)
    return segment
  }

  async function letGo(): Promise<void> {
    const held = file
    const segment = chain?.segments.at(-1)
    file = undefined
    if (leftovers && held !== undefined && segment !== undefined) {
      await held.truncate(segment.size).then(
        () => {
          leftovers = false
        },
        () => undefined,
      )
    }
    await held?.close().catch(() => undefined)
  }

  // A log that cannot be opened now is opened by a later append: its owner starts, answers reads and says why it refuses changes.
  await ready().catch(async (error: unknown) => {
    trouble = unavailableFrom(error)
    await letGo()
  })

  return {
    append: (draft) =>
      new Promise<Row>((resolve, reject) => {
        queue.push({ ...draft, resolve, reject })
        if (scheduled) return
        scheduled = true
        void exclusively(drain)
      }),
    alone: exclusively,
    state: () => chain,
    trouble: () => trouble,
    close: () =>
      exclusively(async () => {
        trouble = closedTrouble
        await letGo()
      }),
  }
}

/** Chains a batch onto the head. Time is taken once a batch; where it went back, the row says so. */
function seal(batch: readonly Draft[], { head, log }: ChainState, nowMs: number): Sealed {
  const at = new Date(nowMs).toISOString()
  const rows: Row[] = []
  const lines: string[] = []
  for (const { members } of batch) {
    const above: Head = head
    const { line, hash } = sealRow(
      { seq: above.seq + 1, at, log, prev: above.hash, ...(at < above.at ? { clockBack: true as const } : {}) },
      members,
    )
    head = { seq: above.seq + 1, hash, at }
    lines.push(line)
    rows.push(parseRow(line) as Row)
  }
  return { head, rows, bytes: Buffer.from(lines.join('')) }
}

/** Leaves a checkpoint that outlives the segment, and what was open at its end. */
async function sealSegment(place: Place, { log, genesis, head, pending, witnessed }: ChainState): Promise<void> {
  const { fs, key, now } = place
  const checkpoint = signCheckpoint(key, { log, genesis, size: head.seq, head: head.hash, at: new Date(now()).toISOString() })
  const seals = await fs.open(sealsPath(place), 'existing')
  try {
    // The newline in front ends a line that a crash may have left torn.
    await seals.write(Buffer.from(`\n${JSON.stringify(checkpoint)}\n`), (await seals.stat()).size)
    await seals.datasync()
  } finally {
    await seals.close()
  }
  const summary: Summary = { through: head.seq, hash: head.hash, pending: [...pending.values()], witnessed: [...witnessed.values()] }
  const file = await fs.open(summaryPath(place), 'any')
  try {
    const bytes = Buffer.from(JSON.stringify(summary))
    await file.truncate(0)
    await file.write(bytes, 0)
  } finally {
    await file.close()
  }
}

const closed: Trouble = 'closed'
const closedTrouble = new AuditUnavailable(closed, 'The audit log is closed.')
const batchRows = 512

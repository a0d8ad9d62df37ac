import { type ChainState, type Head, observe } from './chain-state.ts'
import { signCheckpoint } from './checkpoint.ts'
import { openChain, type Place, type Summary, sealsPath, summaryPath } from './open-chain.ts'
import { parseRow, type Row, sealRow } from './row.ts'
import { createSegmentEnd, type SegmentEnd } from './segment-end.ts'
import { type Segment, segmentPath } from './segments.ts'
import { AuditUnavailable } from './unavailable.ts'

export type ChainTail = {
  /** the log as it stands on disk; undefined while it could not be read */
  readonly state: () => ChainState | undefined
  /** Reads the log if it never was, and opens its last segment, which then ends at the last row on record. */
  readonly ready: () => Promise<ChainState>
  /**
   * Chains rows (given as their members), writes them at once and makes them durable. After a failure nothing of them is on record: the file
   * ends where it ended before, or is put right before the next row. One call at a time.
   */
  readonly write: (rows: readonly string[]) => Promise<Row[]>
  readonly letGo: () => Promise<void>
}

/** The end of a chain on disk, where rows are added. */
export function createChainTail(place: Place, segmentBytes: number): ChainTail {
  const { fs, dir, log, now } = place
  let chain: ChainState | undefined
  let end: SegmentEnd | undefined
  /** bytes may stand behind the last row on record: of a failed write, of one that a crash cut short, or room that was never used */
  let leftovers = false

  async function ready(): Promise<ChainState> {
    if (chain === undefined) {
      chain = await openChain(place)
      leftovers = chain.tailBytes > 0
    }
    const segment = chain.segments.at(-1)
    if (end !== undefined || segment === undefined) return chain
    const file = await fs.open(segment.path, 'existing')
    end = createSegmentEnd(file, segment, segmentBytes)
    if (leftovers) {
      await file.truncate(segment.size)
      await file.datasync()
      leftovers = false
    }
    return chain
  }

  async function endFor(state: ChainState): Promise<SegmentEnd> {
    const last = state.segments.at(-1)
    if (last !== undefined && end !== undefined && last.size < segmentBytes) return end
    await end?.trim()
    await end?.datasync()
    if (last !== undefined) await sealSegment(place, state)
    await end?.close()
    end = undefined
    const segment: Segment = { path: segmentPath(dir, log, state.head.seq + 1), firstSeq: state.head.seq + 1, size: 0 }
    const file = await fs.open(segment.path, 'any')
    end = createSegmentEnd(file, segment, segmentBytes)
    await fs.syncFolder(dir)
    state.segments.push(segment)
    return end
  }

  async function add(rows: readonly string[]): Promise<Row[]> {
    const state = await ready()
    const open = await endFor(state)
    if (!(await open.isOurs())) {
      throw new AuditUnavailable('foreign', 'Another program has changed the audit log. End it, then restart this one.')
    }
    const sealed = sealRows(rows, state, now())
    await open.add(sealed.bytes)
    state.head = sealed.head
    for (const row of sealed.rows) observe(state, row)
    return sealed.rows
  }

  async function letGo(): Promise<void> {
    const held = end
    end = undefined
    await held?.trim().catch(() => {
      leftovers = true
    })
    await held?.close().catch(() => undefined)
  }

  return {
    state: () => chain,
    ready,
    write: async (rows) => {
      try {
        return await add(rows)
      } catch (error) {
        await letGo()
        throw error
      }
    },
    letGo,
  }
}

/** Chains rows onto the head. Time is taken once a batch; where it went back, the row says so. */
function sealRows(batch: readonly string[], { head, log }: ChainState, nowMs: number): { head: Head; rows: Row[]; bytes: Buffer } {
  const at = new Date(nowMs).toISOString()
  const rows: Row[] = []
  const lines: string[] = []
  let above = head
  for (const members of batch) {
    const flag = at < above.at ? { clockBack: true as const } : {}
    const { line, hash } = sealRow({ seq: above.seq + 1, at, log, prev: above.hash, ...flag }, members)
    above = { seq: above.seq + 1, hash, at }
    lines.push(line)
    rows.push(parseRow(line) as Row)
  }
  return { head: above, rows, bytes: Buffer.from(lines.join('')) }
}

/** Leaves a checkpoint that outlives the segment, and what was open at its end. */
async function sealSegment(place: Place, { log, genesis, head, pending, witnessed, setAside }: ChainState): Promise<void> {
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
  const summary: Summary = {
    through: head.seq,
    hash: head.hash,
    pending: [...pending.values()],
    witnessed: [...witnessed.values()],
    setAside: [...setAside.values()],
  }
  const file = await fs.open(summaryPath(place), 'any')
  try {
    await file.truncate(0)
    await file.write(Buffer.from(JSON.stringify(summary)), 0)
  } finally {
    await file.close()
  }
}

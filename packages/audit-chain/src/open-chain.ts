import { type KeyObject, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { AuditFs } from './audit-fs.ts'
import { type ChainState, type Head, observe, type SetAside } from './chain-state.ts'
import { type Checkpoint, isCheckpoint, signCheckpoint } from './checkpoint.ts'
import { openRow, parseRow, type Row } from './row.ts'
import { firstSeqOf, linesForward, type Segment, segmentPath } from './segments.ts'
import { AuditUnavailable } from './unavailable.ts'

export type Place = {
  readonly fs: AuditFs
  readonly dir: string
  readonly log: string
  readonly key: KeyObject
  readonly now: () => number
}

/** The file of a log's own checkpoints, one a line: the first of size 0, then one for each sealed segment. Kept when segments go. */
export function sealsPath({ dir, log }: Pick<Place, 'dir' | 'log'>): string {
  return join(dir, `${log}.checkpoints`)
}

/** The file of the last checkpoint given out. */
export function lastCheckpointPath({ dir, log }: Pick<Place, 'dir' | 'log'>): string {
  return join(dir, `${log}.checkpoint`)
}

/** What was open when the last segment was sealed, so that opening reads one segment and not all. */
export function summaryPath({ dir, log }: Pick<Place, 'dir' | 'log'>): string {
  return join(dir, `${log}.summary.json`)
}

type Opening = Omit<ChainState, 'cutBytes' | 'tailBytes' | 'openedAt'>

export type Summary = {
  readonly through: number
  readonly hash: string
  readonly pending: readonly Row[]
  readonly witnessed: readonly Checkpoint[]
  /** older ones have none */
  readonly setAside?: readonly SetAside[]
}

/**
 * Reads a log from disk, or makes it: checks the last segment row by row, collects open intents and witnessed checkpoints. Changes
 * nothing that is there: a torn last line is left to the writer to cut, so that a log that may only be read can be.
 * @throws AuditUnavailable `broken`, naming the first bad row, when what is on disk is no chain or less than once was there
 */
export async function openChain(place: Place): Promise<ChainState> {
  const { fs, dir, log } = place
  await fs.makeFolder(dir)
  const files = await fs.list(dir)
  const firsts = files.flatMap((file) => firstSeqOf(log, file) ?? []).sort((a, b) => a - b)
  const seals = files.includes(`${log}.checkpoints`) ? await readCheckpoints(fs, sealsPath(place)) : []
  if (seals.length === 0 && firsts.length === 0) seals.push(await begin(place))
  const genesis = seals[0]?.genesis
  if (genesis === undefined) throw broken(firsts[0] ?? 1, 'the log has rows, but its checkpoints file is gone')

  const segments: Segment[] = []
  for (const firstSeq of firsts) {
    const path = segmentPath(dir, log, firstSeq)
    segments.push({ path, firstSeq, size: await fs.size(path) })
  }
  const before = beforeLast(seals, segments, genesis)
  const state = {
    log,
    genesis,
    head: before,
    segments,
    pending: new Map<number, Row>(),
    witnessed: new Map<string, Checkpoint>(),
    setAside: new Map<string, SetAside>(),
  }
  if (segments.length > 0) await takeEarlier(place, state, before)
  const tail = await takeLast(place, state)
  const given = files.includes(`${log}.checkpoint`) ? (await readCheckpoints(fs, lastCheckpointPath(place))).at(-1) : undefined
  const told = Math.max(given?.size ?? 0, seals.at(-1)?.size ?? 0)
  if (told > state.head.seq) throw broken(state.head.seq + 1, `the log once had ${told} rows and now ends at ${state.head.seq}`)
  return { ...state, ...tail, openedAt: state.head.seq }
}

/** Every whole line of a checkpoints file that has the shape of one. */
export async function readCheckpoints(fs: AuditFs, path: string): Promise<Checkpoint[]> {
  const lines = (await fs.read(path)).toString('utf8').split('\n')
  return lines.flatMap((line) => {
    try {
      const value: unknown = JSON.parse(line)
      return isCheckpoint(value) ? [value] : []
    } catch {
      return []
    }
  })
}

function broken(seq: number, why: string): AuditUnavailable {
  return new AuditUnavailable(
    'broken',
    `The audit log does not hold at row ${seq}: ${why}. Run the verifier on its folder, then restore or set it aside.`,
  )
}

async function begin(place: Place): Promise<Checkpoint> {
  const { fs, dir, log, key, now } = place
  const genesis = randomBytes(32).toString('hex')
  const first = signCheckpoint(key, { log, genesis, size: 0, head: genesis, at: new Date(now()).toISOString() })
  const file = await fs.open(sealsPath(place), 'any')
  try {
    await file.truncate(0)
    await file.write(Buffer.from(`${JSON.stringify(first)}\n`), 0)
    await file.datasync()
  } finally {
    await file.close()
  }
  await fs.syncFolder(dir)
  return first
}

/** The head before the last segment: what its first row must follow. */
function beforeLast(seals: readonly Checkpoint[], segments: readonly Segment[], genesis: string): Head {
  const size = (segments.at(-1)?.firstSeq ?? 1) - 1
  const seal = seals.findLast((one) => one.size === size)
  if (seal !== undefined) return { seq: size, hash: size === 0 ? genesis : seal.head, at: seal.at }
  throw broken(size + 1, `no checkpoint says what stood before its last segment`)
}

async function takeEarlier(place: Place, state: Opening, before: Head): Promise<void> {
  const summary = await readSummary(place)
  if (summary?.through === before.seq && summary.hash === before.hash) {
    for (const row of summary.pending) state.pending.set(row.seq, row)
    for (const checkpoint of summary.witnessed) state.witnessed.set(checkpoint.log, checkpoint)
    for (const one of summary.setAside ?? []) state.setAside.set(one.checkpoint.log, one)
    return
  }
  for (const segment of state.segments.slice(0, -1)) {
    for await (const line of linesForward(segment)) {
      const row = parseRow(line)
      if (row !== undefined) observe(state, row)
    }
  }
}

async function readSummary(place: Place): Promise<Summary | undefined> {
  try {
    return JSON.parse((await place.fs.read(summaryPath(place))).toString('utf8')) as Summary
  } catch {
    return undefined
  }
}

/** Checks and counts the rows of the last segment; answers what follows them. */
async function takeLast({ fs }: Place, state: Opening): Promise<Pick<ChainState, 'cutBytes' | 'tailBytes'>> {
  const segment = state.segments.at(-1)
  if (segment === undefined) return { cutBytes: 0, tailBytes: 0 }
  const bytes = await fs.read(segment.path)
  let good = 0
  for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, good)) {
    const row = openRow(bytes.toString('utf8', good, end))
    if (row === undefined || row.seq !== state.head.seq + 1 || row.prev !== state.head.hash || row.log !== state.log) {
      if (isTorn(bytes.subarray(good, end))) break
      throw broken(state.head.seq + 1, 'it is not what was written')
    }
    observe(state, row)
    state.head = { seq: row.seq, hash: row.hash, at: row.at }
    good = end + 1
  }
  segment.size = good
  return { cutBytes: usedBytes(bytes.subarray(good)), tailBytes: bytes.length - good }
}

/**
 * Rows never hold a NUL, and a process that dies leaves a line without its end: only such a line is the trace of a crash in the middle of
 * a write that nobody was told about. A whole line with a wrong hash is not, and must not be tidied away.
 */
function isTorn(line: Buffer): boolean {
  return line.includes(0)
}

/** Without the zeros at its end: they are room for rows to come. */
function usedBytes(rest: Buffer): number {
  let length = rest.length
  while (length > 0 && rest[length - 1] === 0) length -= 1
  return length
}

const newline = 0x0a

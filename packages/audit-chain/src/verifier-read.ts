import { createHash, type KeyObject } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Claimed, signed } from './verifier-claims.ts'
import { linesOf } from './verifier-lines.ts'
import { type RestoredFinding, restoreIn, type ToldRestore } from './verifier-restores.ts'

// A part of the verifier: nothing of the writer is used here either.

/** What is wrong, at which row. */
export type Problem = { readonly log: string; readonly seq: number; readonly kind: string; readonly message: string }

export type VerifyResult = {
  readonly ok: boolean
  readonly log: string
  readonly genesis: string | undefined
  /** rows that are there: `firstSeq` to `size`; earlier ones went with their sealed segments */
  readonly firstSeq: number
  readonly size: number
  readonly head: string | undefined
  /** the first is the first bad row */
  readonly problems: readonly Problem[]
  /** what others witnessed and a restore took away, as every log that it concerns was told; no problem */
  readonly restored: readonly RestoredFinding[]
  /** rows written while the clock stood before the row above */
  readonly clockBack: readonly number[]
  /** bytes of a line without its end: a write under way, or cut short by a crash */
  readonly tornBytes: number
  /** the furthest checkpoint held elsewhere that this log bears out */
  readonly anchoredTo: number
  /** rows after it: changes there by the holder of the log's key would not be seen */
  readonly unanchored: number
}

/** The witnessed checkpoints that a log holds, by the log they are of. */
type Witnessed = readonly { readonly seq: number; readonly checkpoint: Claimed }[]

export type LogFolder = {
  readonly dir: string
  readonly log: string
  readonly publicKey: KeyObject
  /** what the genesis must be, known from elsewhere */
  readonly genesis?: string
  /** the log is being written: look at rows up to this one only */
  readonly upTo?: number
}

export type Read = {
  readonly result: VerifyResult
  readonly witnessed: Witnessed
  readonly restores: readonly ToldRestore[]
  /** hash of each row, by its distance from firstSeq */
  readonly hashes: Buffer
  /** what the first row that is there must follow */
  readonly before: string | undefined
}

/** Where the reading of a log stands. */
type Walk = {
  readonly folder: LogFolder
  readonly seals: readonly Claimed[]
  readonly problems: Problem[]
  readonly clockBack: number[]
  readonly witnessed: { seq: number; checkpoint: Claimed }[]
  readonly restores: ToldRestore[]
  readonly hashes: Buffer[]
  readonly firstSeq: number
  seq: number
  at: string
  head: string | undefined
  removedThrough: number
  tornBytes: number
}

/** Reads a log from its first row that is there to its last, and checks it by itself. */
export async function readLog(folder: LogFolder): Promise<Read> {
  const { dir, log } = folder
  const segments = segmentsIn(dir, log)
  const seals = readSeals(dir, log)
  const genesis = seals[0]?.genesis
  const firstSeq = firstSeqOf(segments[0]) ?? 1
  const head = firstSeq === 1 ? genesis : seals.findLast((seal) => seal.size === firstSeq - 1)?.head
  const start = { seq: firstSeq - 1, at: '', head, removedThrough: 0, tornBytes: 0 }
  const walk: Walk = { folder, seals, problems: [], clockBack: [], witnessed: [], restores: [], hashes: [], firstSeq, ...start }
  checkSeals(walk)
  for (const file of segments) await readSegment(walk, file, file === segments.at(-1))
  checkEnd(walk)
  const { seq, problems, clockBack, tornBytes, witnessed, restores, hashes } = walk
  problems.sort((a, b) => a.seq - b.seq)
  const found = { problems, restored: [], clockBack, tornBytes, anchoredTo: 0, unanchored: seq }
  return {
    result: { ok: problems.length === 0, log, genesis, firstSeq, size: seq, head: walk.head, ...found },
    witnessed,
    restores,
    hashes: Buffer.concat(hashes),
    before: head,
  }
}

function bad({ folder, problems }: Walk, seq: number, kind: string, message: string): void {
  problems.push({ log: folder.log, seq, kind, message })
}

/** Its own checkpoints: the first of size 0, then one for each sealed segment. */
function checkSeals(walk: Walk): void {
  const { folder, seals, firstSeq, head } = walk
  const genesis = seals[0]?.genesis
  for (const seal of seals) {
    if (!signed(seal, folder.publicKey) || seal.log !== folder.log || seal.genesis !== genesis) {
      bad(walk, seal.size + 1, 'checkpoint-signature', `its own checkpoint of size ${seal.size} is not signed by this log`)
    }
  }
  if (genesis === undefined) bad(walk, firstSeq, 'genesis', 'its checkpoints file is gone or empty')
  else if (head === undefined) bad(walk, firstSeq, 'missing', `no checkpoint says what stood before row ${firstSeq}`)
  if (folder.genesis !== undefined && genesis !== folder.genesis)
    bad(walk, firstSeq, 'genesis', 'it does not begin as the pinned genesis says')
}

async function readSegment(walk: Walk, file: string, last: boolean): Promise<void> {
  const { folder, seals } = walk
  if (firstSeqOf(file) !== walk.seq + 1)
    bad(walk, walk.seq + 1, 'missing', `the file with row ${walk.seq + 1} is gone, or ${file} does not belong here`)
  for await (const { line, whole } of linesOf(join(folder.dir, file))) {
    if (walk.seq >= (folder.upTo ?? Number.MAX_SAFE_INTEGER)) break
    if (whole) readRow(walk, line)
    else if (last) walk.tornBytes = line.length
    else bad(walk, walk.seq + 1, 'torn', `${file} ends in the middle of a row`)
  }
  const seal = seals.find((one) => one.size === walk.seq)
  if (seal !== undefined && seal.head !== walk.head)
    bad(walk, walk.seq, 'rewritten', `its own checkpoint of size ${walk.seq} names another row`)
}

function readRow(walk: Walk, line: string): void {
  const { folder, witnessed, hashes } = walk
  const seq = walk.seq + 1
  const { row, hash } = rowOf(line)
  if (row === undefined) bad(walk, seq, 'edited', 'its hash does not fit what it says')
  else if (row.log !== folder.log) bad(walk, seq, 'foreign', `it is a row of ${String(row.log)}`)
  else if (row.seq !== seq) bad(walk, seq, 'order', `row ${row.seq} stands in its place`)
  else if (row.prev !== walk.head) bad(walk, seq, 'chain', 'it does not follow the row above it')
  walk.seq = seq
  walk.head = hash
  hashes.push(Buffer.from(hash, 'hex'))
  if (row === undefined) return
  if (row.at < walk.at) {
    walk.clockBack.push(seq)
    if (row.clockBack !== true) bad(walk, seq, 'time', 'its time is before the row above it, and it does not say so')
  }
  walk.at = row.at
  const { action, outcome, details } = row
  const checkpoint = details?.checkpoint
  if (action === 'audit.checkpoint.witnessed' && outcome === 'done' && isObject(checkpoint))
    witnessed.push({ seq, checkpoint: checkpoint as Claimed })
  const told = restoreIn(row)
  if (told !== undefined) walk.restores.push({ seq, ...told })
  if (action === 'audit.segments.removed') walk.removedThrough = Math.max(walk.removedThrough, Number(details?.through ?? 0))
}

function checkEnd(walk: Walk): void {
  const { seq, seals, firstSeq, removedThrough } = walk
  for (const { size } of seals) {
    if (size > seq && size <= (walk.folder.upTo ?? Number.MAX_SAFE_INTEGER))
      bad(walk, seq + 1, 'cut', `it ends at row ${seq}, but its own checkpoint says ${size}`)
  }
  if (removedThrough < firstSeq - 1) bad(walk, 1, 'missing', `rows 1 to ${firstSeq - 1} are gone, and no row says that they were removed`)
}

function segmentsIn(dir: string, log: string): string[] {
  return readdirSync(dir)
    .filter((file) => file.startsWith(`${log}-`) && /^\d{12,15}\.log$/.test(file.slice(log.length + 1)))
    .sort()
}

function firstSeqOf(file: string | undefined): number | undefined {
  const digits = /-(\d+)\.log$/.exec(file ?? '')?.[1]
  return digits === undefined ? undefined : Number(digits)
}

type Parsed = {
  seq: number
  at: string
  log: string
  prev: string
  action: string
  outcome: string
  requestId?: unknown
  target?: unknown
  actor?: unknown
  clockBack?: boolean
  details?: Record<string, unknown>
}

/** The row of a line if its hash fits; and the hash its own bytes have, which the next row must name. */
function rowOf(line: string): { row: Parsed | undefined; hash: string } {
  const tail = line.length - suffixLength
  const text = `${line.slice(0, tail)}}`
  const hash = createHash('sha256').update('row\0').update(text).digest('hex')
  if (tail < 2 || line.slice(tail) !== `,"hash":"${hash}"}`) return { row: undefined, hash }
  try {
    return { row: JSON.parse(line) as Parsed, hash }
  } catch {
    return { row: undefined, hash }
  }
}

const suffixLength = ',"hash":""}'.length + 64

/** The hash of a log's last row when it had so many; undefined where that row is not there. */
export function headAt({ result: { firstSeq, size }, hashes, before }: Read, rows: number): string | undefined {
  if (rows === firstSeq - 1) return before
  return rows >= firstSeq && rows <= size ? hashAt(hashes, rows - firstSeq) : undefined
}

export function hashAt(hashes: Buffer, index: number): string {
  return hashes.toString('hex', index * 32, index * 32 + 32)
}

function readSeals(dir: string, log: string): Claimed[] {
  let text: string
  try {
    text = readFileSync(join(dir, `${log}.checkpoints`), 'utf8')
  } catch {
    return []
  }
  return text.split('\n').flatMap((line) => {
    try {
      const value: unknown = JSON.parse(line)
      return isObject(value) ? [value as Claimed] : []
    } catch {
      return []
    }
  })
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

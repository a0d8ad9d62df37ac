import { stringText } from './canonical-text.ts'
import { type ChainState, witnessedAction } from './chain-state.ts'
import { type Outcome, parseRow, type Row } from './row.ts'
import { linesBackward, linesForward, type Segment } from './segments.ts'

/** All that is given must hold. */
export type RowFilter = {
  readonly actor?: string
  /** beginning of the action id; a whole id matches itself and nothing longer than it at a dot (`auth` finds `auth.login`, not `authz.x`) */
  readonly action?: string
  readonly outcome?: Outcome
  readonly requestId?: string
  readonly target?: string
  /** ISO times, both included */
  readonly from?: string
  readonly to?: string
  /** without rows that only say that another log's checkpoint was kept, which would bury what people do */
  readonly checkpoints?: 'hide'
}

export type ReadOptions = {
  /** `asc` (the default) from `after` on; `desc` from below `before`, newest first */
  readonly order?: 'asc' | 'desc'
  readonly after?: number
  readonly before?: number
  /** rows at most, 1 to 1000; 100 if not given */
  readonly limit?: number
  readonly filter?: RowFilter
  /** after how many bytes looked at to stop, so that a rare match does not hold the caller up; 64 MiB if not given */
  readonly maxScanBytes?: number
}

/** `next` is what to give as `after` (or `before`) to go on; undefined when there is no more. Fewer rows than asked for with a `next` mean: not found yet. */
export type ReadResult = { readonly rows: readonly Row[]; readonly next: number | undefined }

/** Rows on record, in order, from the files; rows that are being written are not seen. */
export async function readRows(state: ChainState, options: ReadOptions): Promise<ReadResult> {
  const { order = 'asc', after = 0, before = Number.MAX_SAFE_INTEGER, filter = {}, maxScanBytes = 64 * 1024 * 1024 } = options
  const limit = Math.min(Math.max(1, options.limit ?? 100), 1000)
  const last = state.head.seq
  const hints = hintsOf(filter)
  const rows: Row[] = []
  let scanned = 0
  let at: number | undefined
  for (const segment of segmentsOf(state, order, after, before)) {
    for await (const line of order === 'asc' ? linesForward(segment) : linesBackward(segment)) {
      const seq = Number.parseInt(line.slice('{"seq":'.length, 40), 10)
      if (seq > last || seq <= after || seq >= before) continue
      at = seq
      scanned += line.length
      const row = hints.every((hint) => line.includes(hint)) ? parseRow(line) : undefined
      if (row !== undefined && matches(row, filter)) rows.push(row)
      if (rows.length >= limit || scanned >= maxScanBytes) return { rows, next: at }
    }
  }
  return { rows, next: undefined }
}

/** The segments that may hold what is asked for, as they stand now. */
function segmentsOf({ segments }: ChainState, order: 'asc' | 'desc', after: number, before: number): Segment[] {
  const wanted = segments
    .filter(({ firstSeq }, index) => firstSeq < before && (segments[index + 1]?.firstSeq ?? Number.POSITIVE_INFINITY) > after + 1)
    .map((segment) => ({ ...segment }))
  return order === 'asc' ? wanted : wanted.reverse()
}

/** Texts that a matching line must hold: most lines are passed over without being parsed. */
function hintsOf({ actor, outcome, requestId, target }: RowFilter): string[] {
  const hints: string[] = []
  if (actor !== undefined) hints.push(`"id":${stringText(actor)}`)
  if (outcome !== undefined) hints.push(`"outcome":${stringText(outcome)}`)
  if (requestId !== undefined) hints.push(`"requestId":${stringText(requestId)}`)
  if (target !== undefined) hints.push(`"target":${stringText(target)}`)
  return hints
}

function matches(row: Row, { actor, action, outcome, requestId, target, from, to, checkpoints }: RowFilter): boolean {
  return (
    (actor === undefined || row.actor.id === actor) &&
    (action === undefined || row.action === action || row.action.startsWith(action.endsWith('.') ? action : `${action}.`)) &&
    (outcome === undefined || row.outcome === outcome) &&
    (requestId === undefined || row.requestId === requestId) &&
    (checkpoints === undefined || row.action !== witnessedAction || row.outcome !== 'done') &&
    (target === undefined || row.target === target) &&
    (from === undefined || row.at >= from) &&
    (to === undefined || row.at <= to)
  )
}

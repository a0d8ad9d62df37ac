import { type AuditRow, type ChainState, LogName } from '@console/contracts/audit/schemas'
import type { RefusedRun } from '@console/contracts/deployments/schemas'
import { Id } from '@console/contracts/shapes'
import { AppError } from '@console/http-kit/problem'
import { z } from 'zod'
import type { MissingLog } from './export-rows.ts'
import type { LogSource } from './logs.ts'
import { type AuditFilter, newestFirst, rowFits } from './merge-rows.ts'
import { judgeRestored } from './restored-logs.ts'

/** All four logs as one, newest first. Rows are fetched once and kept up to a bound; the logs themselves stay where they are. */
export type AuditView = {
  list(
    filter: AuditFilter & { limit?: number | undefined; cursor?: string | undefined },
  ): Promise<{ items: AuditRow[]; nextCursor: string | null; away: string[] }>
  /** All rows that fit, newest first, then each log of which rows are missing because it did not answer. */
  rows(filter: AuditFilter): AsyncIterable<AuditRow | MissingLog>
  verify(): Promise<{ chains: ChainState[] }>
  /** Deployments that were refused before they became runs. */
  refusedRuns(serviceId: string | undefined): Promise<RefusedRun[]>
}

const CursorPlaces = z.partialRecord(LogName, z.int().min(1))
const keptRows = 5_000
const pageRows = 1_000
const byDefault = 100
const refusedMost = 20
/** How many rows one list looks at: a rare match is then found by asking for the next page. */
const mostLookedAt = 50_000

export function createAuditView(sources: readonly LogSource[], lookAt = mostLookedAt): AuditView {
  const kept = new Map<LogName, AuditRow[]>(sources.map(({ name }) => [name, []]))
  const syncing = new Map<LogName, Promise<void>>()

  const syncOne = async (source: LogSource): Promise<void> => {
    const rows = kept.get(source.name) ?? []
    for (;;) {
      const last = rows.at(-1)?.seq
      const after = last ?? Math.max(0, (await source.read(0, 1)).head - keptRows)
      const page = await source.read(after, pageRows)
      rows.push(...page.rows)
      if (rows.length > keptRows) rows.splice(0, rows.length - keptRows)
      if (page.rows.length < pageRows) return
    }
  }
  const sync = async (asked: readonly LogSource[]): Promise<LogName[]> => {
    const away: LogName[] = []
    await Promise.all(
      asked.map(async (source) => {
        const underWay = syncing.get(source.name) ?? syncOne(source).finally(() => syncing.delete(source.name))
        syncing.set(source.name, underWay)
        await underWay.catch(() => away.push(source.name))
      }),
    )
    return away
  }
  /** A log that no row is asked of is not waited for, and not missed. */
  const askedBy = ({ log }: AuditFilter): LogSource[] => sources.filter(({ name }) => log === undefined || name === log)
  /** Logs as one from below a place in each, newest first; of a log that is away only what is kept here. */
  const below = (asked: readonly LogSource[], from: Places, away: LogName[]) =>
    mergeRows(asked.map((source) => rowsBelow(source, [...(kept.get(source.name) ?? [])], { before: from[source.name], away })))

  return {
    async list({ limit = byDefault, cursor, ...filter }) {
      const from = cursor ? placesIn(cursor) : {}
      const asked = askedBy(filter)
      const away = await sync(asked)
      const items: AuditRow[] = []
      let looked = 0
      for await (const row of below(asked, from, away)) {
        if (items.length === limit || looked === lookAt) return { items, nextCursor: cursorOf(from), away }
        from[row.log] = row.seq
        looked += 1
        if (rowFits(row, filter)) items.push(row)
      }
      return { items, nextCursor: null, away }
    },
    async *rows(filter) {
      const asked = askedBy(filter)
      const away = await sync(asked)
      for await (const row of below(asked, {}, away)) if (rowFits(row, filter)) yield row
      for (const log of away) yield { log, away: true }
    },
    verify: () => verifyAll(sources),
    async refusedRuns(serviceId) {
      await sync(askedBy({ log: 'devops-backend' }))
      const refused = (kept.get('devops-backend') ?? []).filter(
        (row) =>
          row.action === 'deployments.run.trigger' &&
          (row.outcome === 'failed' || row.outcome === 'denied') &&
          row.code !== null &&
          // A refused attempt may have named anything.
          Id.safeParse(row.target).success &&
          (serviceId === undefined || row.target === serviceId),
      )
      return refused
        .slice(-refusedMost)
        .reverse()
        .map(({ at, target, actor, code, requestId }) => ({ at, serviceId: target, actor, code: code ?? '', requestId }))
    },
  }
}

/** Of each log the lowest row that was looked at; a log that is missing was not looked at yet. */
type Places = { [log in LogName]?: number }

/** One log downwards from below a row: what is kept here, then what only the log itself still has. */
async function* rowsBelow(
  source: LogSource,
  kept: readonly AuditRow[],
  { before = Number.POSITIVE_INFINITY, away }: { readonly before: number | undefined; readonly away: LogName[] },
): AsyncGenerator<AuditRow> {
  let next = before
  for (let at = kept.length - 1; at >= 0; at -= 1) {
    const row = kept[at]
    if (!row || row.seq >= before) continue
    next = row.seq
    yield row
  }
  if (next === Number.POSITIVE_INFINITY || away.includes(source.name)) return
  while (next > 1) {
    const after = Math.max(0, next - 1 - pageRows)
    const page = await source.read(after, pageRows).catch(() => null)
    if (page === null) {
      away.push(source.name)
      return
    }
    const older = page.rows.filter(({ seq }) => seq < next)
    // Rows before these were removed when their time was over.
    if (older.length === 0) return
    yield* older.reverse()
    next = after + 1
  }
}

/** Several logs, each newest first, as one. */
async function* mergeRows(logs: readonly AsyncGenerator<AuditRow>[]): AsyncGenerator<AuditRow> {
  const heads = await Promise.all(logs.map(async (log) => ({ log, head: await log.next() })))
  for (;;) {
    let newest: (typeof heads)[number] | undefined
    for (const one of heads) if (!one.head.done && (!newest || newestFirst(one.head.value, newest.head.value as AuditRow) < 0)) newest = one
    if (!newest || newest.head.done) return
    yield newest.head.value
    newest.head = await newest.log.next()
  }
}

/** Each chain by itself, and each against what the others witnessed of it: a rewritten or shortened log has other rows than it once signed for. */
async function verifyAll(sources: readonly LogSource[]): Promise<{ chains: ChainState[] }> {
  const checked = await Promise.all(
    sources.map(async (source) => {
      const answer = await source.verify().catch(() => null)
      return { source, answer }
    }),
  )
  const held = checked.flatMap(({ answer }) => answer?.witnessed ?? [])
  const chains = await Promise.all(
    checked.map(async ({ source, answer }): Promise<ChainState> => {
      if (!answer)
        return {
          log: source.name,
          state: 'away',
          rows: 0,
          firstBadSeq: null,
          problem: 'It does not answer, so nothing can be said.',
          unanchored: 0,
          lastCheckpointAt: null,
          restored: null,
          checkedAt: new Date().toISOString(),
        }
      const anchors = held.filter(({ log }) => log === source.name)
      const newest = anchors.reduce<(typeof anchors)[number] | null>(
        (best, one) => (best === null || one.size > best.size ? one : best),
        null,
      )
      if (!newest || answer.state.state !== 'valid') return answer.state
      const row = newest.size === 0 ? null : (await source.read(newest.size - 1, 1)).rows[0]
      const same = newest.size === 0 || (row?.seq === newest.size && row.hash === newest.head)
      if (!same)
        return {
          ...answer.state,
          state: 'broken',
          firstBadSeq: newest.size,
          problem: `Row ${newest.size} is not the one that another log witnessed: it or an earlier one was changed or cut.`,
        }
      return { ...answer.state, unanchored: Math.max(0, answer.state.rows - newest.size), lastCheckpointAt: newest.at }
    }),
  )
  // Of a log that does not hold by itself, or against what is witnessed of it now, no restore is asked.
  const broken = new Set(chains.flatMap(({ log, state }) => (state === 'broken' ? [log] : [])))
  const setAside = checked.flatMap(({ answer }) => answer?.setAside ?? [])
  const judged = chains.map((chain) =>
    chain.state === 'valid'
      ? judgeRestored(chain, { sources, broken, setAside: setAside.filter(({ checkpoint }) => checkpoint.log === chain.log) })
      : chain,
  )
  return { chains: await Promise.all(judged) }
}

function cursorOf(places: Places): string {
  return Buffer.from(JSON.stringify(places)).toString('base64url')
}

/** New rows come before the cursor, never after it, so a page that was begun stays whole. */
function placesIn(cursor: string): Places {
  try {
    return CursorPlaces.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()))
  } catch {
    throw new AppError('INPUT_INVALID', 400, 'The cursor is not one of this list.')
  }
}

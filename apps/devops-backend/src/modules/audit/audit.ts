import type { AuditRow, ChainState, LogName } from '@console/contracts/audit/schemas'
import type { RefusedRun } from '@console/contracts/deployments/schemas'
import { AppError } from '@console/http-kit/problem'
import type { LogSource } from './logs.ts'
import { type AuditFilter, csvLine, newestFirst, rowFits } from './merge-rows.ts'

/** All four logs as one, newest first. Rows are fetched once and kept up to a bound; the logs themselves stay where they are. */
export type AuditView = {
  list(
    filter: AuditFilter & { limit?: number | undefined; cursor?: string | undefined },
  ): Promise<{ items: AuditRow[]; nextCursor: string | null; away: string[] }>
  csv(filter: AuditFilter): AsyncIterable<string>
  verify(): Promise<{ chains: ChainState[] }>
  /** Deployments that were refused before they became runs. */
  refusedRuns(serviceId: string | undefined): Promise<RefusedRun[]>
}

const keptRows = 20_000
const pageRows = 1_000
const byDefault = 100
const refusedMost = 20

export function createAuditView(sources: readonly LogSource[]): AuditView {
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
  const sync = async (): Promise<string[]> => {
    const away: string[] = []
    await Promise.all(
      sources.map(async (source) => {
        const underWay = syncing.get(source.name) ?? syncOne(source).finally(() => syncing.delete(source.name))
        syncing.set(source.name, underWay)
        await underWay.catch(() => away.push(source.name))
      }),
    )
    return away
  }
  const matching = (filter: AuditFilter): AuditRow[] =>
    [...kept.values()].flatMap((rows) => rows.filter((row) => rowFits(row, filter))).sort(newestFirst)

  return {
    async list({ limit = byDefault, cursor, ...filter }) {
      const away = await sync()
      const rows = matching(filter)
      const from = cursor ? afterCursor(rows, cursor) : 0
      const items = rows.slice(from, from + limit)
      const last = items.at(-1)
      return { items, nextCursor: last && from + limit < rows.length ? cursorOf(last) : null, away }
    },
    async *csv(filter) {
      await sync()
      yield csvLine(['time', 'log', 'row', 'who', 'action', 'target', 'outcome', 'code', 'request', 'address'])
      for (const row of matching(filter))
        yield csvLine([
          row.at,
          row.log,
          String(row.seq),
          row.actor.name ?? row.actor.id,
          row.action,
          row.target,
          row.outcome,
          row.code ?? '',
          row.requestId,
          row.address ?? '',
        ])
    },
    verify: () => verifyAll(sources),
    async refusedRuns(serviceId) {
      await sync()
      const rows = matching({ action: 'deployments.run.trigger' }).filter(
        (row) => (row.outcome === 'failed' || row.outcome === 'denied') && row.log === 'devops-backend' && row.code !== null,
      )
      const mine = serviceId === undefined ? rows : rows.filter(({ target }) => target === serviceId)
      return mine
        .slice(0, refusedMost)
        .flatMap(({ at, target, actor, code, requestId }) =>
          /^[a-zA-Z0-9]/.test(target) ? [{ at, serviceId: target, actor, code: code ?? '', requestId }] : [],
        )
    },
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
  return { chains }
}

function cursorOf({ at, log, seq }: AuditRow): string {
  return Buffer.from(JSON.stringify([at, log, seq])).toString('base64url')
}

/** New rows come before the cursor, never after it, so a page that was begun stays whole. */
function afterCursor(rows: readonly AuditRow[], cursor: string): number {
  try {
    const [at, log, seq] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as [string, string, number]
    const position = { at, log, seq } as AuditRow
    const found = rows.findIndex((row) => newestFirst(row, position) > 0)
    return found < 0 ? rows.length : found
  } catch {
    throw new AppError('INPUT_INVALID', 400, 'The cursor is not one of this list.')
  }
}

import type { AuditRow, LogName } from '@console/contracts/audit/schemas'
import { describe, expect, it } from 'vitest'
import { createAuditView } from './audit.ts'
import { exportRows } from './export-rows.ts'
import type { LogSource } from './logs.ts'

const dayMs = 86_400_000
const rowOf = (log: LogName, seq: number, atMs: number, over: Partial<AuditRow> = {}): AuditRow => ({
  log,
  seq,
  at: new Date(atMs).toISOString(),
  action: seq % 1_000 === 1 ? 'rare.thing.done' : 'common.thing.done',
  actor: { kind: 'person', id: 'u1', name: 'One' },
  requestId: `${log}-${seq}`,
  target: '-',
  outcome: 'done',
  risk: null,
  code: null,
  input: null,
  details: null,
  address: null,
  count: null,
  of: null,
  hash: 'h',
  ...over,
})

/** A log in memory that answers as the real ones do; `down` makes it fail. */
function source(name: LogName, rows: AuditRow[]) {
  const log = { down: false, read: 0 }
  const answer: LogSource = {
    name,
    async read(after, limit) {
      if (log.down) throw new Error('away')
      const page = rows.filter(({ seq }) => seq > after).slice(0, limit)
      log.read += page.length
      return { rows: page, head: rows.at(-1)?.seq ?? 0 }
    },
    checkpoint: async () => '',
    witness: async () => undefined,
    verify: async () => {
      throw new Error('not asked here')
    },
  }
  return { log, answer, rows }
}

/** `count` rows, one a second, up to a time. */
const rowsUpTo = (log: LogName, count: number, untilMs: number): AuditRow[] =>
  Array.from({ length: count }, (_, index) => rowOf(log, index + 1, untilMs - (count - index) * 1_000))

describe('the view of all logs', () => {
  const now = Date.parse('2026-03-01T12:00:00Z')
  const all = async (list: (cursor?: string) => Promise<{ items: AuditRow[]; nextCursor: string | null }>) => {
    const items: AuditRow[] = []
    let cursor: string | undefined
    do {
      const page = await list(cursor)
      items.push(...page.items)
      cursor = page.nextCursor ?? undefined
    } while (cursor)
    return items
  }

  it('pages through every row of every log, newest first, each once, also those that came long before', async () => {
    const logs = [
      source('devops-backend', rowsUpTo('devops-backend', 7_300, now)),
      source('host-agent', rowsUpTo('host-agent', 4_100, now - 500)),
    ]
    const view = createAuditView(logs.map(({ answer }) => answer))
    let pages = 0
    const items = await all(async (cursor) => {
      pages += 1
      // Somebody does something between two pages.
      if (pages === 3) logs[0]?.rows.push(rowOf('devops-backend', 7_301, now + 1_000))
      return view.list({ limit: 500, cursor })
    })
    expect(items.length).toBe(11_400)
    expect(new Set(items.map(({ requestId }) => requestId)).size).toBe(11_400)
    expect(items.every((row, at) => at === 0 || row.at <= (items[at - 1]?.at ?? ''))).toBe(true)
  })

  it('finds a rare row by going on where a page found nothing', async () => {
    const { answer } = source('devops-backend', rowsUpTo('devops-backend', 9_000, now))
    const view = createAuditView([answer], 700)
    const first = await view.list({ action: 'rare' })
    expect([first.items.length, first.nextCursor === null]).toEqual([0, false])
    expect((await all((cursor) => view.list({ action: 'rare', cursor }))).map(({ seq }) => seq)).toEqual([
      8_001, 7_001, 6_001, 5_001, 4_001, 3_001, 2_001, 1_001, 1,
    ])
  })

  it('shows what it knows of a log that is away, and names it', async () => {
    const logs = [source('devops-backend', rowsUpTo('devops-backend', 10, now)), source('host-agent', rowsUpTo('host-agent', 6_000, now))]
    const view = createAuditView(logs.map(({ answer }) => answer))
    expect((await view.list({})).away).toEqual([])
    ;(logs[1] as (typeof logs)[number]).log.down = true
    const items = await all(async (cursor) => {
      const page = await view.list({ limit: 500, cursor })
      expect(page.away).toEqual(['host-agent'])
      return page
    })
    expect(items.length).toBe(5_010)
  })

  it('neither asks nor misses a log of which no row is asked', async () => {
    const logs = [source('devops-backend', rowsUpTo('devops-backend', 10, now)), source('host-agent', [])]
    ;(logs[1] as (typeof logs)[number]).log.down = true
    const view = createAuditView(logs.map(({ answer }) => answer))
    const { items, away } = await view.list({ log: 'devops-backend' })
    expect([items.length, away]).toEqual([10, []])
    expect((await view.list({ log: 'host-agent' })).away).toEqual(['host-agent'])
    const exported: string[] = []
    for await (const line of exportRows(view.rows({ log: 'devops-backend' }), 'ndjson')) exported.push(line)
    expect([exported.length, exported.some((line) => line.includes('away'))]).toEqual([10, false])
  })

  it('goes on below rows that were removed when their time was over', async () => {
    const rows = rowsUpTo('devops-backend', 8_000, now).filter(({ seq }) => seq > 2_500)
    const view = createAuditView([source('devops-backend', rows).answer])
    expect((await all((cursor) => view.list({ limit: 500, cursor }))).length).toBe(5_500)
  })

  it('exports all of it, and says in the last line which log is missing', async () => {
    const logs = [
      source('devops-backend', rowsUpTo('devops-backend', 6_200, now)),
      source('host-agent', [rowOf('host-agent', 1, now - 3 * dayMs)]),
    ]
    const view = createAuditView(logs.map(({ answer }) => answer))
    const linesOf = async (from: ReturnType<typeof createAuditView>, format: 'csv' | 'ndjson') => {
      const lines: string[] = []
      for await (const line of exportRows(from.rows({}), format)) lines.push(line)
      return lines
    }
    expect((await linesOf(view, 'csv')).length).toBe(6_202)
    expect((await linesOf(view, 'ndjson')).length).toBe(6_201)
    ;(logs[1] as (typeof logs)[number]).log.down = true
    const without = createAuditView(logs.map(({ answer }) => answer))
    const short = await linesOf(without, 'csv')
    expect((await linesOf(without, 'ndjson')).at(-1)).toBe('{"log":"host-agent","away":true}\n')
    expect([short.length, short.at(-1)]).toEqual([6_202, ',host-agent,,,log.away,,unknown,,,\r\n'])
  })

  it('refuses a cursor that is not one of its own', async () => {
    const view = createAuditView([source('devops-backend', rowsUpTo('devops-backend', 3, now)).answer])
    for (const cursor of ['x', Buffer.from('{"other":1}').toString('base64url'), Buffer.from('{"host-agent":-1}').toString('base64url')])
      await expect(view.list({ cursor })).rejects.toMatchObject({ code: 'INPUT_INVALID', status: 400 })
  })

  it('tells the deployments that were refused before they became runs', async () => {
    const refused = { action: 'deployments.run.trigger', outcome: 'failed', code: 'SCRIPT_CHANGED' } as const
    const view = createAuditView([
      source('devops-backend', [
        rowOf('devops-backend', 1, now, { ...refused, target: 'web' }),
        rowOf('devops-backend', 2, now, { ...refused, target: 'api', outcome: 'denied', code: 'AUTH_FORBIDDEN' }),
        rowOf('devops-backend', 3, now, { ...refused, target: 'web', outcome: 'done', code: null }),
        rowOf('devops-backend', 4, now, { ...refused, target: 'web', code: 'RUN_BUSY' }),
      ]).answer,
    ])
    expect((await view.refusedRuns('web')).map(({ code }) => code)).toEqual(['RUN_BUSY', 'SCRIPT_CHANGED'])
    expect((await view.refusedRuns(undefined)).length).toBe(3)
  })

  it('lists refused deployments, but none that named no service that could be', async () => {
    const refused = (target: string): Partial<AuditRow> => ({
      action: 'deployments.run.trigger',
      outcome: 'denied',
      code: 'AUTH_FORBIDDEN',
      target,
    })
    const targets = ['real-1', 'a\u0000b', 'x'.repeat(300), '-', 'b/../c', 'real-2']
    const rows = targets.map((target, index) => rowOf('devops-backend', index + 1, now, refused(target)))
    const view = createAuditView([source('devops-backend', rows).answer])
    expect((await view.refusedRuns(undefined)).map(({ serviceId }) => serviceId)).toEqual(['real-2', 'real-1'])
  })
})

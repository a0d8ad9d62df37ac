/**
 * Is the audit log the brake? `node bench/audit-append.ts`
 * Baseline: node:sqlite with WAL and `synchronous=FULL`, rows of the same size, one and a hundred a transaction, on the same disk in the same run.
 */
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openAuditLog } from '@console/audit-chain/log'
import { type Line, printTable } from './table.ts'
import { createUndo } from './undo.ts'

const folder = mkdtempSync(join(import.meta.dirname, '.audit-'))
const undo = createUndo()
undo.add(() => rmSync(folder, { recursive: true, force: true }))
const seconds = 3
const rounds = 3
const details = { note: 'x'.repeat(700) }

const rates = { ours: { one: [] as number[], batch: [] as number[] }, plain: { one: [] as number[], batch: [] as number[] } }
try {
  for (let round = 0; round < rounds; round += 1) {
    const log = await openAuditLog({
      dir: join(folder, `log-${round}`),
      name: 'devops-backend',
      key: generateKeyPairSync('ed25519').privateKey,
      reserveBytes: 0,
    })
    rates.plain.one.push(sqlite(round, 1))
    rates.ours.one.push(await chain(log, 1))
    rates.plain.batch.push(sqlite(round + rounds, 100))
    rates.ours.batch.push(await chain(log, 100))
    await log.close()
  }
  const lines: Line[] = [
    {
      what: 'one row at a time, each waited for',
      ours: median(rates.ours.one),
      baseline: median(rates.plain.one),
      unit: 'rows/s',
      aim: { of: 'ratio', least: 0.8 },
    },
    {
      what: 'a hundred rows at once',
      ours: median(rates.ours.batch),
      baseline: median(rates.plain.batch),
      unit: 'rows/s',
      aim: { of: 'ratio', least: 0.6 },
    },
  ]
  process.exitCode = printTable('An audit row, durable and chained', 'node:sqlite, FULL', lines) > 0 ? 1 : 0
} finally {
  await undo.all()
}

/** What an action writes: its intent, and then the outcome that closes it. */
async function chain(log: Awaited<ReturnType<typeof openAuditLog>>, atOnce: number): Promise<number> {
  const row = {
    action: 'bench.row.append',
    actor: { kind: 'service', id: 'system:bench' },
    requestId: 'bench',
    target: 'bench',
    details,
  } as const
  let open: number[] = []
  return perSecond(atOnce, async () => {
    const closing = open
    const rows = Array.from({ length: atOnce }, (_, index) => {
      const of = closing[index]
      return log.append(of === undefined ? { ...row, outcome: 'started' } : { ...row, outcome: 'done', of })
    })
    open = (await Promise.all(rows)).filter(({ outcome }) => outcome === 'started').map(({ seq }) => seq)
  })
}

function sqlite(number: number, atOnce: number): number {
  const database = new DatabaseSync(join(folder, `plain-${number}.db`))
  database.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE rows (seq INTEGER PRIMARY KEY, body TEXT)')
  const insert = database.prepare('INSERT INTO rows (body) VALUES (?)')
  const body = JSON.stringify({ ...details, pad: 'x'.repeat(300) })
  const end = performance.now() + seconds * 1_000
  let rows = 0
  const from = performance.now()
  while (performance.now() < end) {
    database.exec('BEGIN')
    for (let index = 0; index < atOnce; index += 1) insert.run(body)
    database.exec('COMMIT')
    rows += atOnce
  }
  const rate = (rows / (performance.now() - from)) * 1_000
  database.close()
  return rate
}

async function perSecond(atOnce: number, act: () => Promise<unknown>): Promise<number> {
  const from = performance.now()
  const end = from + seconds * 1_000
  let rows = 0
  while (performance.now() < end) {
    await act()
    rows += atOnce
  }
  return (rows / (performance.now() - from)) * 1_000
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

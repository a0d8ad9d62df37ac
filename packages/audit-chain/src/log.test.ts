import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { type AuditLogOptions, type NewRow, openAuditLog } from './log.ts'

const { privateKey } = generateKeyPairSync('ed25519')
const dir = mkdtempSync(join(tmpdir(), 'audit-'))
let count = 0
afterEach(() => rmSync(dir, { recursive: true, force: true }))

function options(extra: Partial<AuditLogOptions> = {}): AuditLogOptions {
  count += 1
  return { dir: join(dir, String(count)), name: 'host-agent', key: privateKey, reserveBytes: 0, ...extra }
}

function aRow(extra: Partial<NewRow> = {}): NewRow {
  return { action: 'runs.start', actor: { kind: 'person', id: 'u1' }, requestId: 'r1', target: 'web', outcome: 'started', ...extra }
}

test('rows come back as they were written and the chain verifies', async () => {
  const log = await openAuditLog(options())
  const first = await log.append(aRow({ input: { b: 1, a: ['x', null] } }))
  await log.append(aRow({ outcome: 'done', of: first.seq }))
  expect(first).toMatchObject({ seq: 1, log: 'host-agent', input: { a: ['x', null], b: 1 } })
  expect((await log.read()).rows.map((row) => row.outcome)).toEqual(['started', 'done'])
  expect((await log.read({ order: 'desc', limit: 1 })).rows[0]?.seq).toBe(2)
  expect(await log.verify()).toMatchObject({ ok: true, size: 2, problems: [] })
  expect(log.pendingIntents()).toEqual([])
  await log.close()
})

import { afterEach, beforeEach, expect, test } from 'vitest'
import { signCheckpoint } from './checkpoint.ts'
import type { AuditLog, Checkpoint } from './log.ts'
import { aFolder, aKeyPair, openSample } from './sample-log.fake.ts'

const own = aKeyPair()
const other = aKeyPair()
const how = { publicKey: other.publicKey, requestId: 'r1' }
let folder: ReturnType<typeof aFolder>
let log: AuditLog
let ms: number
beforeEach(async () => {
  folder = aFolder()
  ms = 1_000_000
  log = await openSample({ dir: folder.dir, key: own.key, now: () => ms })
})
afterEach(async () => {
  await log.close()
  folder.remove()
})

const genesis = 'a'.repeat(64)
function said(size: number, extra: Partial<Checkpoint> = {}, key = other.key): Checkpoint {
  const head = size === 0 ? genesis : String(size).padStart(64, '0')
  return signCheckpoint(key, { log: 'docker-proxy', genesis, size, head, at: '2026-01-01T00:00:00.000Z', ...extra })
}

test('a checkpoint of another log becomes a row and is remembered over an opening', async () => {
  const row = await log.witness(said(5), how)
  expect(row).toMatchObject({
    action: 'audit.checkpoint.witnessed',
    target: 'docker-proxy',
    outcome: 'done',
    details: { checkpoint: said(5) },
  })
  await log.witness(said(4), how).catch(() => undefined)
  // Of what came from others, only the refusal says anything about a person's or a program's deeds.
  expect((await log.read({ filter: { checkpoints: 'hide' } })).rows.map(({ action }) => action)).toEqual(['audit.checkpoint.refused'])
  await log.close()
  log = await openSample({ dir: folder.dir, key: own.key, now: () => ms })
  expect(log.witnessed()).toEqual([said(5)])
  await expect(log.witness(said(4), how)).rejects.toMatchObject({ code: 'CHECKPOINT_SMALLER' })
})

test.each<[string, unknown, string]>([
  ['no checkpoint at all', { size: 3 }, 'CHECKPOINT_SHAPE'],
  ['this log itself', said(9, { log: 'host-agent' }), 'CHECKPOINT_OWN'],
  ['a wrong signature', said(9, {}, own.key), 'CHECKPOINT_SIGNATURE'],
  ['a changed size', { ...said(9), size: 10 }, 'CHECKPOINT_SIGNATURE'],
  ['another genesis', said(9, { genesis: 'b'.repeat(64) }), 'CHECKPOINT_GENESIS'],
  ['a smaller size', said(4), 'CHECKPOINT_SMALLER'],
  ['the same size with another head', said(5, { head: 'f'.repeat(64) }), 'CHECKPOINT_FORKED'],
  ['size 0 with a head', said(0, { head: 'f'.repeat(64) }), 'CHECKPOINT_FORKED'],
  ['the one already there', said(5), 'CHECKPOINT_OLD'],
  ['an older one of the same size', said(5, { at: '2025-01-01T00:00:00.000Z' }), 'CHECKPOINT_OLD'],
])('%s is refused, leaves a row, and does not count as witnessed', async (_, value, code) => {
  await log.witness(said(5), how)
  await expect(log.witness(value, how)).rejects.toMatchObject({ name: 'CheckpointRefused', code })
  expect((await log.read()).rows.at(-1)).toMatchObject({ action: 'audit.checkpoint.refused', outcome: 'denied', code })
  expect(log.witnessed()).toEqual([said(5)])
})

test('a heartbeat of an idle log and a grown log are taken', async () => {
  await log.witness(said(0), how)
  await log.witness(said(0, { at: '2026-01-01T00:01:00.000Z' }), how)
  await log.witness(said(3, { at: '2025-01-01T00:00:00.000Z' }), how)
  expect(log.witnessed()).toMatchObject([{ size: 3 }])
})

test('of two different statements that come together only one is taken', async () => {
  const results = await Promise.allSettled([log.witness(said(7), how), log.witness(said(7, { head: 'e'.repeat(64) }), how)])
  expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected'])
})

test('a flood of bad checkpoints leaves one row a minute', async () => {
  for (let index = 0; index < 50; index += 1) await log.witness(said(9, {}, own.key), how).catch(() => undefined)
  expect(log.head.seq).toBe(1)
  ms += 60_000
  await log.witness(said(9, {}, own.key), how).catch(() => undefined)
  expect(log.head.seq).toBe(2)
})

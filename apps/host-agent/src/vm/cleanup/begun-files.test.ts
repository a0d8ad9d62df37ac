import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openBegunFiles } from './begun-files.ts'
import type { Begun } from './make-receipt.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'begun-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const begunOf = (n: number, objects: number): Begun =>
  ({
    plan: {
      planId: `plan-${n}`,
      items: Array.from({ length: objects }, (_, at) => ({ kind: 'tmp', path: `/tmp/${n}/${at}`, sizeBytes: 1, identity: '1:2' })),
    },
    digest: 'a'.repeat(64),
    by: 'u1',
    reason: null,
    requestId: 'r1',
    startedAt: new Date(Date.parse('2026-03-01T00:00:00Z') + n * 1_000).toISOString(),
  }) as unknown as Begun

it('keeps so many bytes of plans that were confirmed, the newest whatever its size, and the same after a restart', () => {
  const files = openBegunFiles(dir, 20_000)
  for (let n = 0; n < 12; n += 1) files.add(begunOf(n, 50))
  const kept = files.all().map(({ plan }) => plan.planId)
  expect(kept.length).toBeGreaterThan(1)
  expect(kept.length).toBeLessThan(12)
  expect([kept.at(-1), files.find('plan-0')]).toEqual(['plan-11', null])
  expect(readdirSync(join(dir, 'begun'))).toHaveLength(kept.length * 2)
  expect(
    openBegunFiles(dir, 20_000)
      .all()
      .map(({ plan }) => plan.planId),
  ).toEqual(kept)
  expect(openBegunFiles(dir, 1).all()).toHaveLength(1)
  expect(readdirSync(join(dir, 'begun'))).toHaveLength(2)
})

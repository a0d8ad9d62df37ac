import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { CleanupPlan } from './make-plan.ts'
import { openReceipts } from './receipts.ts'

let dir: string
let clock = Date.parse('2026-03-01T00:00:00Z')
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'receipts-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const planOf = (n: number, objects: number): CleanupPlan =>
  ({
    planId: `plan-${n}`,
    plannedBy: 'u1',
    choice: { kinds: ['containers'] },
    totalBytes: objects,
    items: Array.from({ length: objects }, (_, at) => ({ kind: 'containers', id: `${n}-${at}`, names: [`name-${at}`], sizeBytes: 1 })),
  }) as unknown as CleanupPlan
const open = (mostBytes?: number) =>
  openReceipts(dir, {
    log: (msg) => expect.fail(msg),
    now: () => {
      clock += 1_000
      return new Date(clock)
    },
    ...(mostBytes !== undefined && { mostBytes }),
  })
type Receipts = ReturnType<typeof open>
const begun = (receipts: Receipts, n: number, plan: CleanupPlan) =>
  receipts.begin({ digest: `${n}`.padStart(64, '0'), plan, by: 'u1', reason: null, requestId: `r${n}` })
/** Every object was kept, so that each is told. */
const carriedOut = (receipts: Receipts, n: number, objects: number): WeakRef<CleanupPlan> => {
  const plan = planOf(n, objects)
  const run = begun(receipts, n, plan)
  for (let at = 0; at < objects; at += 1) run.took(at, { result: 'kept', why: 'in-use', note: '', freedBytes: 0 } as never)
  run.end({ state: 'done', code: null })
  return new WeakRef(plan)
}
const files = () => readdirSync(join(dir, 'receipts')).length

it('keeps so many bytes of receipts and no more, the newest whatever its size, and the same after a restart', () => {
  const receipts = open(40_000)
  for (let n = 0; n < 12; n += 1) carriedOut(receipts, n, 100)
  const told = receipts.list(200)
  expect(told.length).toBeGreaterThan(1)
  expect(told.length).toBeLessThan(12)
  expect(JSON.stringify(told).length).toBeLessThan(41_000)
  expect([told[0]?.planId, files()]).toEqual(['plan-11', told.length])
  expect(receipts.find('0'.repeat(64))).toBeNull()
  expect(open(40_000).list(200)).toEqual(told)
  expect(
    open(10)
      .list(200)
      .map(({ planId }) => planId),
  ).toEqual(['plan-11'])
  expect(files()).toBe(1)
})

it('tells the same of a run before and after it ended, and cuts none off that goes on', () => {
  const receipts = open(10)
  carriedOut(receipts, 1, 50)
  const run = begun(receipts, 2, planOf(2, 3))
  run.took(0, { result: 'removed', why: null, note: '', freedBytes: 7 } as never)
  expect(receipts.list(5).map(({ planId, state, reached }) => [planId, state, reached])).toEqual([['plan-2', 'running', 1]])
  const again = open(10)
  expect(again.interrupted.map(({ planId, state, exceptionCount }) => [planId, state, exceptionCount])).toEqual([
    ['plan-2', 'interrupted', 2],
  ])
  expect(again.find('2'.padStart(64, '0'))).toEqual(again.interrupted[0])
})

it('lets the plan of a run go when it has ended', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const receipts = open()
  const plans = Array.from({ length: 5 }, (_, n) => carriedOut(receipts, n, 2_000))
  await vi.waitFor(async () => {
    await nextTurn()
    collect()
    expect(plans.filter((plan) => plan.deref() !== undefined).length).toBe(0)
  }, 15_000)
  expect(receipts.list(5).map(({ planned, exceptions }) => [planned, exceptions.length])).toEqual(Array(5).fill([2_000, 200]))
})

import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describeNeeding } from '@console/testkit/needs'
import { mountSmallDisk, type SmallDisk } from '@console/testkit/small-disk'
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
const later = (): Date => {
  clock += 1_000
  return new Date(clock)
}
const open = (mostBytes?: number) =>
  openReceipts(dir, {
    log: (msg) => expect.fail(msg),
    now: later,
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

it('keeps sixteen times as many bytes in files, which hold whole plans', () => {
  const receipts = open(300_000)
  for (let n = 0; n < 6; n += 1) {
    const run = begun(receipts, n, planOf(n, 12_000))
    run.end({ state: 'done', code: null })
  }
  const sizes = readdirSync(join(dir, 'receipts')).map((name) => statSync(join(dir, 'receipts', name)).size)
  expect(sizes.length).toBeGreaterThan(1)
  expect(sizes.length).toBeLessThan(6)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(16 * 300_000)
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

describeNeeding('root', 'on a disk that is full', () => {
  let disk: SmallDisk
  let complaints: string[]
  const openOn = () => openReceipts(disk.path, { log: (msg) => complaints.push(msg), now: later })
  beforeEach(() => {
    disk = mountSmallDisk('2m')
    complaints = []
  })
  afterEach(() => disk.remove())
  const kept = (receipts: Receipts, n: number) => receipts.find(`${n}`.padStart(64, '0'))

  it.each([0, 1, 2])('a run is kept whole as soon as there is room, wherever it was: at step %s', (step) => {
    const receipts = openOn()
    carriedOut(receipts, 1, 3)
    const steps: ((run: ReturnType<typeof begun>) => void)[] = [
      (run) => run.tries(0),
      (run) => run.took(0, { result: 'removed', why: null, note: '', freedBytes: 1 } as never),
      (run) => run.took(1, { result: 'kept', why: 'in-use', note: 'x'.repeat(5_000), freedBytes: 0 } as never),
      (run) => run.end({ state: 'done', code: null }),
    ]
    if (step === 0) disk.fill()
    const run = begun(receipts, 2, planOf(2, 50))
    for (const [at, take] of steps.entries()) {
      if (at === step) disk.fill()
      take(run)
    }
    const told = kept(receipts, 2)
    expect(told).toMatchObject({ state: 'done', reached: 2, planned: 50 })
    expect(complaints).toEqual(['a step of a cleanup could not be written to its receipt'])
    disk.makeRoom()
    expect(receipts.list(5).map(({ planId }) => planId)).toEqual(['plan-2', 'plan-1'])
    expect(openOn().list(5)).toEqual(receipts.list(5))
    expect(kept(openOn(), 2)).toEqual(told)
  })

  it('tells what was true of a run that the daemon’s end cut off meanwhile', () => {
    const receipts = openOn()
    const run = begun(receipts, 1, planOf(1, 3))
    run.took(0, { result: 'removed', why: null, note: '', freedBytes: 7 } as never)
    disk.fill()
    run.took(1, { result: 'kept', why: 'in-use', note: 'x'.repeat(5_000), freedBytes: 0 } as never)
    expect(openOn().interrupted).toMatchObject([{ state: 'interrupted', reached: 1, kinds: [{ removed: 1, freedBytes: 7 }] }])
  })
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

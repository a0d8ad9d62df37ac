import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { rounds } from '@console/testkit/deep'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ScriptBook } from '../scripts/script-book.ts'
import { bornOf } from './processes.ts'
import type { Exit, RunRecord } from './run-record.ts'
import { openWaitingValues } from './seal-values.ts'
import type { Containment } from './start-child.ts'
import { type Supervisor, startSupervisor } from './supervisor.ts'

const own = userInfo()
const waitMs = 60 * 60_000
const open = ['queued', 'running']
const closed = ['exited', 'cancelled', 'timed-out', 'interrupted']

/** What happens next; `nth` chooses among the runs there are. */
type Step =
  | { readonly is: 'start'; readonly service: string; readonly onBusy: string }
  | { readonly is: 'again' | 'lives' | 'dies' | 'exits' | 'times out'; readonly nth: number }
  | { readonly is: 'cancel'; readonly nth: number; readonly byService: boolean }
  | { readonly is: 'linger'; readonly on: boolean }
  | { readonly is: 'restart' }
  | { readonly is: 'pass'; readonly ms: number }

const nth = fc.nat(7)
const of = <T extends string>(...names: T[]) => fc.constantFrom(...names)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ is: of('start'), service: of('one', 'two', 'three'), onBusy: of('queue', 'queue', 'refuse') }) },
  { weight: 8, arbitrary: fc.record({ is: of('again', 'lives', 'lives', 'dies', 'exits', 'exits', 'times out'), nth }) },
  { weight: 3, arbitrary: fc.record({ is: of('cancel'), nth, byService: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ is: of('linger'), on: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ is: of('restart') }) },
  { weight: 5, arbitrary: fc.record({ is: of('pass'), ms: fc.constantFrom(30, 110, 110, 500, 9_000, 20_000, waitMs + 1_000) }) },
)

type World = ReturnType<typeof createWorld>

/** The supervisor, and in place of processes files that the test writes as a wrapper would. Every outcome is judged when it is told. */
function createWorld() {
  const dir = mkdtempSync(join(tmpdir(), 'supervisor-model-'))
  writeFileSync(join(dir, 'key.pem'), 'a key')
  const ids: string[] = []
  const serviceOf = new Map<string, string>()
  const begun: string[] = []
  const started: string[] = []
  const ended = new Map<string, RunRecord>()
  const errors: string[] = []
  const fileOf = (runId: string, name: string): string => join(dir, 'runs', runId, name)
  const exitOf = (runId: string): Exit | null =>
    existsSync(fileOf(runId, 'exit.json')) ? (JSON.parse(readFileSync(fileOf(runId, 'exit.json'), 'utf8')) as Exit) : null
  const world = {
    dir,
    ids,
    serviceOf,
    begun,
    started,
    ended,
    errors,
    lingering: false,
    fileOf,
    exitOf,
    answers: [] as Promise<unknown>[],
    supervisor: undefined as unknown as Supervisor,
    start(): void {
      world.supervisor = startSupervisor({
        dir,
        scripts,
        containment,
        values: openWaitingValues(join(dir, 'key.pem')),
        uid: own.uid,
        graceMs: 10,
        now: () => new Date(),
        log: (_, msg, more) => errors.push(`${msg} ${JSON.stringify(more)}`),
        begun: async ({ runId }) => {
          expect([begun.includes(runId), ended.has(runId)]).toEqual([false, false])
          begun.push(runId)
          return true
        },
        ended: (run) => {
          expect([run.runId, ended.has(run.runId)]).toEqual([run.runId, false])
          const exit = exitOf(run.runId)
          assertOutcome(run, { begun: begun.includes(run.runId), marked: existsSync(fileOf(run.runId, 'cancelled')), exit })
          // What is still ended with it is waited for, ten seconds long.
          if (exit && world.lingering) expect(Date.now() - Date.parse(exit.endedAt)).toBeGreaterThanOrEqual(10_000)
          ended.set(run.runId, run)
        },
      })
    },
  }
  const containment: Containment = {
    kind: 'group',
    unitOf: () => null,
    start: ({ runId }) => {
      expect([begun.includes(runId), started.includes(runId)]).toEqual([true, false])
      const before = ids.slice(0, ids.indexOf(runId)).filter((one) => serviceOf.get(one) === serviceOf.get(runId))
      // In the order of admission, and one at a time.
      expect(before.filter((one) => !ended.has(one))).toEqual([])
      started.push(runId)
    },
    end: async () => true,
    lingers: () => world.lingering,
  }
  world.start()
  return world
}

const scripts = {
  admit: (scriptId: string) => ({
    approval: { scriptId, sha256: 'a'.repeat(64), user: own.username, workingDirectory: '/', timeoutSec: 60, variables: [] },
    copyPath: '/nowhere',
  }),
} as unknown as ScriptBook

/** The one outcome that a run may have, by what lies on disk at that moment. */
function assertOutcome(run: RunRecord, { begun, marked, exit }: { begun: boolean; marked: boolean; exit: Exit | null }): void {
  const { state, exitCode, cancelledBy, code } = run
  if (!begun) expect([state, typeof cancelledBy, run.startedAt]).toEqual(['cancelled', 'string', null])
  // Nobody watches it any more, so it must not begin late either.
  else if (!exit) expect([state, exitCode, code, marked]).toEqual([cancelledBy === null ? 'interrupted' : 'cancelled', null, null, true])
  else if (!exit.cancelled) expect([state, exitCode, cancelledBy]).toEqual([exit.timedOut ? 'timed-out' : 'exited', exit.exitCode, null])
  else expect(state).toBe(cancelledBy === null ? 'interrupted' : 'cancelled')
}

async function take(world: World, one: Step): Promise<void> {
  const { ids, supervisor } = world
  if (one.is === 'pass') await vi.advanceTimersByTimeAsync(one.ms)
  else if (one.is === 'linger') world.lingering = one.on
  else if (one.is === 'restart') {
    supervisor.stop()
    world.start()
  } else if (one.is === 'start') begin(world, one)
  else if (ids.length > 0) await touch(world, one, ids[one.nth % ids.length] ?? '')
}

function begin(world: World, { service, onBusy }: Extract<Step, { is: 'start' }>): void {
  const { ids, supervisor, ended, serviceOf } = world
  const runId = `run-${ids.length}`
  const busy = ids.some((id) => serviceOf.get(id) === service && !ended.has(id))
  const ask = () =>
    supervisor.start(
      { runId, scriptId: 'x', serviceId: service, reason: 'a test', onBusy, variables: {}, secretNames: [] },
      { kind: 'person', id: 'u' },
    )
  if (busy && onBusy === 'refuse') {
    expect(ask).toThrow(expect.objectContaining({ code: 'RUN_BUSY' }))
    expect(() => supervisor.get(runId)).toThrow(expect.objectContaining({ code: 'RUN_NOT_FOUND' }))
    return
  }
  ids.push(runId)
  serviceOf.set(runId, service)
  expect(ask().state).toBe(busy ? 'queued' : 'running')
}

async function touch(world: World, one: Exclude<Step, { is: 'start' | 'pass' | 'linger' | 'restart' }>, runId: string): Promise<void> {
  const { supervisor, started, fileOf } = world
  const before = supervisor.get(runId)
  if (one.is === 'cancel') return cancel(world, runId, one.byService)
  if (one.is === 'again') {
    const input = { runId, scriptId: 'x', serviceId: 'other', reason: 'again', onBusy: 'queue', variables: {}, secretNames: [] }
    expect(supervisor.start(input, { kind: 'person', id: 'v' })).toEqual(before)
    return
  }
  if (!started.includes(runId) || existsSync(fileOf(runId, 'exit.json'))) return
  if (one.is === 'lives' || one.is === 'dies') {
    const wrapper = { pid: process.pid, born: one.is === 'lives' ? bornOf(process.pid) : 'long ago' }
    writeFileSync(fileOf(runId, 'alive.json'), JSON.stringify({ wrapper, child: null, cgroup: null }))
  } else exit(world, runId, one.is === 'times out')
}

/** What a wrapper leaves: cancelled when that was asked for before its end. */
function exit({ fileOf, ids }: World, runId: string, timedOut = false): void {
  const cancelled = existsSync(fileOf(runId, 'cancelled'))
  const end: Exit = { exitCode: ids.indexOf(runId), signal: null, endedAt: new Date().toISOString(), timedOut, cancelled }
  writeFileSync(fileOf(runId, 'exit.json'), JSON.stringify(end))
}

async function cancel({ supervisor, answers, exitOf }: World, runId: string, service: boolean): Promise<void> {
  const { state } = supervisor.get(runId)
  const hadExit = exitOf(runId) !== null
  const answer = supervisor.cancel(runId, { id: service ? 'system' : 'user-1', service }, 'a test').then(
    (run) => run.state,
    (error: { code: string }) => error.code,
  )
  if (state === 'queued') expect(await answer).toBe('cancelled')
  else if (!open.includes(state)) expect(await answer).toBe('RUN_ENDED')
  else if (service) expect(await answer).toBe('AUTH_FORBIDDEN')
  else answers.push(answer.then((told) => expect(hadExit ? ['RUN_ENDED', ...closed, 'running'] : [...closed, 'running']).toContain(told)))
}

/** What is true at every moment. */
function assertSound({ supervisor, ids, ended, begun, serviceOf }: World): void {
  const runs = supervisor.list({})
  expect(runs.map(({ runId }) => runId)).toEqual(ids.toReversed())
  for (const run of runs) {
    const outcome = ended.get(run.runId)
    expect([run.runId, run.state, run.endedAt !== null]).toEqual([
      run.runId,
      outcome?.state ?? (begun.includes(run.runId) ? 'running' : 'queued'),
      outcome !== undefined,
    ])
    // What was told once never changes.
    if (outcome) expect(run).toMatchObject({ exitCode: outcome.exitCode, endedAt: outcome.endedAt, cancelledBy: outcome.cancelledBy })
    expect(run.position === null).toBe(run.state !== 'queued')
  }
  for (const service of new Set(serviceOf.values())) {
    const line = runs.filter((run) => run.serviceId === service && open.includes(run.state)).toReversed()
    expect(line.filter(({ state }) => state === 'running').length).toBeLessThanOrEqual(1)
    expect(line.every(({ state }, at) => at === 0 || state === 'queued')).toBe(true)
    expect(line.map(({ position }, at) => position ?? at)).toEqual(line.map((_, at) => at))
  }
}

/** Wrappers that live end one after the other, others never come: then every run has its one outcome, and none is lost or waits for ever. */
async function settle(world: World): Promise<void> {
  world.lingering = false
  for (let round = 0; round <= world.ids.length + 2 && world.ended.size < world.ids.length; round += 1) {
    for (const runId of world.started)
      if (!world.ended.has(runId) && world.exitOf(runId) === null && existsSync(world.fileOf(runId, 'alive.json'))) exit(world, runId)
    await vi.advanceTimersByTimeAsync(20_000)
  }
  expect(world.ids.filter((runId) => !world.ended.has(runId))).toEqual([])
  await vi.advanceTimersByTimeAsync(20_000)
  await Promise.all(world.answers)
  assertSound(world)
  expect(world.errors).toEqual([])
}

describe('the supervisor, whatever happens in whichever order', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'] })
  })
  afterEach(() => void vi.useRealTimers())

  it('gives each run one outcome, one at a time a service, in order, and forgets none over a restart', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), fc.boolean(), async (steps, lingering) => {
        const world = createWorld()
        world.lingering = lingering
        try {
          for (const one of steps) {
            await take(world, one)
            assertSound(world)
          }
          await settle(world)
        } finally {
          world.supervisor.stop()
          rmSync(world.dir, { recursive: true, force: true })
        }
      }),
      { numRuns: rounds({ test: 25, deep: 2_000 }), seed: 4 },
    )
  }, 120_000)
})

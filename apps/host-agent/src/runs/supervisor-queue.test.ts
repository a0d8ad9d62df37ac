import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ScriptBook } from '../scripts/script-book.ts'
import { bornOf } from './processes.ts'
import { openWaitingValues } from './seal-values.ts'
import type { Containment } from './start-child.ts'
import { type Supervisor, startSupervisor } from './supervisor.ts'

const own = userInfo()
const minuteMs = 60_000
let dir: string
let supervisor: Supervisor
let now: number
let started: string[]
let told: string[]
let lingering: boolean
/** When the beginning of a run is on record, and whether it ever is. */
let recorded: Promise<boolean>
/** The processes are the test's: it writes what a wrapper would write. */
const containment: Containment = {
  kind: 'group',
  unitOf: () => null,
  start: ({ runId }) => void started.push(runId),
  end: async () => true,
  lingers: () => lingering,
}
const scripts = {
  admit: (scriptId: string) => ({
    approval: { scriptId, sha256: 'a'.repeat(64), user: own.username, workingDirectory: '/', timeoutSec: 60, variables: ['TOKEN'] },
    copyPath: '/nowhere',
  }),
} as unknown as ScriptBook
const open = (): void => {
  supervisor = startSupervisor({
    dir,
    scripts,
    containment,
    values: openWaitingValues(join(dir, 'key.pem')),
    uid: own.uid,
    graceMs: 10,
    now: () => new Date(now),
    log: () => undefined,
    begun: ({ runId }) => {
      told.push(`begun ${runId}`)
      return recorded
    },
    ended: ({ runId, state, code }) => told.push(`${state} ${runId} ${code}`),
  })
}
const ask = (runId: string, serviceId = 'one') =>
  supervisor.start(
    { runId, scriptId: 'x', serviceId, reason: 'a test', onBusy: 'queue', variables: { TOKEN: 'v' }, secretNames: [] },
    { kind: 'person', id: 'u' },
  )
const put = (runId: string, file: string, content: object): void => writeFileSync(join(dir, 'runs', runId, file), JSON.stringify(content))
const lives = (runId: string): void =>
  put(runId, 'alive.json', { wrapper: { pid: process.pid, born: bornOf(process.pid) }, child: null, cgroup: null })
const exits = (runId: string, over: object = {}): void =>
  put(runId, 'exit.json', { exitCode: 0, signal: null, endedAt: new Date(now).toISOString(), timedOut: false, cancelled: false, ...over })
const state = (runId: string) =>
  vi.waitFor(
    () => {
      const run = supervisor.get(runId)
      expect(run.endedAt).not.toBeNull()
      return run
    },
    { timeout: 30_000, interval: 20 },
  )

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'supervisor-queue-'))
  writeFileSync(join(dir, 'key.pem'), 'a key')
  now = Date.parse('2026-01-01T00:00:00Z')
  started = []
  told = []
  lingering = false
  recorded = Promise.resolve(true)
  open()
})
afterEach(() => {
  supervisor.stop()
  rmSync(dir, { recursive: true, force: true })
})

describe('the queue', () => {
  it('begin once that is on record, and never where it is not', async () => {
    const first = Promise.withResolvers<boolean>()
    recorded = first.promise
    ask('first')
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect([told, started, supervisor.get('first').state]).toEqual([['begun first'], [], 'running'])
    first.resolve(true)
    await vi.waitFor(() => expect(started).toEqual(['first']), { timeout: 30_000 })
    recorded = Promise.resolve(false)
    ask('other', 'another')
    recorded = Promise.resolve(true)
    ask('third', 'a third')
    await vi.waitFor(() => expect(started).toContain('third'), { timeout: 30_000 })
    expect(started).not.toContain('other')
  })

  it('cancels what waited over an hour, and not a moment earlier', async () => {
    ask('first')
    lives('first')
    ask('second')
    now += 60 * minuteMs
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(supervisor.get('second').state).toBe('queued')
    now += 1
    expect(await state('second')).toMatchObject({ state: 'cancelled', code: 'WAITED_TOO_LONG', cancelledBy: 'host-agent' })
    expect(supervisor.get('first').state).toBe('running')
    expect(told).toEqual(['begun first', 'cancelled second WAITED_TOO_LONG'])
  }, 60_000)

  it('is the same after a restart, values included', async () => {
    ask('first')
    lives('first')
    ask('second')
    ask('third')
    supervisor.stop()
    open()
    expect(['first', 'second', 'third'].map((runId) => supervisor.get(runId).state)).toEqual(['running', 'queued', 'queued'])
    exits('first', { exitCode: 4 })
    expect(await state('first')).toMatchObject({ state: 'exited', exitCode: 4 })
    await vi.waitFor(() => expect(started).toEqual(['first', 'second']), { timeout: 30_000 })
    expect(supervisor.get('third')).toMatchObject({ state: 'queued', position: 1 })
  }, 60_000)

  it('begins nothing whose values are lost, rather than without them', async () => {
    ask('first')
    lives('first')
    ask('second')
    rmSync(join(dir, 'runs/second/values.sealed'))
    exits('first')
    expect(await state('second')).toMatchObject({ state: 'refused', code: 'INTERNAL' })
    expect(started).toEqual(['first'])
  }, 60_000)

  it('takes a run under its id once', async () => {
    ask('same')
    expect(ask('same', 'two')).toMatchObject({ runId: 'same', serviceId: 'one' })
    await vi.waitFor(() => expect(started).toEqual(['same']), { timeout: 30_000 })
  })

  it('goes on with the other runs when one cannot be written down', async () => {
    ask('bad', 'bad-service')
    lives('bad')
    ask('good', 'good-service')
    lives('good')
    rmSync(join(dir, 'runs/bad/run.json'))
    mkdirSync(join(dir, 'runs/bad/run.json'))
    exits('bad')
    exits('good')
    expect(await state('good')).toMatchObject({ state: 'exited' })
    expect(supervisor.get('bad').endedAt).toBeNull()
    rmSync(join(dir, 'runs/bad/run.json'), { recursive: true })
    expect(await state('bad')).toMatchObject({ state: 'exited' })
  }, 60_000)
})

describe('a run and its wrapper', () => {
  it('is waited for when the agent was started anew before the wrapper said that it lives', async () => {
    ask('late')
    supervisor.stop()
    open()
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(supervisor.get('late').state).toBe('running')
    lives('late')
    exits('late')
    expect(await state('late')).toMatchObject({ state: 'exited', exitCode: 0 })
  }, 60_000)

  it('has on disk who cancelled it before anything else, so that a new agent goes on with the ending', async () => {
    ask('any')
    await vi.waitFor(() => expect(started).toEqual(['any']), { timeout: 30_000 })
    lives('any')
    // A folder in the place of the mark that is written first.
    mkdirSync(join(dir, `runs/any/cancelled.${process.pid}.part`))
    const answer = supervisor.cancel('any', { id: 'u', service: false }, 'a test')
    expect(JSON.parse(readFileSync(join(dir, 'runs/any/run.json'), 'utf8'))).toMatchObject({ state: 'running', cancelledBy: 'u' })
    exits('any')
    await answer
    expect(await state('any')).toMatchObject({ state: 'cancelled', cancelledBy: 'u' })
  }, 60_000)

  it('is cancelled to the end by a new agent when the old one ended right after it was told', async () => {
    ask('stopped')
    lives('stopped')
    supervisor.stop()
    const path = join(dir, 'runs/stopped/run.json')
    put('stopped', 'run.json', { ...(JSON.parse(readFileSync(path, 'utf8')) as object), cancelledBy: 'user-1' })
    open()
    await vi.waitFor(() => expect(readdirSync(join(dir, 'runs/stopped'))).toContain('cancelled'), { timeout: 30_000 })
    exits('stopped', { cancelled: true, exitCode: null, signal: 'SIGTERM' })
    expect(await state('stopped')).toMatchObject({ state: 'cancelled', cancelledBy: 'user-1' })
  }, 60_000)

  it('is cancelled, and its service free, only when what is ended with it has gone', async () => {
    ask('stopped')
    ask('next')
    lives('stopped')
    lingering = true
    let answer: string | undefined
    const cancelling = supervisor.cancel('stopped', { id: 'user-1', service: false }, 'a test').then(({ state: now }) => {
      answer = now
    })
    exits('stopped', { cancelled: true })
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect([answer, supervisor.get('stopped').state, started]).toEqual([undefined, 'running', ['stopped']])
    lingering = false
    await cancelling
    expect(answer).toBe('cancelled')
    await vi.waitFor(() => expect(started).toEqual(['stopped', 'next']), { timeout: 30_000 })
  }, 60_000)

  it('has ended by itself when its exit was on disk before anybody cancelled it', async () => {
    ask('over')
    lives('over')
    exits('over', { exitCode: 3 })
    await expect(supervisor.cancel('over', { id: 'user-1', service: false }, 'a test')).rejects.toMatchObject({ code: 'RUN_ENDED' })
    expect(supervisor.get('over')).toMatchObject({ state: 'exited', exitCode: 3, cancelledBy: null })
  }, 60_000)

  it.each([
    [{ timedOut: true }, 'timed-out'],
    [{ cancelled: true }, 'interrupted'],
    [{ exitCode: 1 }, 'exited'],
  ])(
    'ends as its exit says: %j',
    async (over, expected) => {
      ask('any')
      lives('any')
      exits('any', over)
      expect(await state('any')).toMatchObject({ state: expected })
      expect(told).toEqual(['begun any', `${expected} any null`])
    },
    60_000,
  )
})

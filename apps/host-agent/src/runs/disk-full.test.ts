import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describeNeeding } from '@console/testkit/needs'
import { mountSmallDisk, type SmallDisk } from '@console/testkit/small-disk'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { ScriptBook } from '../scripts/script-book.ts'
import { createLineWriter } from './line-writer.ts'
import { createValueMask } from './mask-values.ts'
import { bornOf } from './processes.ts'
import type { ChildSpec } from './run-child.ts'
import { openWaitingValues } from './seal-values.ts'
import { type Supervisor, startSupervisor } from './supervisor.ts'

const own = userInfo()
let disk: SmallDisk
let dir: string
let supervisor: Supervisor
let started: ChildSpec[]
let endings: string[]
let told: string[]
const scripts = {
  admit: (scriptId: string) => ({
    approval: { scriptId, sha256: 'a'.repeat(64), user: own.username, workingDirectory: '/', timeoutSec: 60, variables: ['TOKEN'] },
    copyPath: '/nowhere',
  }),
} as unknown as ScriptBook
const ask = (runId: string, serviceId = 'one') =>
  supervisor.start(
    { runId, scriptId: 'x', serviceId, reason: 'a test', onBusy: 'queue', variables: { TOKEN: runId }, secretNames: [] },
    { kind: 'person', id: 'u' },
  )
const begins = (runId: string) => vi.waitFor(() => expect(started.map((spec) => spec.runId)).toContain(runId), { timeout: 30_000 })
const put = (runId: string, file: string, content: object): void => writeFileSync(join(dir, 'runs', runId, file), JSON.stringify(content))
const lives = (runId: string): void =>
  put(runId, 'alive.json', { wrapper: { pid: process.pid, born: bornOf(process.pid) }, child: null, cgroup: null })
const exits = (runId: string, over: object = {}): void =>
  put(runId, 'exit.json', { exitCode: 0, signal: null, endedAt: new Date().toISOString(), timedOut: false, cancelled: false, ...over })
const becomes = (runId: string, state: string) =>
  vi.waitFor(() => expect(supervisor.get(runId).state).toBe(state), { timeout: 30_000, interval: 20 })

describeNeeding('root', 'a disk that is full', () => {
  beforeEach(() => {
    disk = mountSmallDisk('2m')
    dir = disk.path
    writeFileSync(join(dir, 'key.pem'), 'a key')
    ;[started, endings, told] = [[], [], []]
    supervisor = startSupervisor({
      dir,
      scripts,
      containment: {
        kind: 'group',
        unitOf: () => null,
        start: (spec) => void started.push(spec),
        end: async (runId) => {
          endings.push(runId)
          return true
        },
        lingers: () => false,
      },
      values: openWaitingValues(join(dir, 'key.pem')),
      uid: own.uid,
      graceMs: 10,
      now: () => new Date(),
      log: () => undefined,
      begun: async () => true,
      ended: ({ runId, state }) => void told.push(`${runId} ${state}`),
    })
  })
  afterEach(() => {
    supervisor.stop()
    disk.remove()
  })

  it('takes no run, keeps nothing of it, and takes the same one when there is room', async () => {
    disk.fill()
    expect(() => ask('first')).toThrow(expect.objectContaining({ code: 'ENOSPC' }))
    expect(() => supervisor.get('first')).toThrow(expect.objectContaining({ code: 'RUN_NOT_FOUND' }))
    expect(readdirSync(join(dir, 'runs'))).toEqual([])
    disk.makeRoom()
    expect(ask('first').state).toBe('running')
    await begins('first')
  })

  it('keeps a run that was taken, its values and its turn, and the end of the one before it', async () => {
    ask('first')
    await begins('first')
    lives('first')
    ask('second')
    exits('first')
    disk.fill()
    await pause(400)
    expect(told).toEqual([])
    expect(['first', 'second'].map((runId) => supervisor.get(runId).state)).toEqual(['running', 'queued'])
    disk.makeRoom()
    await begins('second')
    expect(told).toEqual(['first exited'])
    expect(started.find(({ runId }) => runId === 'second')?.env.TOKEN).toBe('second')
    expect(existsSync(join(dir, 'runs/second/values.sealed'))).toBe(false)
  }, 60_000)

  it.each(['full', 'read-only'])(
    'ends a run that is cancelled all the same, and tells who cancelled it when it can: %s',
    async (how) => {
      ask('first')
      await begins('first')
      lives('first')
      const runs = join(dir, 'runs')
      if (how === 'full') disk.fill()
      else disk.freeze(runs)
      const answer = supervisor.cancel('first', { id: 'somebody', service: false }, 'it fills the disk')
      await vi.waitFor(() => expect(endings).toContain('first'), { timeout: 30_000 })
      const cancelled = existsSync(join(runs, 'first/cancelled'))
      if (how === 'full') disk.makeRoom()
      else disk.thaw(runs)
      // What its wrapper saw, which had this to write from the moment on that its script ended.
      exits('first', { exitCode: null, signal: 'SIGTERM', cancelled })
      expect(cancelled).toBe(how === 'full')
      await answer
      await becomes('first', 'cancelled')
      expect(supervisor.get('first').cancelledBy).toBe('somebody')
      expect(told).toEqual(['first cancelled'])
    },
    60_000,
  )

  it('takes what a script prints as far as it can, and says how much is missing', () => {
    const path = join(dir, 'output.ndjson')
    const writer = createLineWriter(path, { mask: createValueMask([]), mostBytes: 1_048_576, now: () => new Date() })
    const lines = () => readFileSync(path, 'utf8').split('\n').filter(Boolean)
    writer.push('out', Buffer.from('before\n'))
    disk.fill()
    for (let n = 0; n < 30; n += 1) writer.push('out', Buffer.from(`${'x'.repeat(500)}\n`))
    const kept = lines().length - 1
    expect(kept).toBeLessThan(30)
    disk.makeRoom()
    writer.push('out', Buffer.from('after\n'))
    writer.close()
    const all = lines().map((line) => JSON.parse(line) as { seq: number; stream: string; text: string })
    expect(all.map(({ seq }) => seq)).toEqual(all.map((_, at) => at + 1))
    expect(all.slice(-2).map(({ stream, text }) => `${stream} ${text}`)).toEqual([
      `sys ${30 - kept} lines are missing here: the disk could not be written.`,
      'out after',
    ])
  })
})

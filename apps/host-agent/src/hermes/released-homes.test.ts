import { execFileSync, spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { until } from '@console/testkit/daemon-harness'
import { rounds } from '@console/testkit/deep'
import { homesFolder, pictureOf } from '@console/testkit/made-home'
import { describeNeeding, hermesReleases } from '@console/testkit/needs'
import { freePorts } from '@console/testkit/start-console'
import { afterAll, expect, it } from 'vitest'
import type { ProbeDocument } from './probe/document.ts'
import { readProcess } from './read-process.ts'
import { startProbe } from './start-probe.ts'

const minute = 60_000
const ownUid = process.getuid?.() ?? 0
const self = { uid: null, gid: null, home: '/', ownUid }
const looks = rounds({ test: 5, deep: 200 })
/** From which on a release keeps a record of the runs of its jobs. */
const withRuns = [0, 19]

describeNeeding('hermesReleases', 'a home that a release of Hermes made', () => {
  const base = homesFolder()
  afterAll(() => rmSync(base, { recursive: true, force: true }))

  it.each(hermesReleases.map((python, at) => ({ python, at })))(
    'is told whole, $at of those that are here: at rest, beside its gateway, and after that was killed',
    async ({ python, at }) => {
      const home = join(base, String(at), '.hermes')
      const [port] = await freePorts(1)
      const env = {
        ...{ HOME: dirname(home), HERMES_HOME: home, API_SERVER_PORT: String(port), PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' },
        // No look-up of its leaves the machine.
        ...{ HTTP_PROXY: 'http://127.0.0.1:9', HTTPS_PROXY: 'http://127.0.0.1:9', NO_PROXY: '127.0.0.1' },
      }
      const release = execFileSync(python, [join(import.meta.dirname, 'fill-home.py')], { env, encoding: 'utf8' }).trim()
      const keepsRuns = release.localeCompare(withRuns.join('.'), 'en', { numeric: true }) >= 0
      const look = async (): Promise<ProbeDocument> => {
        const told = await startProbe(home, self, { withinMs: 30_000 })
        if (typeof told === 'string') throw new Error(`${release}: ${told}`)
        expect(JSON.stringify(told)).not.toContain('CANARY')
        expect([release, factsOf(told)]).toEqual([release, expected(keepsRuns)])
        return told
      }
      const before = pictureOf(home)
      for (let n = 0; n < looks; n += 1) expect((await look()).gateway).toMatchObject({ reason: 'not_initialised' })
      expect(pictureOf(home)).toEqual(before)

      const gateway = spawn(join(dirname(python), 'hermes'), ['gateway', 'run'], { env, cwd: '/', stdio: 'ignore', detached: true })
      const ended = new Promise((done) => gateway.once('close', done))
      try {
        await until(`the gateway of ${release} runs`, () => isRunning(home), minute)
        for (let n = 0; n < looks; n += 1) {
          const { pid, startTicks, state } = (await look()).gateway
          expect([release, state, pid, readProcess(pid, { ownUid, startTicks }).alive]).toEqual([release, 'running', gateway.pid, true])
        }
      } finally {
        process.kill(-(gateway.pid ?? 0), 'SIGKILL')
        await ended
      }
      const { pid, startTicks, state } = (await look()).gateway
      expect([release, state, readProcess(pid, { ownUid, startTicks }).alive]).toEqual([release, 'running', false])
    },
    rounds({ test: 2, deep: 10 }) * minute,
  )
})

const isRunning = (home: string): boolean => {
  try {
    return JSON.parse(readFileSync(join(home, 'gateway_state.json'), 'utf8')).gateway_state === 'running'
  } catch {
    return false
  }
}

function factsOf({ sessions, cron, memory, memoryFacts, skills }: ProbeDocument) {
  const ownSkills = skills.items.filter(({ name }) => name === 'disk-report' || name === 'old-notes')
  return {
    parts: [sessions, cron, memory, skills].map(({ status }) => status),
    sessions: sessions.items.map(({ title, source, messages, ended }) => [title, source, messages, ended]).sort(),
    jobs: cron.items.map(({ name, state, lastStatus, lastDeliveryError }) => [name, state, lastStatus, lastDeliveryError]),
    runs: cron.items.map(({ runs }) => runs),
    entries: memory.items.map(({ lines }) => lines),
    userFile: memoryFacts.userFile,
    skills: ownSkills.map(({ name, category, version, provenance, disabled }) => [name, category, version, provenance, disabled]),
  }
}

function expected(keepsRuns: boolean): ReturnType<typeof factsOf> {
  const runs = (completed: number, failed: number) => (keepsRuns ? { completed, failed } : null)
  return {
    parts: Array(4).fill('up'),
    sessions: [
      ['Disk <b>check</b>', 'cli', 2, true],
      [null, 'cli', 2, false],
      [null, 'telegram', 2, false],
    ].sort(),
    jobs: [
      ['good', 'scheduled', 'ok', null],
      ['failing', 'scheduled', 'error', null],
      ['unheard', 'scheduled', 'ok', 'chat not found'],
      ['paused', 'paused', null, null],
    ],
    runs: [runs(1, 0), runs(0, 1), runs(1, 0), runs(0, 0)],
    entries: [1, 2],
    userFile: true,
    skills: [
      ['disk-report', 'devops', '1.0.0', 'local', false],
      ['old-notes', null, '1.0.0', 'local', true],
    ],
  }
}

import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { attackCase } from '@console/testkit/attack'
import { until } from '@console/testkit/daemon-harness'
import { idOf } from '@console/testkit/fake-container'
import { needs } from '@console/testkit/needs'
import { type RecordingEngine, startRecordingEngine } from '@console/testkit/recording-engine'
import { type Person, type RunningParts, startParts } from '@console/testkit/running-parts'
import { allVerbs } from '@console/verbs/all'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { askDaemon, codeOf } from './raw-asking.ts'
import type { Loot, Told, Try } from './thief.ts'

const deadlineMs = 5_000
/** The account that the image of devops-backend is built for, where this process may act as it; else the thief is whoever runs the tests. */
const account = needs.reader ? { uid: 1_001, home: '/opt' } : null

describe('the backend in other hands', () => {
  let parts: RunningParts
  let engine: RecordingEngine
  let folder: string
  let admin: Person
  let loot: Loot
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'theft-'))
    engine = await startRecordingEngine({ socketPath: join(folder, 'engine.sock') })
    engine.add({ id: idOf('a1'), name: 'alpha' })
    engine.add({ id: idOf('b2'), name: 'ended', state: 'exited' })
    parts = await startParts({
      parts: ['platform-service', 'host-agent', 'docker-proxy', 'devops-backend'],
      ...(account && { home: account.home }),
      env: { 'docker-proxy': { DOCKER_SOCKET: engine.socketPath } },
    })
    parts.writeScript('hello', 'echo hello')
    parts.writeScript('another', 'echo nobody approved this')
    admin = await parts.setUp()
    if (account) giveBackend(account.uid)
    loot = await stolen()
  }, 180_000)
  afterAll(async () => {
    await parts?.stop()
    await engine?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  /** What the account of devops-backend has where it is deployed: its own folder, everybody's public keys, and both sockets by their group. */
  function giveBackend(uid: number): void {
    const run = join(parts.folder, 'run')
    chmodSync(parts.folder, 0o711)
    for (const folder of [parts.keysDir, parts.scriptRoot]) chmodSync(folder, 0o755)
    execFileSync('chown', ['-R', `${uid}:${uid}`, join(parts.folder, 'devops')])
    for (const path of [run, parts.socketOf('host-agent'), parts.socketOf('docker-proxy')]) chownSync(path, 0, uid)
  }

  /** What lies on the disk of the same host and is none of the backend's. */
  function othersFiles(): Loot['files'] {
    const others = ['platform', 'host-agent', 'docker-proxy'].map((name) => join(parts.folder, name))
    const pids = (['platform-service', 'host-agent', 'docker-proxy'] as const).map((name) => parts.running.get(name)?.child.pid ?? 0)
    return {
      read: [
        ...others,
        join(parts.folder, 'host-agent/key.pem'),
        join(parts.folder, 'docker-proxy/key.pem'),
        ...pids.map((pid) => `/proc/${pid}/environ`),
      ],
      write: [
        ...[parts.scriptRoot, parts.keysDir, join(parts.folder, 'run'), parts.folder, ...others].map((dir) => join(dir, 'planted')),
        join(parts.scriptRoot, 'hello.sh'),
        join(parts.keysDir, 'platform-service.jwks'),
      ],
      sockets: [engine.socketPath],
    }
  }

  /** The admin confirms a script; the backend sees the plan, the confirmation, the reference and the tie pass by. */
  async function stolen(): Promise<Loot> {
    const { digest } = (await admin.devops.post('/scripts/hello/plan', {})).body as unknown as { digest: string }
    const { grant } = (await admin.platform.post('/auth/grants', { verb: 'scripts.approve', digest })).body as unknown as { grant: string }
    const approved = await admin.devops.post('/scripts/hello/approve', { digest }, { 'x-grant': grant })
    if (approved.status !== 200) throw new Error(`approving answered ${approved.status}: ${approved.text}`)
    return {
      dir: join(parts.folder, 'devops'),
      keysDir: parts.keysDir,
      platformPort: parts.platformPort,
      sockets: { 'host-agent': parts.socketOf('host-agent'), 'docker-proxy': parts.socketOf('docker-proxy') },
      reference: admin.platform.cookie('__Secure-bl_ref'),
      tie: admin.platform.cookie('__Host-bl_tie'),
      seen: { digest, grant },
      scriptId: 'hello',
      container: 'alpha',
      files: account ? othersFiles() : { read: [], write: [], sockets: [] },
    }
  }

  async function steal(): Promise<Told> {
    const node = [process.execPath, '--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'thief.ts')]
    const as = account ? ['setpriv', `--reuid=${account.uid}`, `--regid=${account.uid}`, '--clear-groups', '--no-new-privs'] : []
    const [program = '', ...args] = [...as, ...node]
    const thief = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
    thief.stdin.end(JSON.stringify(loot))
    const [out, err] = await Promise.all([text(thief.stdout), text(thief.stderr)])
    if (out === '') throw new Error(`the thief ended without a word: ${err}`)
    return JSON.parse(out) as Told
  }

  const rowsOf = (daemon: 'host-agent' | 'docker-proxy') => parts.rows(daemon)
  const destroyed = () =>
    (['host-agent', 'docker-proxy'] as const)
      .flatMap(rowsOf)
      .filter(({ action, outcome }) => outcome !== 'denied' && allVerbs.some(({ id, risk }) => id === action && risk === 'destroy'))
      .map(({ action, outcome }) => `${action} ${outcome}`)
  const about = (told: Told, what: string) => told.tries.filter((one) => one.what.endsWith(`: ${what}`))
  const answers = (tries: readonly Try[]) => [...new Set(tries.map(({ status, code }) => `${status} ${code}`))].sort()

  attackCase(
    'O5',
    'a program with the backend’s keys, and with the reference and tie of a live admin',
    async (it) => {
      const before = destroyed()
      const told = await steal()
      await it.attack('every verb of both daemons, by nobody and by the key', () => {
        const nobody = about(told, 'without a token')
        expect([nobody.length, answers(nobody)]).toEqual([allVerbs.length, ['401 AUTH_REQUIRED']])
        // Its own key reads what is marked so; past the guard it is stopped by an argument that no verb takes.
        for (const { id, service, stream } of allVerbs.filter((verb) => !verb.stream)) {
          const [one] = about(told, 'by the key').filter(({ what }) => what.startsWith(`${id}: `))
          expect([id, stream ?? false, one?.status, one?.code]).toEqual([
            id,
            false,
            ...(service ? [400, 'INPUT_INVALID'] : [403, 'AUTH_FORBIDDEN']),
          ])
        }
      })
      await it.attack('what destroys, with whatever could pass for a confirmation', () => {
        const destroying = allVerbs.filter(({ risk }) => risk === 'destroy')
        const bare = about(told, 'without a confirmation')
        expect([bare.length, answers(bare)]).toEqual([destroying.length, ['403 AUTH_GRANT_REQUIRED']])
        const forged = about(told, 'confirmed by the backend’s own key')
        expect([forged.length, answers(forged)]).toEqual([destroying.length, ['401 AUTH_GRANT_INVALID']])
        expect(answers(about(told, 'with a confirmation that was used'))).toEqual(['409 AUTH_GRANT_USED'])
        expect(answers(about(told, 'with one that was given for another plan'))).toEqual(['403 AUTH_GRANT_MISMATCH'])
        expect(answers(about(told, 'with the access token as one'))).toEqual(['401 AUTH_GRANT_INVALID'])
        // A plan of either daemon was true, so that nothing but the confirmation stood between.
        expect(answers(about(told, 'a plan'))).toEqual(['200 undefined'])
      })
      await it.attack('the files of others on the same host, their processes, and the engine itself', () => {
        expect(told.uid).toBe(account?.uid ?? process.getuid?.())
        expect(told.reached).toEqual([])
        expect(told.refusedFiles).toBe(Object.values(loot.files).flat().length)
      })
      await it.attack('a confirmation, a token, an invite, or the password, at platform-service', () => {
        const there = told.tries.filter(({ what }) => what.startsWith('/'))
        expect(there).toHaveLength(16)
        for (const { what, status } of there)
          expect([what, status]).toEqual([what, expect.toSatisfy((one: number) => one === 401 || one === 403)])
      })
      await it.control('what the role may without a confirmation: reading, a restart, an approved script', () => {
        expect(answers(about(told, 'as the role may'))).toEqual(['200 undefined'])
        expect(engine.requests.some(({ line }) => line.startsWith(`POST /v1.41/containers/${idOf('a1')}/restart`))).toBe(true)
      })
      await it.row('nothing was destroyed or approved; each refusal at a daemon is a row', () => {
        expect(destroyed()).toEqual(before)
        expect(engine.requests.filter(({ line }) => line.startsWith('DELETE'))).toEqual([])
        const denied = new Set((['host-agent', 'docker-proxy'] as const).flatMap(rowsOf).map(({ requestId }) => requestId))
        const confirming = told.tries.filter(({ code }) => code.startsWith('AUTH_GRANT'))
        expect(confirming.filter(({ requestId }) => !denied.has(requestId))).toEqual([])
      })
      await it.attack('again, when the admin has signed out', async () => {
        expect((await admin.platform.post('/auth/logout')).status).toBe(204)
        const from = performance.now()
        await until('the reference is worth nothing', async () => (await steal()).accessToken === null, 30_000)
        expect(performance.now() - from).toBeLessThan(deadlineMs + 10_000)
        // What it has already ends by itself.
        expect(told.livesSec).toBeGreaterThan(0)
        expect(told.livesSec).toBeLessThanOrEqual(300)
        const late = await askDaemon(loot.sockets['host-agent'], 'scripts.approve', {
          authorization: `Bearer ${told.accessToken}`,
          args: { digest: loot.seen.digest },
        })
        expect(codeOf(late)[0]).not.toBe(200)
      })
    },
    180_000,
  )
})

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Answer } from '@console/testkit/browser'
import { until } from '@console/testkit/daemon-harness'
import { describeNeeding, dockerSocket } from '@console/testkit/needs'
import { type Relay, startRelay } from '@console/testkit/relay'
import { testImage } from '@console/testkit/test-image'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { approve, aService, type Devops, type Person, startDevops } from './devops.fake.ts'

const all = ['platform-service', 'docker-proxy', 'host-agent'] as const
const logs = { 'platform-service': 'platform', 'devops-backend': 'devops', 'docker-proxy': 'docker-proxy', 'host-agent': 'host-agent' }
const container = `bl-faults-${process.pid}`
const code = ({ status, body }: Answer) => [status, String(body.code)]

describeNeeding(['docker', 'root'], 'the console on a disk of its own', () => {
  let mount: string
  let roots: string
  let devops: Devops
  let admin: Person
  const restart = () => admin.devops.post(`/vm/containers/${container}/restart`, { reason: 'to see it recorded', waitSec: 0 })
  const trigger = () => admin.devops.post('/deployments/trigger/waits', { reason: 'to see it refused' })
  const register = (name: string) => admin.devops.post('/services', aService(name))
  const stateOf = async (id: string) => String((await admin.devops.get(`/deployments/${id}`)).body.state)

  beforeEach(async () => {
    mount = mkdtempSync(join(tmpdir(), 'console-disk-'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400m', 'tmpfs', mount])
    // A script's folders belong to whoever runs it, and nobody else may write there.
    roots = mkdtempSync(join(homedir(), '.console-faults-'))
    writeFileSync(join(roots, 'waits.sh'), '#!/usr/bin/env bash\necho waiting\nsleep 300\n', { mode: 0o755 })
    execFileSync('docker', ['run', '-d', '--name', container, '--label', 'com.bytelyst.test=1', testImage, 'sleep', '600'])
    devops = await startDevops({ parts: all, folder: join(mount, 'data'), env: { SCRIPT_ROOTS: roots } })
    admin = await devops.setUp()
    await approve(admin, 'waits')
    expect((await admin.devops.post('/services', aService('waits', 'waits'))).status).toBe(201)
    await until('the container is known', async () => (await admin.devops.get(`/vm/containers/${container}`)).status === 200)
  }, 60_000)
  afterEach(async () => {
    await devops?.stop()
    execFileSync('docker', ['rm', '-f', container], { stdio: 'ignore' })
    for (const part of Object.values(logs)) unmount(join(mount, 'data', part, 'audit'))
    execFileSync('umount', [mount])
    for (const folder of [mount, roots]) rmSync(folder, { recursive: true, force: true })
  }, 30_000)

  it('takes no privileged action while an audit log is read-only, says why, and goes on when it is not', async () => {
    await devops.stop()
    const folders = Object.values(logs).map((part) => join(mount, 'data', part, 'audit'))
    for (const folder of folders) {
      execFileSync('mount', ['--bind', folder, folder])
      execFileSync('mount', ['-o', 'remount,ro,bind', folder])
    }
    devops = await startDevops({ parts: all, folder: join(mount, 'data'), env: { SCRIPT_ROOTS: roots } })
    admin = await devops.again(admin)
    const startedAt = async () => (await admin.devops.get(`/vm/containers/${container}`)).body.container?.startedAt
    await until('the container is known', startedAt)
    const before = await startedAt()

    for (const log of ['devops-backend', 'docker-proxy', 'host-agent'] as const) {
      if (log !== 'devops-backend') unmount(join(mount, 'data/devops/audit'))
      const tried = log === 'host-agent' ? [trigger] : log === 'docker-proxy' ? [restart] : [restart, trigger, () => register('other')]
      for (const attempt of tried) {
        const answer = await attempt()
        expect([log, ...code(answer)]).toEqual([log, 503, 'AUDIT_UNAVAILABLE'])
        expect(String(answer.body.detail)).toMatch(/Nothing was done.*cannot be written/)
      }
    }
    expect(code(await admin.platform.post('/auth/step-up', { password: 'violet harbor quartz ninety' }))).toEqual([
      503,
      'AUDIT_UNAVAILABLE',
    ])
    expect(await startedAt()).toEqual(before)
    expect((await admin.devops.get('/services/other')).status).toBe(404)
    await until(
      'no run is left open',
      async () => (await admin.devops.get('/deployments?state=open')).body.items?.length === (0 as never),
      40_000,
    )

    for (const folder of folders) unmount(folder)
    expect((await restart()).status).toBe(200)
    const run = await trigger()
    expect(run.status).toBe(202)
    await until('it runs', async () => (await stateOf(String(run.body.id))) === 'running')
    expect((await admin.devops.post(`/deployments/${run.body.id}/cancel`, { reason: 'seen enough' })).status).toBe(202)
    await until('it is cancelled', async () => (await stateOf(String(run.body.id))) === 'cancelled')
    await everyChainVerifies()
  }, 90_000)

  it('records cancel and restart from the reserve when the disk is full, refuses the rest, and goes on when there is room', async () => {
    const run = String((await trigger()).body.id)
    await until('it runs', async () => (await stateOf(run)) === 'running')
    fillUp(mount)
    await until('changes are refused', async () => (await register(`other-${Math.random().toString(36).slice(2, 8)}`)).status === 503)
    const refused = await register('other')
    expect(refused.status).toBe(503)
    expect(String(refused.body.code)).toMatch(/^(AUDIT|STORE)_UNAVAILABLE$/)
    expect((await restart()).status).toBe(200)
    const cancelled = await admin.devops.post(`/deployments/${run}/cancel`, { reason: 'no room' })
    expect([cancelled.status, cancelled.body.code]).toEqual([202, undefined])

    rmSync(join(mount, 'ballast'), { recursive: true })
    await until('it is cancelled', async () => (await stateOf(run)) === 'cancelled', 20_000)
    await until('changes are taken', async () => (await register('other')).status === 201, 20_000)
    await everyChainVerifies()
    const rows = (await admin.devops.get('/audit?limit=200')).body.items as unknown as { action: string; outcome: string; log: string }[]
    const recorded = rows.filter(({ outcome }) => outcome === 'done').map(({ log, action }) => `${log} ${action}`)
    expect(recorded).toEqual(
      expect.arrayContaining([
        'docker-proxy containers.restart',
        'host-agent runs.cancel',
        'devops-backend vm.container.restart',
        'devops-backend deployments.run.cancel',
      ]),
    )
  }, 90_000)

  async function everyChainVerifies(): Promise<void> {
    const { body } = await admin.devops.get('/audit/verify')
    const chains = body.chains as unknown as { log: string; state: string }[]
    expect(chains.map(({ log, state }) => `${log} ${state}`).sort()).toEqual(
      Object.keys(logs)
        .map((log) => `${log} valid`)
        .sort(),
    )
  }
})

describeNeeding('docker', 'the console without its engine', () => {
  it('shows the last known containers as old, refuses what needs the engine, and is live again by itself', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'devops-'))
    const socket = join(folder, 'relay.sock')
    let relay: Relay = startRelay(socket, dockerSocket)
    execFileSync('docker', ['run', '-d', '--name', container, '--label', 'com.bytelyst.test=1', testImage, 'sleep', '600'])
    const devops = await startDevops({ parts: ['platform-service', 'docker-proxy'], folder, env: { DOCKER_SOCKET: socket } })
    try {
      const admin = await devops.setUp()
      const list = async () =>
        (await admin.devops.get('/vm/containers')).body as unknown as { freshness: string; items: { name: string }[] }
      const engine = async () =>
        ((await admin.devops.get('/parts')).body.parts as unknown as { part: string; state: string; remedy: string | null }[]).find(
          ({ part }) => part === 'docker-engine',
        )
      await until('it is live', async () => (await list()).items?.some(({ name }) => name === container))
      relay.cut()
      await until('it says away', async () => (await list()).freshness === 'away')
      expect((await list()).items.some(({ name }) => name === container)).toBe(true)
      expect(code(await admin.devops.post(`/vm/containers/${container}/restart`, { reason: 'to see it refused' }))).toEqual([
        503,
        'DOCKER_ENGINE_AWAY',
      ])
      await until('the part is shown as away, with what to do', async () => {
        const seen = await engine()
        return seen?.state === 'away' && seen.remedy
      })
      expect((await admin.devops.post('/services', aService('goes-on'))).status).toBe(201)
      relay = startRelay(socket, dockerSocket)
      await until('it is live again', async () => (await list()).freshness === 'live')
      expect((await admin.devops.post(`/vm/containers/${container}/restart`, { reason: 'it is back', waitSec: 0 })).status).toBe(200)
      await until('the part is up', async () => (await engine())?.state === 'up')
    } finally {
      await devops.close()
      relay.cut()
      execFileSync('docker', ['rm', '-f', container], { stdio: 'ignore' })
    }
  }, 60_000)
})

describe('the console without platform-service', () => {
  it('answers reads for 60 s, takes no change, lets no stranger in, and recovers by itself', async () => {
    let skipped = 0
    const devops = await startDevops({ parts: ['platform-service'], monotonic: () => performance.now() + skipped })
    try {
      const admin = await devops.setUp()
      expect((await admin.devops.get('/services')).status).toBe(200)
      await devops.parts.get('platform-service')?.kill()
      skipped += 5_000
      expect((await admin.devops.get('/services')).status).toBe(200)
      expect(code(await admin.devops.post('/services', aService('other')))).toEqual([503, 'AUTH_UNAVAILABLE'])
      const stranger = devops.stranger()
      expect(code(await stranger.get('/services'))).toEqual([401, 'AUTH_REQUIRED'])
      const forged = { cookies: `__Secure-bl_ref=${'a'.repeat(43)}; __Host-bl_tie=${'b'.repeat(43)}` }
      expect(code(await stranger.call('GET', '/services', forged))).toEqual([503, 'AUTH_UNAVAILABLE'])
      skipped += 54_000
      expect((await admin.devops.get('/services')).status).toBe(200)
      skipped += 2_000
      expect(code(await admin.devops.get('/services'))).toEqual([503, 'AUTH_UNAVAILABLE'])
      await devops.start('platform-service')
      expect((await admin.devops.get('/services')).status).toBe(200)
      expect((await admin.devops.post('/services', aService('other'))).status).toBe(201)
    } finally {
      await devops.close()
    }
  }, 30_000)
})

/** Leaves less room than one page. */
function fillUp(mount: string): void {
  const folder = join(mount, 'ballast')
  mkdirSync(folder)
  for (const size of [1 << 20, 4_096])
    for (let index = 0; ; index += 1)
      try {
        writeFileSync(join(folder, `${size}-${index}`), Buffer.alloc(size))
      } catch {
        break
      }
  expect(readdirSync(folder).length).toBeGreaterThan(10)
}

function unmount(folder: string): void {
  try {
    execFileSync('umount', [folder], { stdio: 'ignore' })
  } catch {
    // It is not mounted any more.
  }
}

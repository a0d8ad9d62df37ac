import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Answer } from '@console/testkit/browser'
import { until } from '@console/testkit/daemon-harness'
import { isDeep } from '@console/testkit/deep'
import { describeNeeding, dockerSocket } from '@console/testkit/needs'
import { aService, good, type Person } from '@console/testkit/people'
import { type Relay, startRelay } from '@console/testkit/relay'
import { partPid, partPids, type RunningConsole, startConsole } from '@console/testkit/start-console'
import { testImage } from '@console/testkit/test-image'
import { afterAll, beforeAll, expect, test } from 'vitest'

const patienceMs = 45_000
const container = `bl-away-${process.pid}`
const code = ({ status, body }: Answer) => `${status} ${body.code ?? ''}`.trim()

describeNeeding('docker', 'the whole console, while what it asks is away', () => {
  let folder: string
  let socket: string
  let relay: Relay
  let console_: RunningConsole
  let admin: Person
  const restart = (reason: string) => admin.devops.post(`/vm/containers/${container}/restart`, { reason, waitSec: 0 })
  const list = async () =>
    good(await admin.devops.get('/vm/containers'), 200).body as unknown as { freshness: string; items: { name: string }[] }
  const part = async (name: string) =>
    (
      good(await admin.devops.get('/parts'), 200).body.parts as unknown as {
        part: string
        state: string
        remedy: string | null
        detail: string
      }[]
    ).find((one) => one.part === name)

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'console-away-'))
    socket = join(folder, 'engine.sock')
    relay = startRelay(socket, dockerSocket)
    execFileSync('docker', ['run', '-d', '--name', container, '--label', 'com.bytelyst.test=1', testImage, 'sleep', '600'], {
      stdio: 'ignore',
    })
    console_ = await startConsole({ DOCKER_SOCKET: socket })
    admin = await console_.people.setUp(console_.setupToken)
    await until('it is live', async () => (await list()).items.some(({ name }) => name === container), patienceMs)
  }, 120_000)
  afterAll(async () => {
    await console_?.stop()
    relay.cut()
    execFileSync('docker', ['rm', '-f', container], { stdio: 'ignore' })
    rmSync(folder, { recursive: true, force: true })
  }, 60_000)

  test('the engine away and back: its pages say so, all else works, and nothing has to be started again', async () => {
    const before = partPids(console_.dataDir)
    relay.cut()
    await until('the list is told to be old', async () => (await list()).freshness === 'away', patienceMs)
    expect((await list()).items.some(({ name }) => name === container)).toBe(true)
    expect(code(await restart('to see it refused'))).toBe('503 DOCKER_ENGINE_AWAY')
    await until(
      'the page says what to do',
      async () => {
        const engine = await part('docker-engine')
        return engine?.state === 'away' && engine.remedy
      },
      patienceMs,
    )
    expect((await part('docker-proxy'))?.state).toBe('up')
    expect(code(await admin.devops.post('/services', aService('goes-on')))).toBe('201')
    relay = startRelay(socket, dockerSocket)
    await until('the list is live again', async () => (await list()).freshness === 'live', patienceMs)
    expect(code(await restart('it is back'))).toBe('200')
    await until('the page says so', async () => (await part('docker-engine'))?.state === 'up', patienceMs)
    expect(partPids(console_.dataDir)).toEqual(before)
  }, 120_000)

  test('platform-service hangs: reads go on for a minute, changes are refused, and it passes by itself', async () => {
    good(await admin.devops.get('/services'), 200)
    const before = partPids(console_.dataDir)
    const pid = partPid(console_.dataDir, 'platform-service')
    let asked = 0
    process.kill(pid, 'SIGSTOP')
    try {
      const answer = await until(
        'changes are refused',
        async () => {
          // For a few seconds a change may still go by what platform-service last said.
          asked += 1
          const tried = await admin.devops.post('/services', aService(`asked-${asked}`))
          return (tried.status === 503 && tried) || pause(1_500).then(() => false as const)
        },
        patienceMs,
      )
      expect(code(answer)).toBe('503 AUTH_UNAVAILABLE')
      expect(code(await admin.devops.get(`/services/asked-${asked}`))).toBe('404 SERVICE_NOT_FOUND')
      expect((await admin.devops.get('/services')).status).toBe(200)
      const forged = { cookies: `__Secure-bl_ref=${'a'.repeat(43)}; __Host-bl_tie=${'b'.repeat(43)}` }
      expect(code(await console_.people.stranger().devops.call('GET', '/services', forged))).toBe('503 AUTH_UNAVAILABLE')
      if (isDeep)
        await until('the minute is over', async () => code(await admin.devops.get('/services')) === '503 AUTH_UNAVAILABLE', 90_000)
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    await until(
      'changes are taken again',
      async () => (await admin.devops.post('/services', aService('taken'))).status === 201 || pause(1_500).then(() => false),
      patienceMs,
    )
    expect((await admin.devops.get('/services')).status).toBe(200)
    expect(partPids(console_.dataDir)).toEqual(before)
  }, 180_000)
})

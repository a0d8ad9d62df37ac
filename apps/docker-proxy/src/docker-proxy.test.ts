import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { createHarness, type Harness, until } from '@console/testkit/daemon-harness'
import { isDeep, reportFigure, rounds } from '@console/testkit/deep'
import { describeNeeding, dockerSocket } from '@console/testkit/needs'
import { type Program, startProgram } from '@console/testkit/program'
import { type Relay, startRelay } from '@console/testkit/relay'
import { testImage } from '@console/testkit/test-image'
import { afterAll, beforeAll, expect, it } from 'vitest'

const docker = (...args: string[]): string => execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
const name = (what: string) => `bl-test-${process.pid}-${what}`

describeNeeding('docker', 'docker-proxy on a real engine', () => {
  let kit: Harness
  let program: Program
  let relay: Relay
  const items = async () =>
    (await kit.ask('containers.list', {})).body.items as unknown as {
      id: string
      name: string
      state: string
      health: string
      labels: Record<string, string>
    }[]
  const run = (what: string, ...more: string[]) => docker('run', '-d', '--name', name(what), '--label', 'com.bytelyst.test=1', ...more)

  beforeAll(async () => {
    kit = createHarness('docker-proxy')
    relay = startRelay(join(kit.dataDir, 'relay.sock'), dockerSocket)
    program = await startProgram('apps/docker-proxy/src/main.ts', { ...kit.env, DOCKER_SOCKET: relay.path })
    run(
      'plain',
      '--env',
      'SECRET_CANARY=canary-env',
      '--label',
      'other=canary-label',
      '--stop-signal',
      'KILL',
      testImage,
      'bash',
      '-c',
      'echo out-line; echo err-line >&2; echo password=canary-log; sleep 600 # canary-cmd',
    )
    await until('the model has the container', async () =>
      (await items()).some((one) => one.name === name('plain') && one.state === 'running'),
    )
  })
  afterAll(async () => {
    await program?.stop()
    relay?.cut()
    for (const id of docker('ps', '-aq', '--filter', `name=bl-test-${process.pid}-`).split('\n').filter(Boolean))
      docker('rm', '-f', '-v', id)
    kit?.remove()
  })

  it('lists containers with names and labels it knows, and nothing that could be a secret', async () => {
    const list = await kit.ask('containers.list', {})
    const inspected = await kit.ask('containers.inspect', { container: name('plain') })
    expect(list.body).toMatchObject({ freshness: 'live' })
    expect((inspected.body.container as { envCount?: number } | undefined)?.envCount).toBeGreaterThan(0)
    expect((await items()).find((one) => one.name === name('plain'))?.labels).toEqual({ 'com.bytelyst.test': '1' })
    expect(list.text + inspected.text).not.toMatch(/canary/)
  })

  it('measures what all of it takes, and counts what is here as in use', async () => {
    type Use = { containers: { count: number; keeps: { 'in-use'?: { count: number } } }; images: { count: number; sizeBytes: number } }
    const { status, body, text } = await kit.ask('disk.usage', {}, 'viewer')
    const use = body as unknown as Use
    expect([status, use.images.sizeBytes > 0, (use.containers.keeps['in-use']?.count ?? 0) > 0]).toEqual([200, true, true])
    expect(use.containers.count).toBeGreaterThanOrEqual(use.containers.keeps['in-use']?.count ?? 0)
    expect(text).not.toMatch(/canary/)
  }, 90_000)

  it('tells stdout and stderr apart, and covers secrets before they leave', async () => {
    const lines = await kit.read('containers.logs', { container: name('plain'), tail: 10 }, (all) => all.length >= 3)
    expect(lines.map(({ stream, text }) => `${stream} ${text}`).sort()).toEqual(['err err-line', 'out out-line', 'out password=[masked]'])
  })

  it('refuses what a role or a key does not allow, with a row', async () => {
    expect((await kit.ask('containers.restart', { container: name('plain') }, 'viewer')).status).toBe(403)
    expect((await kit.ask('containers.restart', { container: name('plain') }, 'service')).status).toBe(403)
    expect((await kit.ask('containers.list', {}, 'nobody')).status).toBe(401)
    expect((await kit.ask('containers.logs', { container: name('plain') }, 'viewer')).status).toBe(403)
    const { rows } = (await kit.ask('journal.read', { after: 0, limit: 500 }, 'service')).body as unknown as { rows: { outcome: string }[] }
    expect(rows.filter(({ outcome }) => outcome === 'denied').length).toBeGreaterThanOrEqual(4)
  })

  it('sees health change', async () => {
    run('sick', '--health-cmd', 'false', '--health-interval', '1s', '--health-retries', '1', testImage, 'sleep', '600')
    await until(
      'it is unhealthy',
      async () => (await items()).some((one) => one.name === name('sick') && one.health === 'unhealthy'),
      15_000,
    )
  })

  it(
    'keeps the last state while the engine is away, and recovers by itself within 5 s',
    async () => {
      const times = rounds({ test: 1, deep: 100 })
      let worst = 0
      for (let time = 0; time < times; time += 1) {
        relay.cut()
        await until('it says away', async () => (await kit.ask('containers.list', {})).body.freshness === ('away' as never))
        expect((await items()).some((one) => one.name === name('plain'))).toBe(true)
        expect((await kit.ask('containers.restart', { container: name('plain') }, 'operator')).body.code).toBe('DOCKER_ENGINE_AWAY')
        const meanwhile = run(`meanwhile-${time}`, testImage, 'sleep', '600')
        if (time > 0) docker('rm', '-f', name(`meanwhile-${time - 1}`))
        const from = performance.now()
        relay = startRelay(relay.path, dockerSocket)
        await until(
          'it is live again, knows the new one and has forgotten the one of before',
          async () => {
            const live = (await kit.ask('containers.list', {})).body.freshness === ('live' as never)
            const names = (await items()).map((one) => one.name)
            return live && names.includes(name(`meanwhile-${time}`)) && !names.includes(name(`meanwhile-${time - 1}`))
          },
          10_000,
        )
        worst = Math.max(worst, performance.now() - from)
        expect((await kit.ask('containers.inspect', { container: meanwhile }, 'viewer')).status).toBe(200)
        kit.nextPerson()
      }
      reportFigure('times that the engine was away and back', times)
      reportFigure('longest until it was known again, ms', Math.round(worst))
      expect(worst).toBeLessThan(isDeep ? 5_000 : 10_000)
    },
    rounds({ test: 60_000, deep: 1_200_000 }),
  )
})

import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Answer } from '@console/testkit/browser'
import { auditRowsOf, verifyConsoleAudit } from '@console/testkit/console-audit'
import { until } from '@console/testkit/daemon-harness'
import { reportFigure, rounds } from '@console/testkit/deep'
import { needs } from '@console/testkit/needs'
import { approve, aService, good, type Person } from '@console/testkit/people'
import { seeded } from '@console/testkit/seeded'
import { partPid, type RunningConsole, startConsole } from '@console/testkit/start-console'
import { testImage } from '@console/testkit/test-image'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const seed = 20_261
/** A run that ended has one of these; only the first may have run its script to the end. */
const otherEnds = ['failed', 'interrupted', 'cancelled']
const killRounds = rounds({ test: 3, deep: 200 })
const perContainer = 3
const colleagues = 5
/** The script runs about this long, so a kill within it meets a run that waits, one that begins, or one that ends. */
const runMs = 400
const patienceMs = 60_000

describe('kill -9', () => {
  let console_: RunningConsole
  let roots: string
  let people: Person[] = []
  let turn = 0
  let name = 0
  const containers: string[] = []
  const acknowledged = { services: [] as string[], runs: [] as string[], restarts: [] as string[] }

  /** Each has a budget of changes a minute, which no kill gives back: so they take turns. */
  const next = (): Person => {
    turn += 1
    return people[turn % people.length] as Person
  }
  const idsIn = (file: string): string[] =>
    existsSync(join(roots, file)) ? readFileSync(join(roots, file), 'utf8').split('\n').filter(Boolean) : []
  /** Null for whatever was not answered; what was answered otherwise than well was not acknowledged. */
  const attempt = (call: Promise<Answer>, status: number): Promise<Answer | null> =>
    call.then(
      (answer) => (answer.status === status ? answer : null),
      () => null,
    )

  beforeAll(async () => {
    roots = mkdtempSync(join(homedir(), '.console-kills-'))
    const script = `#!/usr/bin/env bash\necho "$RUN_ID" >> ${roots}/begun\nsleep ${runMs / 1_000}\necho "$RUN_ID" >> ${roots}/ended\n`
    writeFileSync(join(roots, 'short.sh'), script, { mode: 0o755 })
    console_ = await startConsole({ SCRIPT_ROOTS: roots })
    const admin = await console_.people.setUp(console_.setupToken)
    people = [admin]
    for (let index = 0; index < colleagues; index += 1) people.push(await console_.people.invite(admin, 'admin'))
    await approve(admin, 'short')
    good(await admin.devops.post('/services', aService('deployed', 'short')), 201)
    if (needs.docker)
      for (let index = 0; index < Math.ceil(killRounds / perContainer); index += 1) {
        const container = `bl-kills-${process.pid}-${index}`
        containers.push(container)
        execFileSync('docker', ['run', '-d', '--name', container, '--label', 'com.bytelyst.test=1', testImage, 'sleep', '3600'], {
          stdio: 'ignore',
        })
      }
  }, 180_000)
  afterAll(async () => {
    await console_?.stop()
    if (containers.length > 0) execFileSync('docker', ['rm', '-f', ...containers], { stdio: 'ignore' })
    rmSync(roots, { recursive: true, force: true })
  }, 120_000)

  /** One run is taken, one more change is under way, and at some moment the process is killed. */
  async function round(random: () => number, change: () => Promise<void>, kill: () => Promise<void>): Promise<void> {
    const run = await until(
      'a deployment is taken',
      () => attempt(next().devops.post('/deployments/trigger/deployed', { reason: 'to be met by a kill' }), 202),
      patienceMs,
    )
    acknowledged.runs.push(String(run.body.id))
    await pause(random() * runMs * 1.2)
    const changing = change()
    await pause(random() * 25)
    await kill()
    await changing
    await allIsWell(String(run.body.id))
  }

  async function register(): Promise<void> {
    name += 1
    const service = `kept-${name}`
    if (await attempt(next().devops.post('/services', aService(service)), 201)) acknowledged.services.push(service)
  }

  async function restartContainer(index: number): Promise<void> {
    const container = containers[Math.floor(index / perContainer)]
    if (container === undefined) return register()
    const answer = await attempt(next().devops.post(`/vm/containers/${container}/restart`, { reason: 'under a kill', waitSec: 0 }), 200)
    if (answer) acknowledged.restarts.push(String(answer.headers['x-request-id']))
  }

  /** What somebody reads once the process that was killed is back; until then a part may say that it is away, and nothing else. */
  const read = (path: string): Promise<Answer> => {
    const reader = next()
    const asked = async (): Promise<Answer | false> => {
      const answer = await reader.devops.get(path).catch(() => null)
      return answer !== null && answer.status !== 503 ? answer : pause(100).then(() => false)
    }
    return until(`${path} is answered`, asked, patienceMs)
  }

  async function allIsWell(run: string): Promise<void> {
    const settled = async () => {
      const answer = await attempt(next().devops.get('/deployments?state=open'), 200)
      return (answer !== null && (answer.body.items as unknown as unknown[]).length === 0) || pause(100).then(() => false)
    }
    await until('no run is left queued or running', settled, patienceMs)
    const ended = idsIn('ended')
    const { items } = good(await read('/deployments?limit=20'), 200).body as unknown as {
      items: { id: string; state: string }[]
    }
    for (const { id, state } of items)
      expect([id, state, ended.includes(id)]).toEqual([
        id,
        ended.includes(id) ? 'succeeded' : expect.toBeOneOf(otherEnds),
        state === 'succeeded',
      ])
    expect(items.map(({ id }) => id)).toContain(run)
    const begun = idsIn('begun')
    expect(begun.length).toBe(new Set(begun).size)
    const last = acknowledged.services.at(-1)
    if (last !== undefined) expect((await read(`/services/${last}`)).status).toBe(200)
    await verifyConsoleAudit(console_.dataDir)
  }

  /** Everything that was ever acknowledged, whatever was killed since. */
  async function nothingIsLost(): Promise<void> {
    const services = new Set<string>()
    for (let cursor = ''; ; ) {
      const page = good(await read(`/services?limit=100${cursor}`), 200).body as unknown as {
        items: { name: string }[]
        nextCursor: string | null
      }
      for (const item of page.items) services.add(item.name)
      if (page.nextCursor === null) break
      cursor = `&cursor=${encodeURIComponent(page.nextCursor)}`
    }
    expect(acknowledged.services.filter((one) => !services.has(one))).toEqual([])
    for (const id of acknowledged.runs.slice(-killRounds)) expect((await read(`/deployments/${id}`)).status).toBe(200)
    const registered = outcomesOf('devops-backend', 'services.service.create').map(({ target }) => target)
    expect(acknowledged.services.filter((one) => !registered.includes(one))).toEqual([])
    const restarted = outcomesOf('docker-proxy', 'containers.restart').map(({ requestId }) => requestId)
    expect(acknowledged.restarts.filter((one) => !restarted.includes(one))).toEqual([])
  }
  const outcomesOf = (log: 'devops-backend' | 'docker-proxy', action: string) =>
    auditRowsOf(console_.dataDir, log).filter((row) => row.action === action && row.outcome === 'done')

  const isUp: Record<string, () => Promise<unknown>> = {
    'platform-service': () => console_.people.again(people[0] as Person),
    'devops-backend': async () => good(await (people[0] as Person).devops.get('/services'), 200),
    'docker-proxy': () => opened(join(console_.dataDir, 'run/docker-proxy.sock')),
    'host-agent': () => opened(join(console_.dataDir, 'run/host-agent.sock')),
  }

  const up = (part: string): Promise<boolean> => (isUp[part] as () => Promise<unknown>)().then(Boolean, () => pause(100).then(() => false))

  for (const [index, part] of Object.keys(isUp).entries())
    test(
      `of ${part}, ${killRounds} times (seed ${seed + index}): nothing acknowledged is lost, no run hangs, every chain holds`,
      async () => {
        const random = seeded(seed + index)
        for (let count = 0; count < killRounds; count += 1) {
          await until(`${part} is up`, () => up(part), patienceMs)
          const change = part === 'docker-proxy' ? () => restartContainer(count) : register
          await round(random, change, async () => {
            process.kill(partPid(console_.dataDir, part), 'SIGKILL')
          })
        }
        await until(`${part} is up`, () => up(part), patienceMs)
        people = await Promise.all(people.map(console_.people.again))
        await nothingIsLost()
        reportFigure(`kill -9 of ${part}: rounds without a loss`, killRounds)
      },
      60_000 + killRounds * 15_000,
    )

  test(
    `of the launcher, ${killRounds} times (seed ${seed - 1}): all parts end, and a new start has everything`,
    async () => {
      const random = seeded(seed - 1)
      for (let count = 0; count < killRounds; count += 1)
        await round(random, register, async () => {
          await console_.end('SIGKILL')
          console_ = await console_.again()
          people = await Promise.all(people.map(console_.people.again))
        })
      await nothingIsLost()
      reportFigure('kill -9 of the launcher: rounds without a loss', killRounds)
    },
    60_000 + killRounds * 30_000,
  )
})

function opened(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', reject)
  })
}

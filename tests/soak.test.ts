import { setMaxListeners } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { auditFolders, auditRowsOf, verifyConsoleAudit } from '@console/testkit/console-audit'
import { until } from '@console/testkit/daemon-harness'
import { reportFigure, soakMinutes } from '@console/testkit/deep'
import { describeNeeding, dockerSocket } from '@console/testkit/needs'
import { approve, aService, good, type Person } from '@console/testkit/people'
import { type Relay, startRelay } from '@console/testkit/relay'
import { seeded } from '@console/testkit/seeded'
import { partPids, type RunningConsole, startConsole } from '@console/testkit/start-console'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { deploy, deployedScript, keepToken, nothingDone, restart, signIn } from './soak/busy-people.ts'
import { heldBy } from './soak/heap-held.ts'
import { type Hundred, listOfEngine, startHundred } from './soak/hundred-containers.ts'
import { grownParts, leastOf, riseOf, type SizeRow, sizeOf } from './soak/part-sizes.ts'
import { nothingSeen, view } from './soak/viewers.ts'

const seed = Number(process.env.SOAK_SEED ?? 20_261_128)
const minutes = soakMinutes ?? 0
const minuteMs = 60_000
/** A sample a minute of an hour, and as many of a shorter soak. */
const sampleMs = minutes * 1_000
/** By the end of the first quarter heaps, caches and pools have the size that the work asks for. */
const settledAfter = 15
const readingsPerSample = 10
const viewers = 20
/** docker-proxy restarts one container three times in five minutes at most. */
const restartMs = 120_000
const deployed = ['soaked-1', 'soaked-2', 'soaked-3']
/** After the last viewer has gone nothing may be read for anybody. */
const goneMs = 60_000
/** What is not followed: reading the engine keeps some connections open for the next question. */
const idleConnections = 8

describeNeeding(['soak', 'docker'], `the whole console for ${minutes} minutes (seed ${seed})`, () => {
  const random = seeded(seed)
  const [seen, done, rows] = [nothingSeen(), nothingDone(), [] as SizeRow[]]
  const connections: number[] = []
  const server = createServer((_, answer) => answer.end('well'))
  let roots = ''
  let relay: Relay | undefined
  let console_: RunningConsole
  let hundred: Hundred | undefined
  let admin: Person
  const people: Person[] = []

  beforeAll(async () => {
    roots = mkdtempSync(join(homedir(), '.console-soak-'))
    writeFileSync(join(roots, 'soak.sh'), deployedScript, { mode: 0o755 })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    hundred = await startHundred()
    relay = startRelay(join(roots, 'engine.sock'), dockerSocket)
    console_ = await startConsole({ SCRIPT_ROOTS: roots, DOCKER_SOCKET: relay.path })
    admin = await console_.people.setUp(console_.setupToken)
    for (let index = 0; index < viewers; index += 1) people.push(await console_.people.invite(admin, 'operator'))
    await approve(admin, 'soak')
    await registerServices()
  }, 10 * minuteMs)
  afterAll(async () => {
    await console_?.stop()
    relay?.cut()
    server.close()
    await hundred?.remove()
    if (roots !== '') rmSync(roots, { recursive: true, force: true })
  }, 10 * minuteMs)

  async function registerServices(): Promise<void> {
    const { port } = server.address() as AddressInfo
    const timing = { intervalSec: 5, timeoutMs: 5_000, downAfter: 3, upAfter: 1 }
    const http = { id: 'page', kind: 'http', url: `http://localhost:${port}/`, method: 'GET', expectStatus: '200', expectBody: 'well' }
    const tcp = { id: 'port', kind: 'tcp', host: 'localhost', port }
    const container = (name = '') => ({ id: 'container', kind: 'container', container: name })
    const checks = [[http], [tcp], [container(hundred?.steady)], [http, tcp], [container(hundred?.talkers[0])]]
    for (const [index, wanted] of checks.entries()) {
      const service = { ...aService(`soaked-${index + 1}`, 'soak'), verifyWindowSec: 120 }
      good(await admin.devops.post('/services', { ...service, checks: wanted.map((check) => ({ ...check, ...timing })) }), 201)
    }
  }

  const pidsOf = () => new Map([...partPids(console_.dataDir)].filter(([part]) => !part.startsWith('process ')))
  const sizes = (pids: ReadonlyMap<string, number>): SizeRow =>
    new Map([...pids].flatMap(([part, pid]) => [[part, sizeOf(pid)] as const]).flatMap(([part, size]) => (size ? [[part, size]] : [])))

  /** Until the time is over: each row is the least of some readings. */
  async function measure(pids: ReadonlyMap<string, number>): Promise<void> {
    for (let sample = 1; sample <= 60; sample += 1) {
      let row: SizeRow = new Map()
      for (let reading = 0; reading < readingsPerSample; reading += 1) {
        row = leastOf(row, sizes(pids))
        await pause(sampleMs / readingsPerSample)
      }
      for (const [part, pid] of pids) {
        const { heapMiB } = await heldBy(pid).catch((error: Error) => {
          throw new Error(`${part} (${pid}): ${error.message}; the console said\n${console_.output.slice(-30).join('\n')}`, {
            cause: error,
          })
        })
        const size = row.get(part)
        if (size) row = new Map([...row, [part, { ...size, heldMiB: heapMiB }]])
      }
      rows.push(row)
      connections.push(relay?.open('') ?? 0)
      const told = [...row].map(
        ([part, { memoryMiB, heldMiB = 0, descriptors }]) => `${part} ${memoryMiB.toFixed(0)} (${heldMiB.toFixed(0)}) MiB ${descriptors}`,
      )
      process.stdout.write(`${sample}/60: ${told.join(', ')}; ${connections.at(-1)} to the engine, ${seen.lines} lines\n`)
    }
  }

  test(
    'nothing grows, nothing is lost, and nobody is left behind',
    async () => {
      const [busy, looking] = [new AbortController(), new AbortController()]
      for (const { signal } of [busy, looking]) setMaxListeners(0, signal)
      const pids = new Map([['launcher', console_.child.pid ?? 0], ...pidsOf()])
      expect([...pids.keys()].sort()).toEqual(
        ['admin-web', 'devops-backend', 'devops-web', 'docker-proxy', 'host-agent', 'launcher', 'platform-service'].sort(),
      )
      const before = sizes(pids)
      const emails = await Promise.all(people.map(async ({ platform }) => String((await platform.get('/auth/session')).body.user?.email)))
      const watching = people.map((person, index) =>
        view({
          person,
          port: console_.ports.backend,
          talkers: hundred?.talkers ?? [],
          restless: index % 2 === 0,
          random,
          seen,
          signal: looking.signal,
        }),
      )
      const every = (everyMs: number) => ({ done, random, signal: busy.signal, everyMs: Math.min(everyMs, (minutes * minuteMs) / 3) })
      const work = [
        hundred?.change(random, busy.signal),
        deploy(admin, deployed, every(60_000)),
        signIn(console_.people, emails, every(20_000)),
        keepToken(admin, every(600_000)),
        restart(admin, hundred?.restarted ?? '', { ...every(0), everyMs: restartMs }),
      ]
      await Promise.race([
        measure(pids),
        ...[...work, ...watching].map((one) => one?.then(() => Promise.reject(new Error('ended too soon')))),
      ])
      busy.abort()
      await Promise.all(work)
      await until('the list is the engine’s', listIsTrue, goneMs)
      looking.abort()
      await Promise.all(watching)
      await until('no log is read any more', () => relay?.open('follow=1') === 0, goneMs)
      await until('descriptors are as they were', () => leftOpen(before, sizes(pids)).length === 0, goneMs).catch((error: Error) => {
        throw new Error(`${error.message}: ${leftOpen(before, sizes(pids)).join(', ')}`)
      })
      expect(new Map([['launcher', console_.child.pid ?? 0], ...pidsOf()])).toEqual(pids)
      report()
      // A short soak only warms up: what grows shows later.
      expect([seen.problems, done.problems, minutes >= 30 ? grownParts(rows.slice(settledAfter)) : []]).toEqual([[], [], []])
      expect(Math.min(seen.changes, seen.lines, done.runs.length, done.signIns, done.restarts)).toBeGreaterThan(0)
      await everyIntentHasAnEnd()
      await verifyConsoleAudit(console_.dataDir)
    },
    minutes * minuteMs + 15 * minuteMs,
  )

  /** The console’s list beside the engine’s, which must not have changed meanwhile: others may use it too. */
  async function listIsTrue(): Promise<boolean> {
    const told = async () => (await listOfEngine()).map(({ Id, Names, State }) => `${Id} ${Names[0]?.slice(1)} ${State}`).sort()
    const first = await told()
    const { items } = good(await admin.devops.get('/vm/containers'), 200).body as unknown as {
      items: { id: string; name: string; state: string }[]
    }
    const ours = items.map(({ id, name, state }) => `${id} ${name} ${state}`).sort()
    return first.join() === ours.join() && first.join() === (await told()).join()
  }

  function leftOpen(before: SizeRow, now: SizeRow): string[] {
    const most = (part: string): number => (before.get(part)?.descriptors ?? 0) + (part === 'docker-proxy' ? idleConnections : 4)
    return [...now].flatMap(([part, { descriptors }]) => (descriptors > most(part) ? [`${part}: ${descriptors} of ${most(part)}`] : []))
  }

  async function everyIntentHasAnEnd(): Promise<void> {
    for (const log of Object.keys(auditFolders) as (keyof typeof auditFolders)[])
      await until(
        `every intent of ${log} has its outcome`,
        () => {
          const all = auditRowsOf(console_.dataDir, log)
          const closed = new Set(all.map((row) => row.of))
          return all.every(({ outcome, seq }) => outcome !== 'started' || closed.has(seq))
        },
        goneMs,
      )
  }

  function report(): void {
    reportFigure('minutes', minutes)
    reportFigure('seed', seed)
    for (const part of rows[0]?.keys() ?? []) {
      const [memory, descriptors] = [(row: SizeRow) => row.get(part)?.memoryMiB ?? 0, (row: SizeRow) => row.get(part)?.descriptors ?? 0]
      const held = (row: SizeRow) => row.get(part)?.heldMiB ?? 0
      const told = (of: (row: SizeRow) => number) => rows.filter((_, at) => (at + 1) % 5 === 0).map((row) => Math.round(of(row)))
      reportFigure(`${part}: MiB after each twelfth of the time`, told(memory).join(' '))
      reportFigure(`${part}: descriptors after each twelfth of the time`, told(descriptors).join(' '))
      const rises = [memory, held].map((of) => riseOf(rows.slice(settledAfter).map(of)))
      const [whole, cleared] = rises.map(({ from, rise }) => `${rise.toFixed(1)} from ${from.toFixed(1)}`)
      reportFigure(`${part}: rise from the second quarter on, MiB`, whole ?? '')
      reportFigure(`${part}: the same of its cleared heap`, cleared ?? '')
    }
    reportFigure('connections to the engine after each twelfth of the time', connections.filter((_, at) => (at + 1) % 5 === 0).join(' '))
    reportFigure('containers changed', hundred?.changes ?? 0)
    reportFigure('changes seen by viewers', seen.changes)
    reportFigure('lines seen by viewers', seen.lines)
    reportFigure('lines skipped for slow viewers', seen.skipped)
    reportFigure('streams opened', seen.opened)
    reportFigure(
      'answers that a part was away or a container gone',
      [...seen.away].map(([code, times]) => `${code} ${times}`).join(' ') || 0,
    )
    reportFigure('deployments that succeeded with every line', done.runs.length)
    reportFigure('sign-ins', done.signIns)
    reportFigure('restarts from the console', done.restarts)
    for (const log of Object.keys(auditFolders) as (keyof typeof auditFolders)[])
      reportFigure(`${log}: audit rows`, auditRowsOf(console_.dataDir, log).length)
  }
})

import { setMaxListeners } from 'node:events'
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { exportAuditRows } from '@console/contracts/audit/actions'
import { AuditRow } from '@console/contracts/audit/schemas'
import { listInvites } from '@console/contracts/people/actions'
import { listServices } from '@console/contracts/services/actions'
import { until } from '@console/testkit/daemon-harness'
import { reportFigure, rounds } from '@console/testkit/deep'
import { type DeployedConsole, deployConsole, deployedParts, docker } from '@console/testkit/deployed-console'
import { describeNeeding } from '@console/testkit/needs'
import type { Person } from '@console/testkit/people'
import { testImage } from '@console/testkit/test-image'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Used, use } from './use/clients.ts'
import { tellTime, watchEngine, watchLog } from './use/live-log.ts'
import { pageClient } from './use/page-client.ts'

const minutes = 60_000
const clients = 20
const retriedWithinMs = 5_000
const watchedSec = rounds({ test: 30, deep: 900 })
const shownWithinMs = 1_000
/** Two a container, so that some share a reader of its log and some do not. */
const talkers = clients / 2
/** Numbers its lines, five a second. */
const talk = 'exec 3<> <(:); n=0; while :; do n=$((n+1)); echo "line $n"; read -t 0.2 -u 3 || :; done'

describeNeeding('deployed', 'a deployed console in use', () => {
  let deployed: DeployedConsole
  let admin: Person
  const people: Person[] = []
  const talkerOf = (index: number): string => `${deployed.network}-talker-${index % talkers}`

  beforeAll(async () => {
    deployed = await deployConsole()
    admin = await deployed.people.setUp(deployed.secret('setup_token'))
    people.push(admin)
    while (people.length < 5) people.push(await deployed.people.invite(admin, 'operator'))
    for (let index = 0; index < talkers; index += 1)
      docker('run', '--detach', '--name', talkerOf(index), '--network', 'none', '--stop-signal', 'KILL', testImage, 'bash', '-c', talk)
  }, 15 * minutes)
  afterAll(async () => {
    if (!deployed) return
    docker('rm', '--force', ...Array.from({ length: talkers }, (_, index) => talkerOf(index)))
    await deployed.remove()
  }, 3 * minutes)

  it(
    'goes on while each of its containers is replaced: what was answered for stays, what fails is tried again in time, no line is lost',
    async () => {
      const [changing, leaving] = [new AbortController(), new AbortController()]
      for (const { signal } of [changing, leaving]) setMaxListeners(0, signal)
      const using = Array.from({ length: clients }, (_, index) => {
        const person = people[index % people.length] ?? admin
        const [name, invites] = [`used-${index}`, person === admin]
        return use({ deployed, person, name, talker: talkerOf(index), invites, changing: changing.signal, signal: leaving.signal })
      })
      const all = using.map(({ used }) => used)
      const ids = () => deployedParts.map((part) => docker('inspect', '--format', '{{.Id}}', deployed.nameOf(part)))
      const [before, problems] = [ids(), () => all.flatMap((used) => used.problems)]
      await until('every client reads, follows and changes', () => all.every(isInUse) || problems().length > 0, minutes)
      // A setting of the gateway, so that it is another one, too.
      appendFileSync(join(deployed.dir, '.env'), 'GATEWAY_ADDRESS=127.0.0.1\n')
      const ran = await deployed.deploy('up')
      await pause(10_000)
      changing.abort()
      await pause(5_000)
      leaving.abort()
      await Promise.all(using.map(({ over }) => over))
      report(all, ran.seconds)
      expect([ran.status, ran.said]).toEqual([0, expect.stringContaining('is well')])
      expect(ids().filter((id) => before.includes(id))).toEqual([])
      expect(problems()).toEqual([])
      for (const { name, lines } of all) expect([name, gapsIn(lines)]).toEqual([name, []])
      for (const { name, told } of all) expect([name, untold(all, told)]).toEqual([name, []])
      await everythingIsThere(all)
      expect(
        all.flatMap(({ name, retries }) => retries.filter(({ ms }) => ms > retriedWithinMs).map((late) => ({ name, ...late }))),
      ).toEqual([])
    },
    20 * minutes,
  )

  it(
    `shows each line of a log within a second of its writing for ${watchedSec} s, on one connection`,
    async () => {
      const clock = `${deployed.network}-clock`
      docker('run', '--detach', '--rm', '--name', clock, '--network', 'none', '--stop-signal', 'KILL', testImage, 'bash', '-c', tellTime)
      const leaving = new AbortController()
      const engine = watchEngine(clock)
      try {
        const pages = people.slice(0, 3).map((person) => watchLog(deployed, person, clock, leaving.signal))
        await pause(watchedSec * 1_000)
        leaving.abort()
        for (const { lines, states, skipped } of await Promise.all(pages)) {
          expect([states, skipped, gapsIn(lines.map(({ no }) => no))]).toEqual([['open'], 0, []])
          expect(lines.length).toBeGreaterThan(watchedSec * 0.9)
          reportFigure('the latest line of a log, ms', Math.round(Math.max(...lines.map(({ pageMs }) => pageMs))))
          const late = lines.filter(({ pageMs }) => pageMs > shownWithinMs)
          // Where the time went: until the engine stamped the line, until its own client had it, until the page had it.
          const told = late.map((line) => ({ ...line, engineClientMs: engine.arrivedMs.get(line.no), stalledMs: engine.stalledMs() }))
          expect(told).toEqual([])
        }
      } finally {
        engine.end()
        docker('rm', '--force', clock)
      }
    },
    (watchedSec + 60) * 1_000,
  )

  const isInUse = ({ reads, lines, told, made }: Used): boolean =>
    reads > 2 && lines.length > 0 && told.openedAt.length > 0 && made.services.length > 0

  /** Each service and invite that was answered for, once, with one row each. */
  async function everythingIsThere(all: readonly Used[]): Promise<void> {
    const { client, close } = pageClient(deployed, admin)
    const made = all.flatMap((used) => used.made.services.map(({ id }) => id)).sort()
    const invited = all.flatMap((used) => used.made.invites).sort()
    reportFigure('changes answered for', made.length + invited.length)
    const services = await pagesOf((cursor) => client.call(listServices, { query: { limit: '200', ...cursor } }))
    const names = services.map(({ name }) => name).filter((name) => name.startsWith('used-'))
    expect(names.sort()).toEqual(made)
    const invites = await pagesOf((cursor) => client.call(listInvites, { query: { q: 'used-', limit: '200', ...cursor } }))
    expect(invites.map(({ email }) => email).sort()).toEqual(invited)
    const file = await client.download(exportAuditRows, { query: { ...rowsOfServices, format: 'ndjson' } })
    const rows = (await file.text())
      .trim()
      .split('\n')
      .map((line) => AuditRow.parse(JSON.parse(line)))
    expect(rows.map(({ target }) => target).sort()).toEqual(made)
    close()
  }
})

const rowsOfServices = { log: 'devops-backend', action: 'services.service.create', outcome: 'done' } as const

async function pagesOf<T>(ask: (cursor: { cursor?: string }) => Promise<{ items: T[]; nextCursor: string | null }>): Promise<T[]> {
  const items: T[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: { items: T[]; nextCursor: string | null } = await ask(cursor === '' ? {} : { cursor })
    items.push(...page.items)
    cursor = page.nextCursor
  }
  return items
}

/** Services whose making was neither told, nor followed by a beginning of the telling, at which a page asks for all. */
const untold = (all: readonly Used[], told: Used['told']): string[] =>
  all
    .flatMap(({ made }) => made.services)
    .filter(({ id, askedAt }) => !told.ids.includes(id) && !told.openedAt.some((at) => at > askedAt))
    .map(({ id }) => id)

/** Where the numbers do not follow each other. */
const gapsIn = (lines: readonly number[]): string[] =>
  lines.flatMap((line, at) => (at > 0 && line !== (lines[at - 1] ?? 0) + 1 ? [`${lines[at - 1]} then ${line}`] : []))

function report(all: readonly Used[], seconds: number): void {
  const retries = all.flatMap((used) => used.retries)
  reportFigure('clients', all.length)
  reportFigure('upgrade with every container replaced, seconds', Math.round(seconds))
  reportFigure(
    'reads',
    all.reduce((sum, { reads }) => sum + reads, 0),
  )
  reportFigure(
    'lines',
    all.reduce((sum, { lines }) => sum + lines.length, 0),
  )
  reportFigure('calls that had to be tried again', retries.length)
  reportFigure('the longest until it was answered, ms', Math.max(0, ...retries.map(({ ms }) => ms)))
}

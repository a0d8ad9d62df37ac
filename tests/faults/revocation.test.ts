import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { newBrowser, type Browser as Page } from '@console/testkit/browser'
import { until } from '@console/testkit/daemon-harness'
import { reportFigure } from '@console/testkit/deep'
import { type EventStream, openEvents } from '@console/testkit/event-stream'
import { idOf } from '@console/testkit/fake-container'
import { type RecordingEngine, startRecordingEngine } from '@console/testkit/recording-engine'
import { seeded } from '@console/testkit/seeded'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Devops, startDevops } from '../../apps/devops-backend/src/devops.fake.ts'
import { type Browser, goodPassword, invited, type Platform, setUp, startPlatform } from '../../apps/platform-service/src/platform.fake.ts'
import { type HeldUp, watchHeldUp } from './held-up.ts'

const seed = Number(process.env.REVOCATION_SEED ?? 20_261_128)
const promisedMs = 5_000
/** Longer than that nobody waits for a refusal: it is not coming. */
const patienceMs = 30_000
const routes = ['session ended', 'person disabled', 'role lowered', 'membership over'] as const
type Route = (typeof routes)[number]
const peoplePerRoute = 5
const sessionsPerPerson = 6
/** Followed by the first sessions of each person; one person may follow five logs, all together fifty. */
const followsPerPerson = 2
/** What each API answers then to what an operator of one and an admin of the other could read. */
const refusals: Record<Route, { readonly devops: number; readonly platform: number }> = {
  'session ended': { devops: 401, platform: 401 },
  'person disabled': { devops: 401, platform: 401 },
  'role lowered': { devops: 403, platform: 403 },
  'membership over': { devops: 401, platform: 403 },
}
/** Its cookies as they were, for whoever copied them: signing out takes them out of the browser. */
type Cookies = { readonly platform: string; readonly devops: string }
type Session = { readonly platform: Browser; readonly devops: Page; readonly cookies: Cookies; readonly streams: readonly EventStream[] }
type Member = { readonly id: string; readonly email: string; readonly route: Route; readonly sessions: Session[] }
/** Milliseconds from the answer that ended it: the last request served began then, the last stream was closed then. */
type Worst = { served: number; closed: number; sessions: number; streams: number }

describe(`what is taken away, taken away ${routes.length * peoplePerRoute * sessionsPerPerson} times at random moments (seed ${seed})`, () => {
  const random = seeded(seed)
  let engine: RecordingEngine
  let platform: Platform
  let devops: Devops
  let admin: Browser
  let heldUp: HeldUp
  const members: Member[] = []

  beforeAll(async () => {
    platform = await startPlatform({ now: Date.now })
    engine = await startRecordingEngine({ socketPath: join(platform.folder, 'engine.sock') })
    engine.add({ id: idOf('a1'), name: 'alpha', log: ['a line\n'] })
    const env = { DOCKER_SOCKET: engine.socketPath }
    devops = await startDevops({ parts: ['docker-proxy'], folder: platform.folder, platformPort: platform.port, env })
    admin = await setUp(platform)
    const emails = routes.flatMap((route) => Array.from({ length: peoplePerRoute }, (_, n) => ({ route, n })))
    for (const { route, n } of emails) members.push(await arrive(route, `${route.replaceAll(' ', '-')}-${n}@example.net`))
    heldUp = watchHeldUp()
  }, 120_000)
  afterAll(async () => {
    heldUp?.stop()
    for (const { sessions } of members) for (const { streams } of sessions) for (const stream of streams) stream.close()
    await devops?.stop()
    await engine?.stop()
    await platform?.close()
  })

  /** Somebody who may read logs here and people there, signed in from several browsers. */
  async function arrive(route: Route, email: string): Promise<Member> {
    const memberships = [
      { productId: 'bytelyst-devops', role: 'operator' },
      { productId: 'bytelyst-platform', role: 'admin' },
    ]
    const { id } = await invited(platform, admin, email, memberships)
    return { id, email, route, sessions: [] }
  }

  async function signIn(member: Member, index: number): Promise<void> {
    // At different moments, so that what devops-backend remembers of each has a different age later.
    await pause(random() * 3_000)
    const page = platform.browser()
    expect((await page.signIn(member.email, goodPassword)).status).toBe(200)
    const origin = 'http://localhost:3000'
    const backend = newBrowser({ port: devops.port, prefix: '/api/devops', origin }, page.jar)
    const cookies = { platform: page.cookiesFor('/platform/api/users'), devops: backend.cookiesFor('/api/devops/events') }
    const paths = ['/events', ...(index < followsPerPerson ? ['/vm/containers/alpha/logs/stream'] : [])]
    const streams = await Promise.all(paths.map((path) => openPatiently({ ...address(path), cookie: cookies.devops })))
    expect(streams.map(({ status, refusal }) => `${status} ${refusal}`)).toEqual(streams.map(() => '200 '))
    member.sessions.push({ platform: page, devops: backend, cookies, streams })
  }
  /** All sign in at once, so that a slow machine may recognise nobody for a moment: then it is asked again. */
  async function openPatiently(from: Parameters<typeof openEvents>[0]): Promise<EventStream> {
    const until = performance.now() + patienceMs
    for (;;) {
      const stream = await openEvents(from, () => undefined)
      if (stream.status !== 503 || performance.now() > until) return stream
      await pause(500)
    }
  }
  const address = (path: string) => ({ port: devops.port, path: `/api/devops${path}`, lastEventId: null })
  /** The output of a run, which operators may read; that there is none is an answer too. */
  const asksDevops = async ({ devops: page, cookies }: Session) =>
    (await page.call('GET', '/deployments/none/logs', { cookies: cookies.devops })).status
  const asksPlatform = async ({ platform: page, cookies }: Session) =>
    (await page.call('GET', '/users?limit=1', { cookies: cookies.platform })).status

  /** Takes it away, and answers the moment from which it is over. */
  async function takeAway(member: Member, session: Session): Promise<number> {
    const done = async (answer: Promise<{ status: number; text: string }>): Promise<number> => {
      const { status, text } = await answer
      expect([200, 204], text).toContain(status)
      return performance.now()
    }
    const { route, id } = member
    if (route === 'session ended') {
      // Every other one by its person, the rest by an admin: one session among those of all.
      if (member.sessions.indexOf(session) % 2 === 0) return done(session.platform.post('/auth/logout', {}))
      const own = (await session.platform.get('/auth/sessions')).body.items as unknown as { id: string; current: boolean }[]
      const sessionIds = own.filter(({ current }) => current).map(({ id: sid }) => sid)
      return done(admin.post('/sessions/end', { sessionIds, reason: 'counted' }))
    }
    if (route === 'person disabled') return done(admin.post(`/users/${id}/disable`, { reason: 'counted' }))
    const change = async (productId: string, body: object) =>
      done(admin.call('PUT', `/memberships/${id}/${productId}`, { body: { ...body } }))
    if (route === 'role lowered') {
      await change('bytelyst-platform', { role: 'viewer' })
      return change('bytelyst-devops', { role: 'viewer' })
    }
    const leftMs = 6_000
    const [endsAt, over] = [new Date(Date.now() + leftMs).toISOString(), performance.now() + leftMs]
    await change('bytelyst-platform', { role: 'admin', expiresAt: endsAt })
    await change('bytelyst-devops', { role: 'operator', expiresAt: endsAt })
    return over
  }

  /**
   * Goes on asking until it is refused; a request counts by when it began, so that a slow machine cannot make a refusal late.
   * Milliseconds after the moment that the last one served began.
   */
  async function lastServed(from: number, refusal: number, ask: () => Promise<number>): Promise<number> {
    let last = 0
    for (;;) {
      const began = performance.now()
      const status = await ask()
      if (status === refusal) return last
      // Nobody was recognised for a moment: neither served nor refused for good.
      if (status !== 503) {
        expect([200, 404]).toContain(status)
        last = Math.max(last, began - from)
      }
      if (began - from > patienceMs) return Math.max(last, patienceMs)
      await pause(300)
    }
  }

  /** The part of the time until it was closed for which the machine gave this process nothing does not count. */
  async function closedAfter(from: number, stream: EventStream): Promise<number> {
    let at = 0
    void stream.over.then(() => {
      at = performance.now()
    })
    await until('the stream is over', () => at > 0, patienceMs)
    return Math.max(0, at - from - heldUp.between(from, at))
  }

  async function follow({ route }: Member, sessions: readonly Session[], from: number, worst: Worst): Promise<void> {
    await Promise.all(
      sessions.flatMap((session) => [
        lastServed(from, refusals[route].devops, () => asksDevops(session)).then((ms) => {
          worst.served = Math.max(worst.served, ms)
          worst.sessions += 1
        }),
        lastServed(from, refusals[route].platform, () => asksPlatform(session)).then((ms) => {
          worst.served = Math.max(worst.served, ms)
        }),
        ...session.streams.map((stream) =>
          closedAfter(from, stream).then((ms) => {
            worst.closed = Math.max(worst.closed, ms)
            worst.streams += 1
          }),
        ),
      ]),
    )
  }

  it('is refused at both APIs, and each open stream is closed, within five seconds', async () => {
    await Promise.all(members.flatMap((member) => Array.from({ length: sessionsPerPerson }, (_, index) => signIn(member, index))))
    const everyone = members.flatMap(({ sessions }) => sessions)
    const served = async (): Promise<Set<number>> => new Set(await Promise.all(everyone.map(asksDevops)))
    await expect.poll(served, { message: 'each is served before', timeout: patienceMs }).toEqual(new Set([404]))
    expect(new Set(await Promise.all(everyone.map(asksPlatform))), 'each is served before').toEqual(new Set([200]))
    const worst = new Map(routes.map((route) => [route, { served: 0, closed: 0, sessions: 0, streams: 0 } as Worst]))
    await Promise.all(
      members.flatMap((member) => {
        const { route, sessions } = member
        // A session is ended by itself; what befalls a person befalls all their sessions.
        const together = route === 'session ended' ? sessions.map((one) => [one]) : [sessions]
        return together.map(async (some) => {
          await pause(random() * 4_000)
          const [first] = some
          if (!first) throw new Error(`${member.email} is not signed in`)
          await follow(member, some, await takeAway(member, first), worst.get(route) as Worst)
        })
      }),
    )
    for (const [route, { served, closed, sessions, streams }] of worst) {
      const figure = `${route}: last request served began after ${Math.round(served)} ms, last stream closed after ${Math.round(closed)} ms`
      process.stdout.write(`${figure} (${sessions} sessions, ${streams} streams)\n`)
      reportFigure(`${route}, refused after, ms`, Math.round(served))
      reportFigure(`${route}, stream closed after, ms`, Math.round(closed))
      expect([route, sessions]).toEqual([route, peoplePerRoute * sessionsPerPerson])
      expect([route, streams]).toEqual([route, peoplePerRoute * (sessionsPerPerson + followsPerPerson)])
      expect([route, served]).toEqual([route, expect.toSatisfy((ms: number) => ms <= promisedMs)])
      expect([route, closed]).toEqual([route, expect.toSatisfy((ms: number) => ms <= promisedMs)])
    }
  }, 120_000)
})

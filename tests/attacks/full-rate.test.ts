import { attackCase } from '@console/testkit/attack'
import { type Browser, newBrowser } from '@console/testkit/browser'
import { isDeep, reportFigure, rounds } from '@console/testkit/deep'
import { aService } from '@console/testkit/people'
import { type Person, type RunningParts, startParts } from '@console/testkit/running-parts'
import { afterAll, beforeAll, describe, expect } from 'vitest'

describe('somebody who asks as fast as they can', () => {
  let parts: RunningParts
  let admin: Person
  beforeAll(async () => {
    parts = await startParts({ parts: ['platform-service', 'devops-backend'] })
    admin = await parts.setUp()
  }, 120_000)
  afterAll(() => parts?.stop())

  let people = 0
  /** A colleague with budgets of their own, at an address of their own: loopback has plenty. */
  const colleague = async (): Promise<{ id: string; devops: Browser }> => {
    people += 1
    const { id, platform } = await parts.invite(admin, `operator-${people}@example.net`, { 'bytelyst-devops': 'operator' })
    const api = { port: parts.backendPort, prefix: '/api/devops', origin: parts.origin, from: `127.0.0.${10 + people}` }
    const devops = newBrowser(api, platform.jar)
    expect((await devops.get('/csrf-token')).status).toBe(200)
    return { id, devops }
  }
  const rowsOf = ({ id }: { id: string }) => parts.rows('devops-backend').filter(({ actor }) => actor.id === id)

  attackCase(
    'L6',
    'one person at full rate, and the others beside',
    async (it) => {
      const flooder = await colleague()
      const neighbour = await colleague()
      const alone = await day(neighbour.devops, 'alone')
      await it.control('with nobody else there a colleague reads and changes', () =>
        expect(new Set(alone.statuses)).toEqual(new Set([200, 201])),
      )
      const flood = floodBy(flooder.devops)
      await it.attack('takes up what one person is given and nothing of what the others are', async () => {
        const beside = await flood.turnedAway.then(() => day(neighbour.devops, 'beside')).finally(flood.stop)
        const got = await flood.stop()
        expect(beside.statuses).toEqual(alone.statuses)
        // Each window of a minute gives six hundred, and the flood may have lasted into a second one on a slow machine.
        expect(got.get(200)).toBeLessThanOrEqual(600 * Math.ceil(1 + flood.seconds() / 60))
        expect(got.get(429)).toBeGreaterThan(0)
        expect([...got.keys()].sort()).toEqual([200, 429])
        // No figure of a single run says much on a shared machine; that none waits for the end of the flood can be said on any.
        expect(Math.max(...beside.times)).toBeLessThan(10_000)
      })
      await it.row('what the colleague changed stands there, and the flood of reads has left nothing', () => {
        const changes = rowsOf(neighbour).filter(({ action, outcome }) => action === 'services.service.create' && outcome === 'done')
        expect(changes).toHaveLength(20)
        expect(rowsOf(flooder)).toEqual([])
      })
    },
    120_000,
  )

  if (isDeep)
    attackCase('L6', 'what one person at the highest rate that is allowed costs the others', async (it) => {
      const before = parts.rows('devops-backend').length
      const alone: number[] = []
      const beside: number[] = []
      // In turns, so that what else the machine does meets both alike.
      for (let slice = 0; slice < 12; slice += 1) {
        const busy = slice % 2 === 1
        const flood = busy ? pacedBy((await colleague()).devops) : null
        const { devops } = await colleague()
        for (let n = 0; n < 500; n += 1) (busy ? beside : alone).push(await timed(() => devops.get('/settings')))
        await flood?.stop()
      }
      const [a, b] = [ninetyNinth(alone), ninetyNinth(beside)]
      reportFigure('L6: 99th of 100 reads alone, ms', a)
      reportFigure('L6: 99th of 100 reads beside one person at full rate, ms', b)
      await it.control('three thousand reads alone', () => expect(alone).toHaveLength(3_000))
      await it.attack('grow by less than a fifth, or by less than a millisecond', () => expect(b).toBeLessThan(Math.max(1.2 * a, a + 1)))
      await it.row('reads leave none', () =>
        expect(
          parts
            .rows('devops-backend')
            .slice(before)
            .filter(({ action }) => action.startsWith('settings')),
        ).toEqual([]),
      )
    })
})

async function timed(call: () => Promise<{ status: number }>): Promise<number> {
  const began = performance.now()
  expect((await call()).status).toBe(200)
  return performance.now() - began
}

const ninetyNinth = (times: readonly number[]): number =>
  Number([...times].sort((a, b) => a - b)[Math.floor(times.length * 0.99)]?.toFixed(2))

/** What a colleague does in a while: ten changes among many reads, one after the other. */
async function day(devops: Browser, when: string): Promise<{ statuses: number[]; times: number[] }> {
  const statuses: number[] = []
  const times: number[] = []
  for (let n = 0; n < rounds({ test: 60, deep: 200 }); n += 1) {
    const began = performance.now()
    const changing = n % 6 === 0 && n < 60
    const { status } = changing ? await devops.post('/services', aService(`${when}-${n}`)) : await devops.get('/settings')
    times.push(performance.now() - began)
    statuses.push(status)
  }
  return { statuses, times }
}

/** Four connections that ask again as soon as they are answered. */
function floodBy(devops: Browser) {
  const got = new Map<number, number>()
  const away = Promise.withResolvers<void>()
  const began = performance.now()
  let going = true
  const ask = async (): Promise<void> => {
    while (going) {
      const { status } = await devops.get('/settings')
      got.set(status, (got.get(status) ?? 0) + 1)
      if (status === 429) away.resolve()
    }
  }
  const all = Promise.all(Array.from({ length: 4 }, ask))
  all.catch(away.reject)
  return {
    turnedAway: away.promise,
    seconds: () => (performance.now() - began) / 1_000,
    stop: async () => {
      going = false
      await all
      return got
    },
  }
}

/** Ten reads a second, which is all that a minute gives. */
function pacedBy(devops: Browser) {
  const asked: Promise<unknown>[] = []
  const timer = setInterval(() => asked.push(devops.get('/settings')), 100)
  return {
    stop: async () => {
      clearInterval(timer)
      await Promise.all(asked)
    },
  }
}

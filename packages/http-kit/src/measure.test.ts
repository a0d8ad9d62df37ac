import { randomBytes } from 'node:crypto'
import { stepSeconds } from '@console/contracts/apm/schemas'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createMeasure } from './measure.ts'
import { declared, startToy, type Toy } from './toy-service.fake.ts'

const sumOf = (steps: readonly number[]) => steps.reduce((sum, count) => sum + count, 0)

describe('what a service counts of itself', () => {
  let toy: Toy | null = null
  const measure = createMeasure('toy-service', declared)
  afterEach(async () => {
    await toy?.app.close()
    toy = null
  })

  it('counts each request of an action once, by what became of it', async () => {
    const mine = createMeasure('toy-service', declared)
    toy = await startToy({ measure: mine })
    for (let n = 0; n < 25; n += 1) await toy.send('GET', '/things/a')
    for (let n = 0; n < 4; n += 1) await toy.send('GET', '/things/a?part=wrong')
    for (let n = 0; n < 3; n += 1) await toy.send('POST', '/things', { body: { name: 'undeclared' } })
    await vi.waitFor(async () => {
      const { actions } = await mine.figures()
      expect(actions.map(({ action, done, refused, failed, steps }) => [action, done, refused, failed, sumOf(steps)])).toEqual([
        ['toy.thing.get', 25, 4, 0, 29],
        ['toy.thing.change', 0, 0, 3, 3],
      ])
    })
    const text = await mine.text()
    expect(text).toContain('console_requests_total{action="toy.thing.get",outcome="done",service="toy-service"} 25')
    expect(text).toContain('console_requests_total{action="toy.thing.get",outcome="refused",service="toy-service"} 4')
    expect(text).toContain('console_request_duration_seconds_count{service="toy-service",action="toy.thing.get"} 29')
    mine.stop()
  })

  it('puts a time into the step that holds it, the bound included', async () => {
    const mine = createMeasure('toy-service', declared)
    for (const seconds of stepSeconds) mine.took('toy.thing.get', 200, seconds)
    mine.took('toy.thing.get', 200, 11)
    mine.took('toy.thing.get', 200, 0.0012)
    const [one] = (await mine.figures()).actions
    expect(one?.steps).toEqual([1, 2, ...stepSeconds.slice(2).map(() => 1), 1])
    mine.stop()
  })

  it('does not time what stays open', async () => {
    const mine = createMeasure('toy-service', declared)
    mine.took('toy.thing.stream', 200, 600)
    const [one] = (await mine.figures()).actions
    expect(one).toMatchObject({ action: 'toy.thing.stream', done: 1 })
    expect(sumOf(one?.steps ?? [1])).toBe(0)
    mine.stop()
  })

  it('gets no new name from paths, methods or queries, however many there are', async () => {
    toy = await startToy({ measure })
    const paths = Array.from({ length: 300 }, () => `/${randomBytes(6).toString('base64url')}`)
    for (const path of paths) await toy.send('GET', path)
    for (const path of paths.slice(0, 50)) await toy.send('GET', `/things${path}`)
    for (const method of ['PUT', 'DELETE', 'PATCH']) await toy.send(method, '/things')
    await vi.waitFor(async () =>
      expect((await measure.figures()).actions.map(({ action, done, refused }) => [action, done + refused])).toEqual([
        ['none', 303],
        ['toy.thing.get', 50],
      ]),
    )
    const names = [...(await measure.text()).matchAll(/^console_\S*?\{.*?action="([^"]*)"/gm)].map(([, name]) => name)
    expect(new Set(names)).toEqual(new Set(['none', 'toy.thing.get']))
    measure.took('<script>"\n', 200, 0.1)
    expect(await measure.text()).not.toContain('<script')
  })

  it('tells of its process, with units as Prometheus has them', async () => {
    const mine = createMeasure('toy-service', declared)
    await vi.waitFor(async () => expect((await mine.figures()).process.lagMs).not.toBeNull(), 15_000)
    const { process: told } = await mine.figures()
    expect(told.memoryBytes).toBeGreaterThan(told.heapBytes)
    expect(told.cpuSec).toBeGreaterThan(0)
    const text = await mine.text()
    for (const name of ['process_resident_memory_bytes', 'process_cpu_seconds_total', 'nodejs_eventloop_lag_p99_seconds'])
      expect(text).toMatch(new RegExp(`^${name}{service="toy-service"} `, 'm'))
    mine.stop()
  })
})

import type { HealthCheck, Measurement } from '@console/contracts/health/schemas'
import type { SampleFiles } from '@console/series/sample-files'
import { openSqliteStore } from '@console/store/sqlite'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { collections } from '../../collections.ts'
import type { ServiceDoc, UptimeDoc } from '../../documents.ts'
import { type HealthWatch, startHealthWatch } from './health-watch.ts'

const check = (id: string, over: object = {}) =>
  ({ id, kind: 'tcp', host: '127.0.0.1', port: 1, intervalSec: 5, timeoutMs: 100, downAfter: 1, upAfter: 1, ...over }) as HealthCheck
const service = (name: string, checks: HealthCheck[]) => ({ name, environment: 'internal', checks }) as unknown as ServiceDoc

describe('the health watch', () => {
  let store: ReturnType<typeof openSqliteStore>
  let watch: HealthWatch
  let services: ServiceDoc[]
  let ok: Map<string, boolean | null | 'throws' | 'hangs' | Promise<boolean>>
  let measured: string[]
  let told: string[]
  let said: string[]
  let kept: string[]
  const start = async () => {
    watch = await startHealthWatch({
      services: async () => services,
      async measure({ id }): Promise<Measurement> {
        measured.push(id)
        const result = ok.has(id) ? ((await ok.get(id)) ?? null) : true
        if (result === 'throws') throw new Error('no room')
        if (result === 'hangs') return new Promise(() => undefined)
        return {
          checkId: id,
          at: new Date().toISOString(),
          ok: result,
          latencyMs: result ? 10 : null,
          note: `note of ${id}`,
          tlsExpiresAt: null,
        }
      },
      samples: {
        append: (key: string, sample: { check: string }) => kept.push(`${key} ${sample.check}`),
        read: () => [],
        trim: () => 0,
      } as SampleFiles,
      uptime: store.collection<UptimeDoc>(collections.uptime),
      changed: async ({ service: { name }, before, after, cause }) => void told.push(`${name}: ${before} → ${after}, ${cause}`),
      now: () => new Date(),
      log: (message) => said.push(message),
    })
  }
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'], now: Date.parse('2026-03-01T12:00:00Z') })
    store = openSqliteStore(':memory:')
    services = [service('web', [check('a')])]
    ok = new Map()
    measured = []
    told = []
    said = []
    kept = []
  })
  afterEach(async () => {
    await watch.stop()
    vi.useRealTimers()
    await store.close()
  })

  it('measures each check at its interval, and keeps each sample', async () => {
    services = [service('web', [check('a'), check('slow', { intervalSec: 10 })])]
    await start()
    await pass(10_500)
    expect(measured.filter((id) => id === 'a')).toHaveLength(3)
    expect(measured.filter((id) => id === 'slow')).toHaveLength(2)
    expect(kept.length).toBe(measured.length)
    expect(watch.list(45).summary).toMatchObject({ up: 1, total: 1, unknown: 0 })
  })

  it('has no more than twenty under way, and asks nothing twice at once', async () => {
    services = [
      service(
        'web',
        Array.from({ length: 30 }, (_, n) => check(`c${n}`)),
      ),
    ]
    for (let n = 0; n < 30; n += 1) ok.set(`c${n}`, 'hangs')
    await start()
    await pass(30_000)
    expect(new Set(measured).size).toBe(measured.length)
    expect(measured).toHaveLength(20)
  })

  it('tells each change once, with its cause, and never takes what is unknown for up or down', async () => {
    await start()
    expect(watch.stateOf('none')).toEqual({ state: 'unknown', since: null })
    await pass(1)
    ok.set('a', false)
    await pass(10_000)
    ok.set('a', null)
    await pass(10_000)
    expect(told).toEqual([
      'web: unknown → up, tcp 127.0.0.1:1: note of a',
      'web: up → down, tcp 127.0.0.1:1: note of a',
      expect.stringContaining('down → unknown'),
    ])
    expect(watch.get('web', 45)).toMatchObject({ state: 'unknown', lastKnown: { state: 'down' } })
  })

  const rare = (id: string, over: object = {}) => check(id, { intervalSec: 3_600, downAfter: 2, upAfter: 2, ...over })
  const asked = async (serviceId = 'web') => Object.fromEntries(await watch.measureNow(serviceId))

  it('counts what a run asks for: a row of hits is up at once, also for one that was down, and each is kept', async () => {
    services = [service('web', [rare('a', { downAfter: 1 }), rare('b', { downAfter: 1 })])]
    ok.set('a', false).set('b', false)
    await start()
    await pass(1)
    expect(watch.stateOf('web').state).toBe('down')
    ok.set('a', true).set('b', true)
    expect(await asked()).toEqual({ a: { ok: true, note: 'note of a', row: 1 }, b: { ok: true, note: 'note of b', row: 1 } })
    expect(watch.stateOf('web').state).toBe('down')
    expect((await asked()).a?.row).toBe(2)
    expect(watch.stateOf('web')).toEqual({ state: 'up', since: new Date().toISOString() })
    expect(told.at(-1)).toContain('web: down → up')
    expect(kept).toHaveLength(6)
    expect(await asked('none')).toEqual({})
  })

  it('lets a miss that a run asked for break the row, and call nothing down that its interval does not', async () => {
    services = [service('web', [rare('a', { downAfter: 1 })])]
    await start()
    await pass(1)
    ok.set('a', false)
    for (let n = 0; n < 5; n += 1) expect((await asked()).a).toMatchObject({ ok: false, row: 0 })
    expect(watch.get('web', 45)).toMatchObject({ state: 'up', checks: [{ misses: 0, last: { ok: true } }] })
    expect(kept).toHaveLength(1)
    expect(told).toHaveLength(1)
  })

  it('takes neither an older measurement for news, nor one of a check or a service that is another one by now', async () => {
    const [before, later] = [Promise.withResolvers<boolean>(), Promise.withResolvers<boolean>()]
    services = [service('web', [rare('a')]), service('gone', [rare('c')])]
    ok.set('a', before.promise).set('c', later.promise)
    await start()
    ok.set('a', true)
    await asked()
    await asked()
    before.resolve(false)
    await pass(1)
    expect(watch.get('web', 45)).toMatchObject({ state: 'up', checks: [{ misses: 0, last: { ok: true } }] })
    const forOld = Promise.withResolvers<boolean>()
    ok.set('a', forOld.promise)
    const old = asked()
    await pass(1)
    services = [service('web', [rare('a', { port: 2 })])]
    watch.poke()
    ok.set('a', false)
    await pass(1_000)
    later.resolve(false)
    forOld.resolve(true)
    expect((await old).a).toMatchObject({ ok: true, row: 0 })
    await pass(1)
    expect(watch.get('web', 45)).toMatchObject({ state: 'unknown', checks: [{ misses: 1, last: { ok: false } }] })
    expect(told).toEqual(['web: unknown → up, tcp 127.0.0.1:1: note of a', expect.stringContaining('web: up → unknown')])
    expect(watch.get('gone', 45)).toBe(null)
    expect(kept).toEqual(['web a', 'web a', 'web a'])
  })

  it('goes by what a service is when a run asks, not by what it was at the last look', async () => {
    services = [service('web', [])]
    await start()
    services = [service('web', [rare('new')])]
    watch.poke()
    expect(Object.keys(await asked())).toEqual(['new'])
  })

  it('goes on when a check throws, and says so', async () => {
    services = [service('web', [check('a'), check('b')])]
    ok.set('a', 'throws')
    await start()
    await pass(5_500)
    expect(measured).toEqual(['a', 'b', 'a', 'b'])
    expect(said).toEqual(['web could not be measured', 'web could not be measured'])
  })

  it('looks at changed services when it is told to, and begins anew only where a check is another one', async () => {
    services = [service('web', [check('a'), check('b')]), service('gone', [check('c')])]
    await start()
    await pass(1)
    services = [service('web', [check('a'), check('b', { port: 2 })])]
    watch.poke()
    await pass(1_000)
    expect(measured).toEqual(['a', 'b', 'c', 'b'])
    expect(watch.get('gone', 45)).toBe(null)
  })

  it('counts time by state, a gap for nothing, and finds it again after a restart', async () => {
    await start()
    await pass(60_500)
    vi.setSystemTime(Date.now() + 3_600_000)
    await pass(1_000)
    await watch.stop()
    const [stored] = (await store.collection<UptimeDoc>(collections.uptime).find('local', { limit: 10 })).items
    const seconds = stored?.doc.hours.reduce((sum, hour) => sum + hour.up, 0) ?? 0
    expect(seconds).toBeGreaterThan(55)
    expect(seconds).toBeLessThan(65)
    await start()
    expect(watch.get('web', 45)?.uptime.day).toBe(1)
  })
})

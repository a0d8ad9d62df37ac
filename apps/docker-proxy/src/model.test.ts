import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '@console/testkit/daemon-harness'
import { idOf } from '@console/testkit/fake-container'
import { eventOf, type RecordingEngine, startRecordingEngine } from '@console/testkit/recording-engine'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Model, startModel } from './model.ts'
import type { ModelEvent } from './model-events.ts'

const withinMs = 20_000
const a = idOf('a1')
const b = idOf('b2')

describe('the live model', () => {
  let dir: string
  let engine: RecordingEngine
  let model: Model
  let logged: string[]
  const stopped: (() => unknown)[] = []
  const begin = (options: { reconcileMs?: number } = {}): Model => {
    const started = startModel({ socketPath: engine.socketPath, log: (_, message) => logged.push(message), coalesceMs: 5, ...options })
    stopped.push(() => started.stop())
    return started
  }
  const names = (): string[] =>
    model
      .list()
      .items.map(({ name }) => name)
      .sort()
  const is = (freshness: string) => until(`it is ${freshness}`, () => model.list().freshness === freshness, withinMs)
  const has = (...expected: string[]) => until(`it has ${expected}`, () => names().join() === expected.join(), withinMs)

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'model-'))
    logged = []
    engine = await startRecordingEngine({ socketPath: join(dir, 'engine.sock') })
    engine.add({ id: a, name: 'alpha' })
    engine.add({ id: b, name: 'beta', state: 'exited' })
    model = begin()
    await is('live')
  })
  afterEach(async () => {
    for (const stop of stopped.splice(0)) await stop()
    await engine.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  it('ends where the engine is, whatever comes in whichever order', async () => {
    const deed = fc.record({ deed: fc.constantFrom('add', 'remove', 'rename', 'exit', 'start', 'again', 'strange'), of: fc.nat(5) })
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { minLength: 1, maxLength: 25 }), async (deeds) => {
        for (const { deed: what, of } of deeds) {
          const id = idOf(`c${of}`)
          const known = engine.containers.get(id)
          if (what === 'add') engine.add({ id, name: `c${of}` })
          else if (what === 'remove') engine.remove(id)
          else if (known && what === 'rename') engine.change(id, { name: `${known.name.slice(0, 20)}x` }, 'rename')
          else if (known && what === 'exit') engine.change(id, { state: 'exited' }, 'die')
          else if (known && what === 'start') engine.change(id, { state: 'running' }, 'start')
          else if (known && what === 'again') engine.event({ ...eventOf(known, 'start'), timeNano: 1 })
          else engine.event(eventOf({ id: idOf(`d${of}`), name: 'nobody' }, 'die'))
        }
        const truth = [...engine.containers.values()].map(({ id, name, state = 'running' }) => `${id} ${name} ${state}`).sort()
        const seen = () =>
          model
            .list()
            .items.map(({ id, name, state }) => `${id} ${name} ${state}`)
            .sort()
        await until('the model is the engine', () => seen().join() === truth.join(), withinMs)
      }),
      { numRuns: 8, seed: 7 },
    )
  }, 120_000)

  it('finds what was not told, at the next look at the whole', async () => {
    model = begin({ reconcileMs: 50 })
    await is('live')
    engine.tell = false
    engine.add({ id: idOf('c3'), name: 'gamma' })
    engine.remove(b)
    await has('alpha', 'gamma')
  })

  it('reads everything when time goes back in the events', async () => {
    engine.event({ ...eventOf({ id: a, name: 'alpha' }, 'pause'), timeNano: 5_000 })
    engine.tell = false
    engine.remove(b)
    engine.event({ ...eventOf({ id: a, name: 'alpha' }, 'pause'), timeNano: 4_000 })
    await has('alpha')
  })

  it.each([
    ['an object', { message: 'x' }],
    ['nothing', null],
    ['a list of something else', [{ Id: 'short' }]],
    ['a list that holds something else', [{ Id: a, Names: ['/alpha'] }, 7]],
    ['half a list', '[{"Id":'],
  ])('keeps what it knew and says stale when the engine answers %s for the list', async (_, body) => {
    model = begin({ reconcileMs: 50 })
    await is('live')
    engine.script((line) => (line.includes('/containers/json') ? { body } : undefined))
    await is('stale')
    expect(names()).toEqual(['alpha', 'beta'])
    expect(() => model.info()).toThrow(expect.objectContaining({ code: 'DOCKER_ENGINE_ERROR' }))
    await expect(model.resolve('alpha')).rejects.toMatchObject({ code: 'DOCKER_ENGINE_ERROR', status: 502 })
    engine.script(null)
    await is('live')
    expect(names()).toEqual(['alpha', 'beta'])
  })

  it('keeps what it knew while the engine is away, and takes the whole when it is back', async () => {
    const events: ModelEvent[] = []
    const stop = new AbortController()
    stopped.push(() => stop.abort())
    void (async () => {
      for await (const event of model.watch(stop.signal)) events.push(event)
    })()
    await engine.stop()
    await is('away')
    expect(names()).toEqual(['alpha', 'beta'])
    engine.remove(b)
    engine.add({ id: idOf('c3'), name: 'gamma' })
    await engine.start()
    await is('live')
    await has('alpha', 'gamma')
    expect(events.flatMap((event) => ('freshness' in event ? [event.freshness] : []))).toEqual(['live', 'away', 'reconciling', 'live'])
    expect(events.flatMap((event) => ('kind' in event ? [`${event.action} ${event.name}`] : []))).toEqual(
      expect.arrayContaining(['destroy beta', 'create gamma']),
    )
  })

  it('says why the engine is away and what to do, once for each cause', async () => {
    const before = logged.length
    await engine.stop()
    await until('the cause is known', () => logged.some((line) => line.includes('There is no Docker socket')), withinMs)
    expect(() => model.info()).toThrow(/There is no Docker socket at .*engine\.sock\. Start the engine/)
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    expect(logged.slice(before).filter((line) => line.includes('There is no Docker socket')).length).toBe(1)
    expect(logged.slice(before).length).toBeLessThanOrEqual(2)
  }, 60_000)

  it('ends its life with an engine that sends events which are none', async () => {
    engine.event('no json\n')
    await until('it began again', () => engine.requests.filter(({ line }) => line.includes('/events')).length === 2, withinMs)
    await is('live')
  })

  it('reads once for many events of one container', async () => {
    await until('it is quiet', () => engine.open.events === 1, withinMs)
    engine.forget()
    for (let count = 0; count < 500; count += 1) engine.event(eventOf({ id: a, name: 'alpha' }, 'die'))
    engine.change(a, { state: 'exited' }, 'die')
    await until('it has the end of it', () => model.list().items.find(({ id }) => id === a)?.state === 'exited', withinMs)
    expect(engine.requests.length).toBeLessThan(200)
  })

  it('takes no prefix, and refuses what is one container’s name and another’s id', async () => {
    engine.add({ id: idOf('c3'), name: a })
    engine.add({ id: idOf('d4'), name: 'a1' })
    expect((await model.resolve('a1')).container.id).toBe(idOf('d4'))
    for (const ref of ['a', 'a10', a.slice(0, 63)])
      await expect(model.resolve(ref)).rejects.toMatchObject({ code: 'DOCKER_CONTAINER_NOT_FOUND' })
    await expect(model.resolve(a)).rejects.toMatchObject({ code: 'DOCKER_CONTAINER_AMBIGUOUS' })
    expect((await model.resolveId(a)).container.id).toBe(a)
  })

  it('does not believe an inspection of another container', async () => {
    engine.script((line) =>
      line.includes(`/containers/${a}/json`) ? { body: { Id: b, Name: '/beta', State: { Status: 'running' } } } : undefined,
    )
    await expect(model.resolve('alpha')).rejects.toMatchObject({ code: 'DOCKER_ENGINE_ERROR' })
  })
})

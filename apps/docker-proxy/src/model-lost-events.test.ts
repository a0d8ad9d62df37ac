import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '@console/testkit/daemon-harness'
import { rounds } from '@console/testkit/deep'
import { idOf } from '@console/testkit/fake-container'
import { eventOf, startRecordingEngine } from '@console/testkit/recording-engine'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { startModel } from './model.ts'
import type { ModelEvent } from './model-events.ts'

const withinMs = 30_000
const deed = fc.record({
  deed: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('add', 'remove', 'rename', 'exit', 'start') },
    { weight: 2, arbitrary: fc.constantFrom('deaf', 'hear') },
    { weight: 1, arbitrary: fc.constantFrom('twice', 'old', 'strange', 'broken', 'cut', 'restart', 'wait') },
  ),
  of: fc.nat(5),
})

it('ends where the engine is, whatever events were lost, torn, repeated or old, and however often the engine went away', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'model-lost-'))
  const engine = await startRecordingEngine({ socketPath: join(dir, 'engine.sock') })
  const model = startModel({ socketPath: engine.socketPath, log: () => undefined, coalesceMs: 5, reconcileMs: 100 })
  const stop = new AbortController()
  const told: ModelEvent[] = []
  const watching = (async () => {
    for await (const event of model.watch(stop.signal)) told.push(event)
  })()
  /** Every name that the engine ever had: the model may never say another. */
  const ever = new Set<string>()
  const sorted = (all: Iterable<{ id: string; name: string; state?: string | undefined }>): string =>
    [...all]
      .map(({ id, name, state = 'running' }) => `${id} ${name} ${state}`)
      .sort()
      .join()
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { minLength: 1, maxLength: 30 }), async (deeds) => {
        for (const { deed: what, of } of deeds) {
          const id = idOf(`c${of}`)
          const known = engine.containers.get(id)
          if (what === 'add') engine.add({ id, name: `c${of}` })
          else if (what === 'remove') engine.remove(id)
          else if (known && what === 'rename') engine.change(id, { name: `${known.name.slice(0, 20)}x` }, 'rename')
          else if (known && what === 'exit') engine.change(id, { state: 'exited' }, 'die')
          else if (known && what === 'start') engine.change(id, { state: 'running' }, 'start')
          else if (what === 'deaf' || what === 'hear') engine.tell = what === 'hear'
          else if (known && what === 'twice') for (let time = 0; time < 2; time += 1) engine.event(eventOf(known, 'start'))
          else if (known && what === 'old') engine.event({ ...eventOf(known, 'die'), timeNano: 1 })
          else if (what === 'strange') engine.event(eventOf({ id: idOf(`d${of}`), name: 'nobody' }, 'die'))
          else if (what === 'broken') engine.event('{"Type":"container","Act\n')
          else if (what === 'wait') await new Promise((resolve) => setTimeout(resolve, 5 * of))
          else if (what === 'cut' || what === 'restart') {
            await engine.stop()
            if (what === 'restart') {
              const { items } = model.list()
              await until('it noticed', () => model.list().freshness !== 'live', withinMs)
              // Being away is no reason to show fewer of them.
              expect(model.list().items.length).toBe(items.length)
            }
            await engine.start()
          }
          for (const { name } of engine.containers.values()) ever.add(name)
          for (const { name } of model.list().items) expect(ever).toContain(name)
        }
        // What it says of one is what the engine says of it now, and not only in the list.
        const states = () =>
          Promise.all([...engine.containers.keys()].map(async (id) => ({ ...(await model.resolveId(id)).container, id })))
            .then(sorted)
            .catch(() => null)
        const isSame = async (): Promise<boolean> => {
          const truth = sorted(engine.containers.values())
          return model.list().freshness === 'live' && sorted(model.list().items) === truth && (await states()) === truth
        }
        await until('the model is the engine', isSame, withinMs)
      }),
      { numRuns: rounds({ test: 8, deep: 500 }), seed: 31 },
    )
    const versions = told.flatMap((event) => ('version' in event ? [event.version] : []))
    expect(versions.length).toBeGreaterThan(0)
    expect(versions).toEqual([...versions].sort((a, b) => a - b))
  } finally {
    stop.abort()
    await watching
    await model.stop()
    await engine.stop()
    rmSync(dir, { recursive: true, force: true })
  }
}, 120_000)

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '@console/testkit/daemon-harness'
import { idOf } from '@console/testkit/fake-container'
import { type RecordingEngine, startRecordingEngine } from '@console/testkit/recording-engine'
import { jsonOf } from '@console/verb-kit/handler'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createFollows } from '../follows.ts'
import { type Model, startModel } from '../model.ts'
import { containerVerbs } from './containers.ts'

type Answer = { freshness: string; items: { name: string; state: string }[] }
let dir: string
let engine: RecordingEngine
let model: Model
let list: (state?: string) => Promise<{ answer: object; says: Answer }>

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'list-'))
  engine = await startRecordingEngine({ socketPath: join(dir, 'engine.sock') })
  engine.add({ id: idOf('a1'), name: 'alpha' })
  engine.add({ id: idOf('b2'), name: 'beta', state: 'exited' })
  model = startModel({ socketPath: engine.socketPath, log: () => undefined, coalesceMs: 5 })
  const verb = containerVerbs(model, createFollows(model)).find(({ verb }) => verb.id === 'containers.list')
  list = async (state) => {
    const answer = (await verb?.run((state === undefined ? {} : { state }) as never, {} as never)) as object
    return { answer, says: JSON.parse(jsonOf(answer).toString()) as Answer }
  }
  await until('it is live', async () => (await list()).says.freshness === 'live', 20_000)
})
afterEach(async () => {
  await model.stop()
  await engine.stop()
  rmSync(dir, { recursive: true, force: true })
})

const names = ({ says }: { says: Answer }): string => says.items.map(({ name }) => name).join()

it('lists those of the wanted state, each list with its own answer', async () => {
  for (let round = 0; round < 2; round += 1)
    expect([names(await list('running')), names(await list('exited')), names(await list('all')), names(await list())]).toEqual([
      'alpha',
      'beta',
      'alpha,beta',
      'alpha,beta',
    ])
})

it('writes an answer once for as long as it stays true, and anew after any change', async () => {
  await until(
    'nothing more is heard',
    async () => {
      const before = await list()
      return before.answer === (await list()).answer
    },
    20_000,
  )
  engine.change(idOf('b2'), { state: 'running' }, 'start')
  await until('the change is listed', async () => names(await list('running')) === 'alpha,beta', 20_000)
  expect(names(await list('exited'))).toBe('')
  engine.remove(idOf('a1'))
  await until('it is gone', async () => names(await list()) === 'beta', 20_000)
  await engine.stop()
  await until('the engine is away, and the list says so', async () => (await list()).says.freshness === 'away', 20_000)
  expect(names(await list())).toBe('beta')
}, 60_000)

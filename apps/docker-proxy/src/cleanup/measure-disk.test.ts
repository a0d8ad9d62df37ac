import { DaemonError } from '@console/verb-kit/problem'
import { beforeEach, expect, it } from 'vitest'
import { createDiskMeter, type DiskMeter } from './measure-disk.ts'

const answer = (LayersSize: number) => ({ LayersSize, Containers: null, Images: null, Volumes: null, BuildCache: null })
const away = new DaemonError('DOCKER_ENGINE_AWAY', 503, 'away')
let clock: number
let asked: string[]
let waiting: PromiseWithResolvers<unknown>[]
let meter: DiskMeter
let api: string
const engine = {
  async json({ path }: { path: string }) {
    asked.push(path)
    const next = Promise.withResolvers<unknown>()
    waiting.push(next)
    return { status: 200, body: await next.promise }
  },
}
const settled = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
/** The engine answers what it was asked last. */
const answered = async (size: number): Promise<void> => {
  waiting.at(-1)?.resolve(answer(size))
  await settled()
}

beforeEach(() => {
  clock = 0
  asked = []
  waiting = []
  api = '/v1.41'
  meter = createDiskMeter({ engine: engine as never, prefix: () => api }, () => clock)
})

it('asks once for all who ask at once, and answers what it knows for a minute', async () => {
  const six = Promise.all(Array.from({ length: 6 }, () => meter.last()))
  await settled()
  expect(asked).toEqual(['/v1.41/system/df'])
  await answered(1)
  expect((await six).map(({ objects }) => objects.layersBytes)).toEqual([1, 1, 1, 1, 1, 1])
  clock = 59_999
  const seventh = await meter.last()
  expect([seventh.objects.layersBytes, seventh.measuring, asked.length]).toEqual([1, false, 1])
  clock = 60_000
  expect(await meter.last()).toMatchObject({ measuring: true, objects: { layersBytes: 1 } })
  expect(asked.length).toBe(2)
  await answered(2)
  expect(await meter.last()).toMatchObject({ measuring: false, objects: { layersBytes: 2 } })
})

it('measures anew for somebody who asks for it, not twice in five seconds', async () => {
  const first = meter.last(true)
  await settled()
  await answered(1)
  await first
  clock = 4_999
  expect(await meter.last(true)).toMatchObject({ measuring: false })
  clock = 5_000
  expect(await meter.last()).toMatchObject({ measuring: false })
  expect(await meter.last(true)).toMatchObject({ measuring: true })
  expect(await meter.last(true)).toMatchObject({ measuring: true })
  expect(asked.length).toBe(2)
})

it('names the constant types from API 1.42 on', async () => {
  api = '/v1.56'
  const first = meter.last()
  await settled()
  await answered(1)
  await first
  expect(asked).toEqual(['/v1.56/system/df?type=container&type=image&type=volume&type=build-cache'])
})

it('keeps what it knew when the engine fails, says why, and tries again before long', async () => {
  const first = meter.last()
  await settled()
  await answered(1)
  await first
  clock = 60_000
  await meter.last()
  waiting.at(-1)?.reject(away)
  await settled()
  expect(await meter.last()).toMatchObject({ trouble: away, objects: { layersBytes: 1 } })
  expect(asked.length).toBe(2)
  clock = 65_000
  await meter.last()
  expect(asked.length).toBe(3)
  await answered(3)
  expect(await meter.last()).toMatchObject({ trouble: null, objects: { layersBytes: 3 } })
})

it('fails only while it knows nothing', async () => {
  const first = meter.last()
  await settled()
  waiting.at(-1)?.reject(away)
  await expect(first).rejects.toBe(away)
})

it('measures anew for who must know how it is now, after what is under way', async () => {
  const early = meter.last()
  await settled()
  const now = meter.now()
  await settled()
  expect(asked.length).toBe(1)
  await answered(1)
  expect(asked.length).toBe(2)
  await answered(2)
  expect((await early).objects.layersBytes).toBe(1)
  expect((await now).objects.layersBytes).toBe(2)
})

import { expect, it, vi } from 'vitest'
import { startImageKeeper } from './protect-images.ts'

const patient = { timeout: 15_000 }

it('protects what the service runs, each image once, and nothing where it runs nothing', async () => {
  const asked: unknown[] = []
  const keeper = startImageKeeper({
    imagesOf: async (serviceId) => (serviceId === 'web' ? ['b', 'a', 'b'] : []),
    protect: async (...args) => void asked.push(args),
    log: () => undefined,
  })
  keeper.deployed('web')
  keeper.deployed('none')
  await keeper.stop()
  expect(asked).toEqual([['web', ['b', 'a']]])
})

it('asks again while it cannot be done, with what runs by then, and gives up in the end', async () => {
  let away = 2
  const asked: unknown[] = []
  const logged: string[] = []
  const keeper = startImageKeeper({
    imagesOf: async () => [`image-${away}`],
    protect: async (serviceId, images) => {
      if (serviceId === 'never' || away > 0) {
        away -= 1
        throw new Error('away')
      }
      asked.push([serviceId, images])
    },
    log: (message) => logged.push(message),
    retryMs: 5,
    tries: 3,
  })
  keeper.deployed('web')
  await vi.waitFor(() => expect(asked).toEqual([['web', ['image-0']]]), patient)
  keeper.deployed('never')
  await vi.waitFor(() => expect(logged).toEqual(['the images of never could not be protected from cleanups']), patient)
  await keeper.stop()
})

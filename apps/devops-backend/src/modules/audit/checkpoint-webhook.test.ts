import { expect, it } from 'vitest'
import { createCheckpointWebhook } from './checkpoint-webhook.ts'

const checkpoint = (log: string, size: number) => [log, JSON.stringify({ log, size })] as const

it('posts what is new of each log, once a minute at most, and goes on after an address that was away', async () => {
  const clock = { ms: 0 }
  const posted: { log: string; size: number }[] = []
  const said: unknown[] = []
  let status = 200
  const webhook = createCheckpointWebhook({
    url: 'https://witness.test/secret-path',
    now: () => clock.ms,
    log: (message, error) => said.push([message, error]),
    send: async (_url, init) => {
      expect(init).toMatchObject({ method: 'POST', redirect: 'error' })
      if (status === 0) throw new Error('https://witness.test/secret-path does not answer')
      if (status === 200) posted.push(JSON.parse(String(init?.body)))
      return new Response(null, { status })
    },
  })
  await webhook.post(...checkpoint('host-agent', 1))
  await webhook.post(...checkpoint('docker-proxy', 7))
  await webhook.post(...checkpoint('host-agent', 2))
  clock.ms = 60_000
  status = 0
  await webhook.post(...checkpoint('host-agent', 3))
  status = 500
  await webhook.post(...checkpoint('host-agent', 4))
  status = 200
  await webhook.post(...checkpoint('host-agent', 5))
  expect(posted.map(({ log, size }) => [log, size])).toEqual([
    ['host-agent', 1],
    ['docker-proxy', 7],
    ['host-agent', 5],
  ])
  expect(said).toEqual([['a checkpoint could not be posted outside; the next one covers it', 'the address does not answer']])
})

import { randomBytes } from 'node:crypto'
import { describeNeeding } from '@console/testkit/needs'
import { type SignalRig, startSignalRig } from '@console/testkit/signal-rig'
import { whileCall } from '@console/testkit/strace'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const minute = 60_000
const batch = 100
const promisedPerSec = 2_000

describe('signals, when devops-backend is killed', () => {
  let rig: SignalRig
  let send: (body: string) => Promise<number>

  beforeAll(async () => {
    rig = await startSignalRig('vm')
    const headers = { authorization: `Bearer ${await rig.keyOf('vm', 'otlp')}`, 'content-type': 'application/json' }
    const url = rig.urlOf('vm', 'v1/traces')
    send = (body) =>
      fetch(url, { method: 'POST', headers, body }).then(
        ({ status }) => status,
        () => 0,
      )
  }, 2 * minute)
  afterAll(() => rig?.stop(), minute)

  /** Eight senders at once. @returns how many bodies were sent, answered or not */
  const sendAll = async (bodies: readonly string[], answered: (status: number) => void): Promise<number> => {
    let next = 0
    let dead = false
    const sender = async (): Promise<void> => {
      while (!dead && next < bodies.length) {
        const status = await send(bodies[next++] ?? '')
        answered(status)
        dead = status === 0
      }
    }
    await Promise.all(Array.from({ length: 8 }, sender))
    return next
  }

  it(
    `are taken faster than ${promisedPerSec} a second, and all that were answered for are there when it was killed after the last answer`,
    async () => {
      const bodies = Array.from({ length: 100 }, spans)
      const statuses: number[] = []
      const from = performance.now()
      await sendAll(bodies, (status) => statuses.push(status))
      const seconds = (performance.now() - from) / 1_000
      rig.kill()
      expect(statuses).toEqual(Array(bodies.length).fill(200))
      expect((bodies.length * batch) / seconds).toBeGreaterThan(promisedPerSec)
      await rig.startAgain()
      expect(await rig.counted('vm')).toBe(bodies.length * batch)
    },
    minute,
  )

  it(
    'are all there that were answered for, each once, also when their senders try again',
    async () => {
      const before = await rig.counted('vm')
      const bodies = Array.from({ length: 500 }, spans)
      let answered = 0
      const sent = await sendAll(bodies, (status) => {
        if (status === 200) answered += 1
        if (answered === 30) rig.kill()
      })
      expect(answered).toBeGreaterThanOrEqual(30)
      expect(sent).toBeLessThan(bodies.length)
      await rig.startAgain()
      const kept = (await rig.counted('vm')) - before
      expect(kept).toBeGreaterThanOrEqual(answered * batch)
      expect(kept).toBeLessThanOrEqual(sent * batch)
      for (const body of bodies.slice(0, sent)) expect(await send(body)).toBe(200)
      expect((await rig.counted('vm')) - before).toBe(sent * batch)
    },
    minute,
  )

  describeNeeding('strace', 'or its disk does not keep what is written', () => {
    it.each([
      ['fdatasync', 'what stands in the file'],
      ['fsync', 'the name of a new file in its folder'],
    ])('are not answered for when %s fails, which keeps %s, and taken when they are sent again', { timeout: minute }, async (call) => {
      // A process that has begun no file yet.
      rig.kill()
      await rig.startAgain()
      const before = await rig.counted('vm')
      const body = spans()
      await whileCall(rig.pid(), { call, nth: 'each' }, 'EIO', async () => expect(await send(body)).toBe(503))
      expect(await rig.counted('vm')).toBe(before)
      expect(await send(body)).toBe(200)
      expect(await rig.counted('vm')).toBe(before + batch)
    })
  })
})

function spans(): string {
  const times = { startTimeUnixNano: `${Date.now() - 100}000000`, endTimeUnixNano: `${Date.now()}000000` }
  const attributes = [{ key: 'gen_ai.operation.name', value: { stringValue: 'chat' } }]
  const traceId = randomBytes(16).toString('hex')
  const one = () => ({ traceId, spanId: randomBytes(8).toString('hex'), name: 'chat big', ...times, attributes })
  return JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: Array.from({ length: batch }, one) }] }] })
}

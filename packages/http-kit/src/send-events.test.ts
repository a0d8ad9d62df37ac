import { connect } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { StreamEvent } from './bind.ts'
import { mergeStreams } from './merge-streams.ts'
import { AppError } from './problem.ts'
import { startToy, type Toy } from './toy-service.fake.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const forever = () => new Promise<never>(() => undefined)
/** Waits until all but a few of what was sent is gone from memory. */
const collected = (sent: readonly WeakRef<object>[]) =>
  vi.waitFor(
    () => {
      collect()
      expect(sent.filter((ref) => ref.deref() !== undefined).length).toBeLessThan(sent.length / 20)
    },
    { timeout: 20_000, interval: 50 },
  )
const until = (what: string, holds: () => boolean) => vi.waitFor(() => expect(holds(), what).toBe(true), { timeout: 20_000 })

describe('a stream of events', () => {
  let toy: Toy
  afterEach(() => toy?.app.close())
  const open = async () => {
    const reply = await toy.send('GET', '/stream')
    const reader = reply.body?.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    return {
      reply,
      /** What came until a text stands in it, or until the end. */
      async upTo(part: string | null): Promise<string> {
        while (part === null || !text.includes(part)) {
          const got = await reader?.read()
          if (!got || got.done) break
          text += got.value
        }
        return text
      },
    }
  }

  it('keeps nothing of the events that are gone, however long it stays open', async () => {
    toy = await startToy()
    const sent: WeakRef<object>[] = []
    const all = 2_000
    toy.feed = async function* () {
      for (let n = 0; n < all; n += 1) {
        const data = { n }
        sent.push(new WeakRef(data))
        yield { event: 'tick', data }
      }
      yield { event: 'tick', data: 'last' }
      await forever()
    }
    const stream = await open()
    await stream.upTo('"last"')
    await collected(sent)
  }, 60_000)

  it('keeps nothing at a quiet stream while others beside it speak', async () => {
    const items: WeakRef<object>[] = []
    const all = 2_000
    const quiet = {
      name: 'quiet',
      stream: (async function* (): AsyncIterable<object> {
        yield await forever()
      })(),
    }
    const loud = {
      name: 'loud',
      stream: (async function* (): AsyncIterable<object> {
        for (let n = 0; n < all; n += 1) {
          const item = { n }
          items.push(new WeakRef(item))
          yield item
        }
        yield { last: true }
        await forever()
      })(),
    }
    const merged = mergeStreams<object>([quiet, loud])[Symbol.asyncIterator]()
    for (let n = 0; n <= all; n += 1) await merged.next()
    await collected(items)
  }, 60_000)

  it('ends when its time is over, and says where to go on', async () => {
    toy = await startToy({ limits: { streamMinutes: 1 / 200 } })
    const text = await (await open()).upTo(null)
    expect(text).toContain('event: end\ndata: {"reason":"time","cursor":"1"}')
    await until('its place is free', () => toy.streams.open === 0)
  })

  it('ends with the session, and stops what feeds it, although the reader reads nothing', async () => {
    toy = await startToy()
    let stopped = false
    const chunk = 'x'.repeat(64_000)
    toy.feed = async function* ({ signal }): AsyncIterable<StreamEvent> {
      signal.addEventListener('abort', () => {
        stopped = true
      })
      for (;;) yield { event: 'tick', data: chunk }
    }
    const socket = connect(toy.port, '127.0.0.1', () => socket.write('GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n'))
    socket.on('error', () => undefined)
    await until('the stream is open', () => toy.streams.open === 1)
    toy.alive = false
    await until('the feed has been stopped and its place is free', () => stopped && toy.streams.open === 0)
    await until('the connection is cut', () => toy.sockets.size === 0)
    socket.destroy()
  }, 60_000)

  it('stops what feeds it when the reader leaves before the first event', async () => {
    toy = await startToy()
    let began = false
    let stopped = false
    toy.feed = async function* ({ signal }): AsyncIterable<StreamEvent> {
      began = true
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
      stopped = true
    }
    const socket = connect(toy.port, '127.0.0.1', () => socket.write('GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n'))
    await until('the feed has begun', () => began)
    socket.destroy()
    await until('the feed has been stopped and its place is free', () => stopped && toy.streams.open === 0)
  })

  it('answers a plain problem when its source fails before the first event, and gives its place back', async () => {
    toy = await startToy()
    // biome-ignore lint/correctness/useYield: it fails before it has anything to say
    toy.feed = async function* (): AsyncIterable<StreamEvent> {
      throw new AppError('TOY_BROKEN', 409, 'It is broken.')
    }
    const reply = await toy.send('GET', '/stream')
    expect([reply.status, await reply.json()]).toMatchObject([409, { code: 'TOY_BROKEN' }])
    expect(toy.streams.open).toBe(0)
  })

  it('takes so many of one actor and no more', async () => {
    toy = await startToy({ limits: { streamsPerActor: 2 } })
    await open()
    await open()
    const third = await toy.send('GET', '/stream')
    expect([third.status, third.headers.get('retry-after'), await third.json()]).toMatchObject([429, '5', { code: 'STREAM_LIMIT' }])
    toy.actor = { ...toy.actor, id: 'u2' }
    expect((await open()).reply.status).toBe(200)
  })
})

import { AppError } from '@console/http-kit/problem'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { DockerProxy, MarkedEvent } from './clients/docker-proxy.ts'
import { createLogHub, type HubEvent, type LogHub } from './log-hub.ts'

type Sent = { push(...events: MarkedEvent[]): void; end(failed?: unknown): void; readonly asked: Asked; readonly open: boolean }
type Asked = { readonly as: string; readonly tail?: number; readonly since?: number }
const name = 'a'.repeat(16)
const mark = (seq: number, reader = name): MarkedEvent => ({ mark: `${reader}.${seq}` })
const line = (text: string, second = 0): MarkedEvent => ({ at: `2026-03-01T12:00:0${second}.000Z`, stream: 'out', text })
const patience = { timeout: 20_000, interval: 5 }

describe('the viewers of one log', () => {
  let sent: Sent[]
  let refuse: (as: string) => unknown
  let hub: LogHub
  const stops: AbortController[] = []

  /** docker-proxy as this hub sees it: a test writes what each stream brings. */
  const proxy = {
    follow: async (input: object, ask: { as: string; signal?: AbortSignal }) => {
      const why = refuse(ask.as)
      if (why) throw why
      const waiting: MarkedEvent[][] = []
      let over = null as { failed?: unknown } | null
      let wake: () => void = () => undefined
      let open = true
      const stop = (): void => {
        over ??= { failed: new Error('aborted') }
        open = false
        wake()
      }
      ask.signal?.addEventListener('abort', stop, { once: true })
      sent.push({
        push: (...events) => {
          waiting.push(events)
          wake()
        },
        end(failed) {
          over = failed === undefined ? {} : { failed }
          wake()
        },
        asked: { as: ask.as, ...input },
        get open() {
          return open
        },
      })
      return (async function* () {
        try {
          for (;;) {
            const next = waiting.shift()
            if (next) yield next
            else if (over) {
              if (over.failed) throw over.failed
              return
            } else
              await new Promise<void>((resolve) => {
                wake = resolve
              })
          }
        } finally {
          open = false
        }
      })()
    },
  } as unknown as DockerProxy

  const streamOf = (as: string, at = 0) => sent.filter(({ asked }) => asked.as === as)[at] as Sent
  const view = async (as: string, place: { ms: number; count: number } | null = null) => {
    const stop = new AbortController()
    stops.push(stop)
    const source = await hub.follow({ container: 'web', tail: 10 }, place, { as, requestId: 'r', signal: stop.signal } as never)
    const seen: string[] = []
    let failed: unknown = null
    const events: HubEvent[] = []
    const done = (async () => {
      for await (const event of source) {
        events.push(event)
        if ('event' in event) seen.push(...event.items.map(({ text }) => text))
        else seen.push('text' in event ? event.text : JSON.stringify(event))
      }
    })().catch((error: unknown) => {
      failed = error
    })
    return { stop, seen, events, done, failure: () => failed }
  }
  const feed = (at = 0) => vi.waitFor(() => expect(streamOf('service', at)).toBeDefined(), patience).then(() => streamOf('service', at))
  const shows = (viewer: { seen: string[] }, texts: string[]) => vi.waitFor(() => expect(viewer.seen).toEqual(texts), patience)

  beforeEach(() => {
    sent = []
    refuse = () => null
    hub = createLogHub(proxy, () => ({ as: 'service', requestId: 'system' }))
  })
  afterEach(() => {
    for (const stop of stops.splice(0)) stop.abort()
  })

  it('share one stream of the service, and get the very same event', async () => {
    const one = await view('one')
    streamOf('one').push(line('own'), mark(3))
    const shared = await feed()
    expect(shared.asked.tail).toBe(1)
    shared.push(line('own'), mark(3))
    await vi.waitFor(() => expect(streamOf('one').open).toBe(false), patience)
    const two = await view('two')
    streamOf('two').push(line('before'), line('own'), mark(3))
    await vi.waitFor(() => expect(streamOf('two').open).toBe(false), patience)
    shared.push(line('next', 1), mark(4))
    await shows(one, ['own', 'next'])
    await shows(two, ['before', 'own', 'next'])
    expect(sent).toHaveLength(3)
    const eventsOf = ({ events }: typeof one) => events.flatMap((event) => ('event' in event ? [event.event.shared] : []))
    expect(eventsOf(one)).toHaveLength(1)
    expect(eventsOf(one)[0] === eventsOf(two)[0]).toBe(true)
    one.stop.abort()
    expect(shared.open).toBe(true)
    two.stop.abort()
    await vi.waitFor(() => expect([shared.open, hub.feeds]).toEqual([false, 0]), patience)
  })

  it('lose and double nothing where one is ahead of the feed, or behind it', async () => {
    const one = await view('one')
    streamOf('one').push(mark(0))
    const shared = await feed()
    shared.push(mark(0))
    shared.push(line('a'), mark(1), line('b'), mark(2), line('c'), mark(3))
    await shows(one, ['a', 'b', 'c'])
    const [behind, ahead] = [await view('behind'), await view('ahead')]
    streamOf('behind').push(line('a'), mark(1))
    streamOf('ahead').push(line('c'), line('d'), mark(4))
    await shows(behind, ['a', 'b', 'c'])
    shared.push(line('d'), mark(4), line('e'), mark(5))
    for (const [viewer, texts] of [
      [one, ['a', 'b', 'c', 'd', 'e']],
      [behind, ['a', 'b', 'c', 'd', 'e']],
      [ahead, ['c', 'd', 'e']],
    ] as const)
      await shows(viewer, [...texts])
    for (const as of ['behind', 'ahead']) expect(streamOf(as).open).toBe(false)
  })

  it('stay by themselves where the feed is refused, or has another reader, or begins after them', async () => {
    refuse = (as) => (as === 'service' ? new AppError('STREAM_LIMIT', 429, 'Too many.') : null)
    const one = await view('one')
    streamOf('one').push(line('a'), mark(1), line('b'), mark(2))
    await shows(one, ['a', 'b'])
    refuse = () => null
    const two = await view('two')
    streamOf('two').push(line('a'), mark(1, 'b'.repeat(16)))
    const other = await feed()
    other.push(mark(1))
    streamOf('two').push(line('b'), mark(2, 'b'.repeat(16)))
    await shows(two, ['a', 'b'])
    const three = await view('three')
    streamOf('three').push(line('a'), mark(1, 'c'.repeat(16)))
    const late = await feed(1)
    late.push(mark(7, 'c'.repeat(16)))
    streamOf('three').push(line('b'), mark(2, 'c'.repeat(16)), { ended: 'ended' })
    streamOf('three').end()
    await three.done
    expect(three.seen).toEqual(['a', 'b', '{"ended":"ended"}'])
  })

  it('are refused each by itself, before anything is shared', async () => {
    refuse = (as) => (as === 'lowered' ? new AppError('AUTH_FORBIDDEN', 403, 'No.') : null)
    const one = await view('one')
    streamOf('one').push(mark(0))
    ;(await feed()).push(mark(0))
    await expect(view('lowered')).rejects.toMatchObject({ code: 'AUTH_FORBIDDEN' })
    expect(one.seen).toEqual([])
  })

  it('are all told what the feed itself lost, and how it ended', async () => {
    const [one, two] = [await view('one'), await view('two')]
    for (const as of ['one', 'two']) streamOf(as).push(mark(0))
    const shared = await feed()
    shared.push(mark(0))
    await vi.waitFor(() => expect(['one', 'two'].map((as) => streamOf(as).open)).toEqual([false, false]), patience)
    shared.push(line('a'), mark(1), { skipped: 5 }, line('g'), mark(9))
    shared.push({ ended: 'ended' })
    shared.end()
    for (const viewer of [one, two]) {
      await viewer.done
      expect(viewer.seen).toEqual(['a', 'g', '{"ended":"ended"}'])
      expect(viewer.events.flatMap((event) => ('event' in event ? [(event.event.data as { skipped: number }).skipped] : []))).toEqual([
        0, 5,
      ])
    }
    expect(hub.feeds).toBe(0)
  })

  it('fail together when docker-proxy goes away', async () => {
    const one = await view('one')
    streamOf('one').push(mark(0))
    const shared = await feed()
    shared.push(mark(0), line('a'), mark(1))
    await shows(one, ['a'])
    const away = new AppError('DOCKER_PROXY_AWAY', 503, 'Away.')
    shared.end(away)
    await one.done
    expect(one.failure()).toBe(away)
  })

  it('come over only when what they had read before has passed', async () => {
    const place = { ms: Date.parse('2026-03-01T12:00:01.000Z'), count: 1 }
    const one = await view('one', place)
    streamOf('one').push(mark(0), line('old', 0), line('read', 1), line('unread', 1), mark(1))
    await shows(one, ['unread'])
    expect(sent).toHaveLength(1)
    streamOf('one').push(line('new', 2), mark(2))
    ;(await feed()).push(mark(2), line('newer', 3), mark(3))
    await shows(one, ['unread', 'new', 'newer'])
  })
})

import { describe, expect, it } from 'vitest'
import { createEventHub } from './event-hub.ts'

describe('the event hub', () => {
  it('hands every follower each thing that changed, once', async () => {
    const hub = createEventHub()
    const stop = new AbortController()
    const stream = hub.follow(stop.signal)[Symbol.asyncIterator]()
    const first = stream.next()
    hub.publish('service', 'a')
    expect((await first).value).toMatchObject({ topic: 'service', id: 'a' })
    hub.publish('service', 'a')
    hub.publish('service', 'a')
    hub.publish('deployment', 'r')
    expect((await stream.next()).value).toMatchObject({ topic: 'service', id: 'a', version: 3 })
    expect((await stream.next()).value).toMatchObject({ topic: 'deployment' })
    stop.abort()
    expect((await stream.next()).done).toBe(true)
    expect(hub.followers).toBe(0)
  })

  it('merges a backlog into one event a topic', async () => {
    const hub = createEventHub()
    const stop = new AbortController()
    const stream = hub.follow(stop.signal)[Symbol.asyncIterator]()
    const first = stream.next()
    for (let n = 0; n < 5_000; n += 1) hub.publish(n % 2 ? 'container' : 'service', `id-${n}`)
    const seen = [(await first).value]
    hub.publish('audit', 'end')
    for (let event = (await stream.next()).value; event.topic !== 'audit'; event = (await stream.next()).value) seen.push(event)
    expect(seen.length).toBeLessThan(2_100)
    expect(seen.some((event) => event.id === '*')).toBe(true)
    stop.abort()
    await stream.next()
  })
})

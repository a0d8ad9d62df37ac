import { describe, expect, it } from 'vitest'
import { createFanOut } from './fan-out.ts'

type Text = { readonly lines: number; readonly chars: number; readonly name: string }
const block = (name: string, lines = 1): Text => ({ name, lines, chars: lines })
const told = (value: Text | { skipped: number }): string => ('name' in value ? value.name : `skipped ${value.skipped}`)
const bounds = { mostLines: 10, mostChars: 1_000 }

describe('a fan-out', () => {
  let emptied = 0
  const made = () => {
    emptied = 0
    return createFanOut<Text>(() => {
      emptied += 1
    }, bounds)
  }
  const joined = (fan: ReturnType<typeof made>) => {
    const stop = new AbortController()
    const iterator = fan.join(stop.signal)[Symbol.asyncIterator]()
    return { stop, iterator, next: async () => told((await iterator.next()).value) }
  }

  it('gives each viewer everything since it came, in order', async () => {
    const fan = made()
    const first = joined(fan)
    fan.give(block('a'))
    const second = joined(fan)
    fan.give(block('b'))
    expect([await first.next(), await first.next(), await second.next()]).toEqual(['a', 'b', 'b'])
    const waiting = second.next()
    fan.give(block('c'))
    expect(await waiting).toBe('c')
  })

  it('lets the slow lose the oldest, with their number, and the quick nothing', async () => {
    const fan = made()
    const [slow, quick] = [joined(fan), joined(fan)]
    for (let n = 0; n < 30; n += 1) {
      fan.give(block(String(n)))
      expect(await quick.next()).toBe(String(n))
    }
    expect([await slow.next(), await slow.next()]).toEqual(['skipped 20', '20'])
  })

  it('keeps one block however large, so that a viewer always gets on', async () => {
    const fan = made()
    const viewer = joined(fan)
    fan.give(block('small'))
    fan.give(block('huge', 5_000))
    expect([await viewer.next(), await viewer.next()]).toEqual(['skipped 1', 'huge'])
  })

  it('holds up its source only while all are behind', async () => {
    const fan = made()
    expect(fan.room()).toBe(null)
    const [slow, quick] = [joined(fan), joined(fan)]
    fan.give(block('a', 5))
    await quick.next()
    expect(fan.room()).toBe(null)
    fan.give(block('b', 5))
    const room = fan.room()
    expect(room).not.toBe(null)
    await quick.next()
    await room
    expect(await slow.next()).toBe('a')
  })

  it('goes on when whoever held it up leaves, or somebody new comes', async () => {
    for (const way of ['leave', 'join'] as const) {
      const fan = made()
      const [slow, other] = [joined(fan), joined(fan)]
      fan.give(block('a', 9))
      const room = fan.room()
      expect(room).not.toBe(null)
      if (way === 'leave') for (const { stop } of [slow, other]) stop.abort()
      else joined(fan)
      await room
    }
  })

  it('ends each viewer after what it has, and tells one that fails why', async () => {
    const [done, broken] = [made(), made()]
    const [one, two] = [joined(done), joined(broken)]
    for (const fan of [done, broken]) fan.give(block('last'))
    done.close()
    broken.close({ failed: new Error('away') })
    expect([await one.next(), await two.next()]).toEqual(['last', 'last'])
    expect((await one.iterator.next()).done).toBe(true)
    await expect(two.iterator.next()).rejects.toThrow('away')
    expect([done.viewers, broken.viewers]).toEqual([0, 0])
  })

  it('is told once when the last viewer has left, in whichever way', async () => {
    const fan = made()
    const [read, waiting, never] = [joined(fan), joined(fan), joined(fan)]
    const next = waiting.iterator.next()
    fan.give(block('a'))
    await read.next()
    await read.iterator.return?.()
    waiting.stop.abort()
    await next
    expect(emptied).toBe(0)
    never.stop.abort()
    never.stop.abort()
    expect([emptied, fan.viewers]).toEqual([1, 0])
  })
})

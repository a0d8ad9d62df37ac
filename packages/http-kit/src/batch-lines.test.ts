import { describe, expect, it } from 'vitest'
import { batchLines } from './batch-lines.ts'

type Event = { line: string } | { skipped: number } | { ended: string }
const options = {
  lineOf: (event: Event) => ('line' in event ? event.line : null),
  skippedOf: (event: Event) => ('skipped' in event ? event.skipped : 0),
  waitMs: 20,
  most: 3,
}

async function* given(...events: Event[]): AsyncIterable<Event> {
  yield* events
}

describe('batchLines', () => {
  it('keeps order, counts what was skipped, and lets ends through', async () => {
    const source = given({ line: 'a' }, { line: 'b' }, { line: 'c' }, { line: 'd' }, { skipped: 7 }, { ended: 'exit' })
    const batches = await Array.fromAsync(batchLines({ source, ...options }))
    expect(batches).toEqual([
      { items: ['a', 'b', 'c'], skipped: 0, others: [] },
      { items: ['d'], skipped: 7, others: [{ ended: 'exit' }] },
    ])
  })

  it('does not hold a line back for the next one', async () => {
    async function* slow(): AsyncIterable<Event> {
      yield { line: 'first' }
      await new Promise(() => undefined)
    }
    const iterator = batchLines({ source: slow(), ...options })[Symbol.asyncIterator]()
    expect((await iterator.next()).value).toEqual({ items: ['first'], skipped: 0, others: [] })
  })

  it('closes its source when the reader leaves', async () => {
    let closed = false
    async function* endless(): AsyncIterable<Event> {
      try {
        for (;;) yield { line: 'x' }
      } finally {
        closed = true
      }
    }
    for await (const _ of batchLines({ source: endless(), ...options })) break
    expect(closed).toBe(true)
  })
})

import { type Collection, StoreError } from '@console/store/port'
import { openSqliteStore } from '@console/store/sqlite'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { declarations, openCollections, partition } from '../collections.ts'
import type { ThrottleDoc } from '../documents.ts'
import { createThrottleBook, throttleId } from './throttle-book.ts'

const rules = { account: { max: 3, windowMs: 1_000 }, address: { max: 5, windowMs: 100 } }
function newBook() {
  const clock = { ms: 1_000_000 }
  const { throttles } = openCollections(openSqliteStore(':memory:'))
  const blocks: string[] = []
  const book = createThrottleBook({ throttles, rules, now: () => clock.ms, onBlock: ({ id }) => blocks.push(id) })
  return { clock, throttles, book, blocks }
}

describe('a throttle', () => {
  it('lets no more than its number through in any window, whatever the times', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 40 }), async (pauses) => {
        const { clock, book } = newBook()
        const passed: number[] = []
        for (const pause of pauses) {
          clock.ms += pause
          if (await book.take('account', 'a@b.c')) passed.push(clock.ms)
        }
        for (const at of passed) expect(passed.filter((time) => time > at - 1_000 && time <= at).length).toBeLessThanOrEqual(3)
        clock.ms += 1_000
        expect(await book.take('account', 'a@b.c')).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  it('counts attempts made at once one by one', async () => {
    const { book, blocks } = newBook()
    const taken = await Promise.all(Array.from({ length: 20 }, () => book.take('account', 'a@b.c')))
    expect(taken.filter(Boolean)).toHaveLength(3)
    expect(blocks).toEqual([throttleId('account', 'a@b.c')])
  })

  it('counts more at once than it would read and write again for', async () => {
    const { throttles } = openCollections(openSqliteStore(':memory:'))
    const book = createThrottleBook({ throttles, rules: { ...rules, account: { max: 50, windowMs: 1_000 } }, now: () => 5 })
    const taken = await Promise.all(Array.from({ length: 80 }, () => book.take('account', 'a@b.c')))
    expect(taken.filter(Boolean)).toHaveLength(50)
    expect(await book.failuresOf('a@b.c')).toBe(50)
  })

  it('holds one account back and no other', async () => {
    const { book } = newBook()
    for (let n = 0; n < 4; n += 1) await book.take('account', 'a@b.c')
    expect(await book.take('account', 'a@b.c')).toBe(false)
    expect(await book.take('account', 'b@b.c')).toBe(true)
  })

  it('counts a whole /64 as one', async () => {
    const { book } = newBook()
    for (let n = 0; n < 5; n += 1) expect(await book.take('address', `2001:db8::${n}`)).toBe(true)
    expect(await book.take('address', '2001:db8::ffff')).toBe(false)
    expect(await book.take('address', '2001:db8:0:1::1')).toBe(true)
  })

  it('is listed from half of what blocks on, what blocks first, and can be lifted once', async () => {
    const { book, clock } = newBook()
    await book.take('account', 'once@b.c')
    for (let n = 0; n < 2; n += 1) await book.take('account', 'near@b.c')
    for (let n = 0; n < 3; n += 1) await book.take('account', 'a@b.c')
    const [blocked, near, ...rest] = await book.list()
    expect(blocked).toMatchObject({ id: throttleId('account', 'a@b.c'), blocked: true, failures: 3, most: 3, untilMs: clock.ms + 1_000 })
    expect(near).toMatchObject({ id: throttleId('account', 'near@b.c'), blocked: false, failures: 2, untilMs: clock.ms + 1_000 })
    expect(rest).toEqual([])
    expect(await book.failuresOf('a@b.c')).toBe(3)
    expect(await book.lift(blocked?.id ?? '')).toMatchObject({ kind: 'account' })
    expect(await book.lift(blocked?.id ?? '')).toBe(null)
    expect(await book.take('account', 'a@b.c')).toBe(true)
    clock.ms += 1_000
    expect(await book.list()).toEqual([])
  })

  it('keeps no e-mail in the store', async () => {
    const { book, throttles } = newBook()
    await book.take('account', 'ada@example.com')
    const { items } = await throttles.find(partition, { limit: 10 })
    expect(JSON.stringify(items)).not.toContain('@')
    expect(JSON.stringify(items)).not.toContain('example')
  })

  it('goes on in memory as long as the store takes nothing', async () => {
    const away = async (): Promise<never> => {
      throw new StoreError('Throttled', 'too many requests')
    }
    const throttles = {
      ...openSqliteStore(':memory:').collection<ThrottleDoc>(declarations.throttles),
      get: away,
    } as Collection<ThrottleDoc>
    const book = createThrottleBook({ throttles, rules, now: () => 5 })
    const taken = await Promise.all(Array.from({ length: 6 }, () => book.take('account', 'a@b.c')))
    expect(taken.filter(Boolean)).toHaveLength(3)
  })
})

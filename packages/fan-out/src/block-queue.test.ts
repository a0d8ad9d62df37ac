import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Block, createBlockQueue, defaultBounds } from './block-queue.ts'
import { createRecentBlocks } from './recent-blocks.ts'

const { mostLines, mostChars } = defaultBounds
type Numbered = Block & { readonly first: number }
const block = (first: number, lines = 1, chars = lines): Numbered => ({ first, lines, chars })

describe('blocks that wait', () => {
  it('keep five thousand lines, and of one more lose the oldest block', () => {
    const queue = createBlockQueue<Numbered>()
    for (let at = 0; at < mostLines; at += 500) queue.push(block(at, 500))
    expect(queue.takeSkipped()).toBe(0)
    queue.push(block(mostLines))
    expect([queue.takeSkipped(), queue.takeSkipped(), queue.shift()?.first]).toEqual([500, 0, 500])
  })

  it('keep two MiB of text, and forget the size of what left', () => {
    const queue = createBlockQueue<Numbered>()
    for (let round = 0; round < 4; round += 1) queue.push(block(round, 1, mostChars / 4))
    for (let round = 4; round < 12; round += 1) {
      queue.shift()
      queue.push(block(round, 1, mostChars / 4))
    }
    expect(queue.takeSkipped()).toBe(0)
    queue.push(block(12, 1, 1))
    expect(queue.takeSkipped()).toBe(1)
    queue.push(block(13, 1, mostChars + 1))
    expect([queue.takeSkipped(), queue.shift()?.first, queue.shift()]).toEqual([4, 13, undefined])
  })

  it('are behind from half of either on, and no longer when they are read', () => {
    for (const [little, more] of [
      [block(0, mostLines / 2 - 1, 1), block(1, 1, 1)],
      [block(0, 1, mostChars / 2 - 1), block(1, 1, 1)],
    ] as const) {
      const queue = createBlockQueue<Numbered>()
      queue.push(little)
      expect(queue.behind).toBe(false)
      queue.push(more)
      expect(queue.behind).toBe(true)
      queue.shift()
      expect(queue.behind).toBe(false)
    }
  })

  it('are read in order, each once, and what is missing was counted, however reading and writing mix', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(2_500), fc.integer({ min: 1, max: 30 }), fc.nat(400)), { maxLength: 12 }), (rounds) => {
        const queue = createBlockQueue<Numbered>()
        let [written, expected] = [0, 0]
        for (const [writes, size, reads] of rounds) {
          for (let write = 0; write < writes; write += 1, written += size) queue.push(block(written, size))
          expected += queue.takeSkipped()
          for (let read = 0; read < reads; read += 1) {
            const got = queue.shift()
            if (!got) break
            expect(got.first).toBe(expected)
            expected += got.lines
          }
        }
        for (let got = queue.shift(); got; got = queue.shift()) expected += got.lines
        expect(expected).toBe(written)
      }),
      { numRuns: 8, seed: 5 },
    )
  })
})

describe('the newest blocks', () => {
  it('are kept to either bound, at least one, and it is known whether one has gone', () => {
    const recent = createRecentBlocks<Numbered>({ mostLines: 10, mostChars: 100 })
    const firsts = () => recent.all().map(({ first }) => first)
    for (const first of [0, 1]) recent.add(block(first, 5))
    expect([firsts(), recent.lines, recent.whole]).toEqual([[0, 1], 10, true])
    recent.add(block(2, 1))
    expect([firsts(), recent.lines, recent.whole]).toEqual([[1, 2], 6, false])
    recent.add(block(3, 1, 94))
    expect([firsts(), recent.lines]).toEqual([[1, 2, 3], 7])
    recent.add(block(4, 1, 1))
    expect([firsts(), recent.lines]).toEqual([[2, 3, 4], 3])
    recent.add(block(5, 50, 500))
    expect([firsts(), recent.lines]).toEqual([[5], 50])
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLineQueue } from './line-queue.ts'
import type { LogLine } from './log-lines.ts'

const mostLines = 5_000
const mostChars = 2_097_152
const line = (text: string): LogLine => ({ at: '', stream: 'out', text })
const numbered = (count: number, from = 0): LogLine[] => Array.from({ length: count }, (_, at) => line(String(from + at)))

describe('lines that wait', () => {
  it('keep five thousand, and of one more lose a tenth: the oldest', () => {
    const queue = createLineQueue(numbered(mostLines))
    expect([queue.takeSkipped(), queue.last(1)[0]?.text]).toEqual([0, '4999'])
    queue.push(line('5000'))
    expect(queue.takeSkipped()).toBe(501)
    expect(queue.takeSkipped()).toBe(0)
    expect(queue.shift()?.text).toBe('501')
  })

  it('keep two MiB of text, and forget the size of what left', () => {
    const text = 'x'.repeat(mostChars / 4)
    const queue = createLineQueue()
    for (let round = 0; round < 4; round += 1) queue.push(line(text))
    expect(queue.takeSkipped()).toBe(0)
    for (let round = 0; round < 8; round += 1) {
      queue.shift()
      queue.push(line(text))
    }
    expect(queue.takeSkipped()).toBe(0)
    queue.push(line('y'))
    expect([queue.takeSkipped(), queue.last(9).length]).toEqual([1, 4])
    queue.push(line(text.slice(1)))
    expect(queue.takeSkipped()).toBe(0)
    queue.push(line('z'.repeat(mostChars)))
    expect([queue.takeSkipped(), queue.shift()?.text.slice(0, 1), queue.shift()]).toEqual([5, 'z', undefined])
  })

  it('are behind from half of either on, and no longer when they are read', () => {
    const byCount = createLineQueue(numbered(mostLines / 2 - 1))
    expect(byCount.behind).toBe(false)
    byCount.push(line('x'))
    expect(byCount.behind).toBe(true)
    byCount.shift()
    expect(byCount.behind).toBe(false)
    const bySize = createLineQueue([line('x'.repeat(mostChars / 2 - 1))])
    expect(bySize.behind).toBe(false)
    bySize.push(line('x'))
    expect(bySize.behind).toBe(true)
    bySize.shift()
    expect(bySize.behind).toBe(false)
  })

  it('are read in order, each once, and what is missing was counted, however reading and writing mix', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(2_500), fc.nat(2_500)), { maxLength: 12 }), (rounds) => {
        const queue = createLineQueue()
        let written = 0
        let expected = 0
        for (const [writes, reads] of rounds) {
          for (const one of numbered(writes, written)) queue.push(one)
          written += writes
          expected += queue.takeSkipped()
          for (let read = 0; read < reads; read += 1) {
            const got = queue.shift()
            if (!got) break
            expect(got.text).toBe(String(expected))
            expected += 1
          }
        }
        expect(queue.last(mostLines).length).toBe(written - expected)
      }),
      { numRuns: 8, seed: 5 },
    )
  })
})

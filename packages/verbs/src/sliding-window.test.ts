import { rounds } from '@console/testkit/deep'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { createSlidingWindows } from './sliding-window.ts'

const mostKeys = 50_000

describe('sliding windows', () => {
  it('give room for exactly so many in any window, and say how long to wait', () => {
    let at = 0
    const windows = createSlidingWindows(() => at)
    for (let count = 0; count < 3; count += 1) {
      expect(windows.take('a', 3, 1_000)).toBe(0)
      at += 100
    }
    expect(windows.take('a', 3, 1_000)).toBe(700)
    expect(windows.take('b', 3, 1_000)).toBe(0)
    at = 999
    expect(windows.take('a', 3, 1_000)).toBe(1)
    at = 1_000
    expect(windows.take('a', 3, 1_000)).toBe(0)
    expect(windows.take('a', 3, 1_000)).toBe(100)
  })

  it('count what was before, and forget what was given back', () => {
    const windows = createSlidingWindows(() => 10_000)
    windows.restore('a', 400)
    windows.restore('a', 900)
    expect(windows.take('a', 2, 1_000)).toBe(100)
    windows.giveBack('a')
    windows.giveBack('nobody')
    expect(windows.take('a', 2, 1_000)).toBe(0)
  })

  it('are forgotten when nothing is in them, once there are very many keys, and no other', () => {
    let at = 1_000_000
    const windows = createSlidingWindows(() => at)
    windows.take('kept', 1, 10_000)
    windows.take('gone', 1, 10)
    windows.restore('before', 5)
    at += 10
    for (let key = 0; key < mostKeys; key += 1) windows.take(`key ${key}`, 1, 10_000)
    at += 9_980
    expect([windows.take('kept', 1, 10_000), windows.take('gone', 1, 10), windows.take('before', 1, 10_000)]).toEqual([10, 0, 5])
    expect(windows.take('key 5', 1, 10_000)).toBe(20)
  })

  it('give back only what is in the window now', () => {
    let at = 0
    const windows = createSlidingWindows(() => at)
    windows.take('a', 2, 100)
    at = 100
    windows.take('a', 2, 100)
    at = 300
    expect(windows.take('a', 1, 100)).toBe(0)
    windows.giveBack('a')
    windows.giveBack('a')
    windows.giveBack('a')
    expect([windows.take('a', 1, 100), windows.take('a', 1, 100)]).toEqual([0, 100])
    windows.restore('a', 99)
    expect(windows.take('a', 2, 100)).toBe(1)
  })

  it('forget quiet keys a few at a time, so that nobody pays for all of them', () => {
    let at = 0
    const windows = createSlidingWindows(() => at)
    const removals = vi.spyOn(Map.prototype, 'delete')
    const removedBy = (key: string): number => {
      const before = removals.mock.calls.length
      windows.take(key, 1, 10)
      return removals.mock.calls.length - before
    }
    try {
      for (let key = 0; key <= mostKeys; key += 1) windows.take(`quiet ${key}`, 1, 10)
      at = 10
      const removed = Array.from({ length: mostKeys / 10 }, (_, index) => removedBy(`new ${index}`))
      expect(Math.max(...removed)).toBeLessThanOrEqual(16)
      expect(removed.reduce((sum, one) => sum + one, 0)).toBeGreaterThanOrEqual(mostKeys / 10)
      // Back under the bound nothing is looked at any more.
      expect(removed.at(-1)).toBeLessThanOrEqual(1)
    } finally {
      removals.mockRestore()
    }
  })

  it('agree with a plain list of times, whatever is taken, given back and restored in whichever order', () => {
    const step = fc.record({ what: fc.constantFrom('take', 'take', 'take', 'give', 'restore'), pass: fc.nat(300), ago: fc.nat(700) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 1, max: 9 }), (steps, max) => {
        let at = 1_000
        let times: number[] = []
        const windows = createSlidingWindows(() => at)
        for (const { what, pass, ago } of steps) {
          at += pass
          if (what === 'restore') {
            windows.restore('a', ago)
            times = [...times, at - ago].sort((a, b) => a - b)
          } else if (what === 'give') {
            windows.take('a', 0, 500)
            windows.giveBack('a')
            times = times.filter((time) => time > at - 500).slice(0, -1)
          } else {
            times = times.filter((time) => time > at - 500)
            const wait = windows.take('a', max, 500)
            expect(wait).toBe(times.length < max ? 0 : Math.max(1, (times[times.length - max] ?? 0) + 500 - at))
            if (wait === 0) times.push(at)
          }
        }
      }),
      { numRuns: rounds({ test: 300, deep: 50_000 }), seed: 6 },
    )
  })

  it('agree with counting every time anew', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { maxLength: 3_000 }), fc.integer({ min: 1, max: 60 }), (steps, max) => {
        let at = 0
        const windows = createSlidingWindows(() => at)
        const taken: number[] = []
        for (const step of steps) {
          at += step
          const recent = taken.filter((time) => time > at - 500)
          const wait = windows.take('a', max, 500)
          expect(wait === 0).toBe(recent.length < max)
          if (wait === 0) taken.push(at)
        }
      }),
      { numRuns: 50, seed: 1 },
    )
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSlidingWindows } from './sliding-window.ts'

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

import { rounds } from '@console/testkit/deep'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { createSlidingWindows } from './sliding-window.ts'

/** What was forgotten in the meantime, in this order. */
function forgottenIn(run: () => void): unknown[] {
  const removals = vi.spyOn(Map.prototype, 'delete')
  try {
    run()
    return removals.mock.calls.map(([key]) => key)
  } finally {
    removals.mockRestore()
  }
}

/** Which long lists of times were cut in the meantime: their length, and where. */
function cutsIn(run: () => void): unknown[] {
  const cuts = vi.spyOn(Array.prototype, 'slice')
  try {
    run()
    const { calls, contexts } = cuts.mock
    return calls.map(([from], at) => [(contexts[at] as unknown[]).length, from]).filter(([length = 0]) => length > 1_000)
  } finally {
    cuts.mockRestore()
  }
}

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

  it('are forgotten when nothing is in them, once there are more keys than so many, and no other', () => {
    let at = 1_000_000
    const windows = createSlidingWindows(() => at, 3)
    windows.take('kept', 1, 10_000)
    windows.take('gone', 1, 10)
    windows.restore('before', 5)
    at += 10
    expect(forgottenIn(() => windows.take('fourth', 1, 10_000))).toEqual([])
    expect(forgottenIn(() => windows.take('fifth', 1, 10_000))).toEqual(['gone'])
    at += 9_980
    expect([windows.take('kept', 1, 10_000), windows.take('gone', 1, 10), windows.take('before', 1, 10_000)]).toEqual([10, 0, 5])
    expect(windows.take('fifth', 1, 10_000)).toBe(20)
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
    const windows = createSlidingWindows(() => at, 100)
    for (let key = 0; key <= 100; key += 1) windows.take(`quiet ${key}`, 1, 10)
    at = 10
    const first = Array.from({ length: 16 }, (_, key) => `quiet ${key}`)
    expect(forgottenIn(() => windows.take('new', 1, 10))).toEqual(first)
    // Back under the bound nothing is looked at any more.
    expect(forgottenIn(() => windows.take('newer', 1, 10))).toEqual([])
  })

  it('look for quiet keys again and again, past those that stay', () => {
    let at = 0
    const windows = createSlidingWindows(() => at, 10)
    for (let key = 0; key < 8; key += 1) windows.take(`lasting ${key}`, 1, 1_000_000)
    let held = 8
    for (let key = 0; key < 200; key += 1) {
      at += 10
      held += 1 - forgottenIn(() => windows.take(`quick ${key}`, 1, 10)).length
      expect(held).toBeLessThanOrEqual(11)
    }
    expect(windows.take('lasting 0', 1, 1_000_000)).toBe(998_000)
  })

  it('hold no time for long that has left, and copy the others seldom', () => {
    let at = 0
    const windows = createSlidingWindows(() => at)
    const takeAt = (time: number, key: string, count: number) => {
      at = time
      for (let one = 0; one < count; one += 1) windows.take(key, 5_000, 10)
    }
    const byTimes = (key: string, ...counts: number[]) =>
      cutsIn(() => {
        for (const [index, count] of counts.entries()) takeAt(index * 5, key, count)
      })
    expect(byTimes('half of them left', 1_024, 1_024, 1)).toEqual([[2_048, 1_024]])
    expect(windows.take('half of them left', 1_025, 10)).toBe(5)
    expect(byTimes('less than half left', 1_024, 1_025, 1)).toEqual([])
    expect(byTimes('all left, of few', 1_023, 0, 1, 0, 1)).toEqual([[1_024, 1_024]])
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

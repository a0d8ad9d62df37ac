import { stepSeconds } from '@console/contracts/apm/schemas'
import { describe, expect, it } from 'vitest'
import { quantileMs, ratesOf, since, summed, together } from './sum-figures.ts'

const steps = (...counts: [number, number][]) => {
  const all = [...stepSeconds.map(() => 0), 0]
  for (const [at, count] of counts) all[at] = count
  return all
}
const figures = (action: string, done: number, over = {}) => ({ action, done, refused: 0, failed: 0, steps: steps([3, done]), ...over })

describe('figures of actions', () => {
  it('tells quantiles within the step that holds them', () => {
    // A hundred between 5 and 10 ms: the median stands in the middle.
    expect(quantileMs(steps([3, 100]), 0.5)).toBe(7.5)
    expect(quantileMs(steps([3, 100]), 0.99)).toBe(9.95)
    // Ninety below one millisecond and ten below a second: only the last ones decide.
    expect(quantileMs(steps([0, 90], [9, 10]), 0.5)).toBe(0.5556)
    expect(quantileMs(steps([0, 90], [9, 10]), 0.95)).toBe(750)
    expect(quantileMs(steps([0, 1]), 0.99)).toBe(0.99)
  })

  it('tells the last bound of what took longer, and nothing of nothing', () => {
    expect(quantileMs(steps([stepSeconds.length, 3]), 0.5)).toBe(10_000)
    expect(quantileMs(steps(), 0.5)).toBeNull()
  })

  it('is never off by more than the step of the true value', () => {
    const times = Array.from({ length: 1_000 }, (_, at) => 0.0004 * 1.01 ** at)
    const counted = steps()
    for (const time of times) {
      const at = stepSeconds.findIndex((most) => time <= most)
      const place = at < 0 ? stepSeconds.length : at
      counted[place] = (counted[place] ?? 0) + 1
    }
    for (const share of [0.1, 0.5, 0.9]) {
      const exact = times[Math.ceil(share * times.length) - 1] ?? 0
      const at = stepSeconds.findIndex((most) => exact <= most)
      const told = (quantileMs(counted, share) ?? 0) / 1_000
      expect(told).toBeGreaterThanOrEqual(stepSeconds[at - 1] ?? 0)
      expect(told).toBeLessThanOrEqual(stepSeconds[at] ?? 0)
    }
  })

  it('tells what came since, and what was never seen before as a whole', () => {
    const before = [figures('a', 3), figures('b', 2)]
    expect(since(before, [figures('a', 5, { failed: 1 }), figures('b', 2), figures('c', 1)])).toEqual([
      { ...figures('a', 2), failed: 1, steps: steps([3, 2]) },
      figures('c', 1),
    ])
    expect(since(null, before)).toEqual(before)
  })

  it('sums by action, and all together', () => {
    expect(summed([figures('a', 3), figures('b', 1), figures('a', 2, { refused: 4 })])).toEqual([
      { ...figures('a', 5), refused: 4 },
      figures('b', 1),
    ])
    const { requests, perMinute, refused, failed } = ratesOf(together([figures('a', 3, { refused: 2, failed: 1 }), figures('b', 4)]), 120)
    expect([requests, perMinute, refused, failed]).toEqual([10, 5, 2, 1])
    expect(ratesOf(together([]), 0)).toMatchObject({ requests: 0, perMinute: 0, p50Ms: null })
  })
})

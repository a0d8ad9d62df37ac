import { expect, it } from 'vitest'
import { watchProcess } from './process-figures.ts'

it('tells what this process uses, and the lag of a whole span, which a second reader does not cut short', () => {
  let clock = 0
  let count = 10
  let resets = 0
  const figures = watchProcess({
    monotonic: () => clock,
    lag: {
      enable: () => true,
      reset: () => {
        resets += 1
      },
      percentile: (share) => (share === 50 ? 50.5e6 : 61e6),
      get count() {
        return count
      },
      max: 85.25e6,
    },
  })
  const first = figures()
  expect(first.process.lagMs).toBeNull()
  expect([first.startedAtMs > 0, first.process.memoryBytes > 1e6, first.process.heapBytes > 1e5, first.process.cpuSec > 0]).toEqual(
    Array(4).fill(true),
  )
  clock = 9_000
  expect(figures().process.lagMs).toEqual({ p50: 0.5, p99: 11, max: 35.25 })
  clock = 12_000
  expect([figures().process.lagMs?.max, resets]).toEqual([35.25, 1])
  clock = 30_000
  count = 0
  figures()
  expect(resets).toBe(1)
})

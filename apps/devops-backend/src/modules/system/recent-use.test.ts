import { Metrics, RecentUse } from '@console/contracts/system/schemas'
import { describe, expect, it } from 'vitest'
import { aReading } from './reading.fake.ts'
import { keepRecentUse } from './recent-use.ts'

const start = Date.parse('2026-03-01T10:00:00Z')
const metricsAt = (ms: number, cores: Readonly<Record<string, number | null>>): Metrics => {
  const { at: _, atMs: __, ...rest } = aReading()
  const none = { memoryBytes: 1, memoryLimitBytes: null, readPerSec: null, writtenPerSec: null }
  const items = Object.entries(cores).map(([id, value]) => ({ id, name: id, cores: value, ...none }))
  return Metrics.parse({
    ...rest,
    asOf: new Date(ms).toISOString(),
    freshness: 'live',
    trouble: null,
    everySec: 10,
    cpu: { unknown: 'no' },
    network: { unknown: 'no' },
    containers: { version: 2, items, left: 0 },
  })
}

describe('the last minutes of containers', () => {
  it('are sixty steps, with a gap where nothing was measured, and forget what is older', () => {
    let clock = start
    const recent = keepRecentUse({ everySec: 10, now: () => clock })
    expect(recent.read().items).toEqual([])
    for (const [step, cores] of [
      [0, { api: 0.123456 }],
      [1, { api: 0.2, cache: null }],
      [3, { api: 0.4, cache: 1 }],
    ] as const) {
      clock = start + step * 10_000 + 3_000
      recent.keep(metricsAt(clock, cores))
    }
    const { stepSec, items } = RecentUse.parse(recent.read())
    expect([stepSec, items.map(({ id, cores }) => [id, cores.length])]).toEqual([
      10,
      [
        ['api', 60],
        ['cache', 60],
      ],
    ])
    expect(items[0]?.cores.slice(-4)).toEqual([0.1235, 0.2, null, 0.4])
    expect(items[1]?.cores.slice(-4)).toEqual([null, null, null, 1])
    // The step that runs is no gap before it is measured; one that is over is.
    clock = start + 40_000
    expect(recent.read().items[0]?.cores.at(-1)).toBe(0.4)
    clock = start + 50_000
    expect(recent.read().items[0]?.cores.at(-1)).toBeNull()
    clock = start + 700_000
    expect(recent.read().items).toEqual([])
  })

  it('hold no more than ten minutes however long they are kept', () => {
    let clock = start
    const recent = keepRecentUse({ everySec: 10, now: () => clock })
    for (let step = 0; step < 500; step += 1, clock += 10_000) recent.keep(metricsAt(clock, { [`made-at-${step}`]: 1 }))
    clock -= 10_000
    expect(recent.read().items).toHaveLength(60)
  })
})

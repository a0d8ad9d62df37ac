import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MetricHistory, Metrics } from '@console/contracts/system/schemas'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type MetricKeeper, openMetricKeeper } from './metric-history.ts'
import { aReading } from './reading.fake.ts'

const start = Date.parse('2026-03-01T00:00:00Z')
const gib = 2 ** 30

describe('the history of metrics', () => {
  let dir: string
  let clock = start
  let keeper: MetricKeeper
  const metricsAt = (change: object = {}): Metrics => {
    const { at: _, atMs: __, ...rest } = aReading()
    return Metrics.parse({
      ...rest,
      asOf: new Date(clock).toISOString(),
      freshness: 'live',
      trouble: null,
      everySec: 10,
      cpu: { cores: 2, busy: 30, user: 20, system: 10, iowait: 0, steal: 0 },
      memory: { totalBytes: 8 * gib, availableBytes: 6 * gib, usedBytes: 2 * gib, cacheBytes: gib, swapTotalBytes: 0, swapUsedBytes: 0 },
      disks: {
        items: [
          { mount: '/', type: 'ext4', totalBytes: 100, usedBytes: 30, availableBytes: 60, inodes: 10, inodesUsed: 1 },
          { unknown: '/data: EIO' },
        ],
        left: 0,
      },
      network: { items: [], left: 0, receivedPerSec: 1_000, sentPerSec: null },
      containers: { version: 2, items: [], left: 0 },
      ...change,
    })
  }
  const container = (name: string, cores: number, memoryBytes: number) => ({
    id: name,
    name,
    cores,
    memoryBytes,
    memoryLimitBytes: null,
    readPerSec: 1,
    writtenPerSec: null,
  })
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'metric-history-'))
    clock = start
    keeper = openMetricKeeper({ dir, days: () => 90, now: () => clock })
  })
  afterEach(() => {
    keeper.close()
    rmSync(dir, { recursive: true, force: true })
  })

  it('answers each range in a few hundred steps, and nothing where nothing was measured', async () => {
    for (const [range, steps] of [
      ['1h', 360],
      ['6h', 360],
      ['24h', 288],
      ['7d', 336],
      ['30d', 360],
      ['90d', 360],
    ] as const) {
      const history = MetricHistory.parse(await keeper.read({ range, series: 'cpu' }))
      expect(history.at).toHaveLength(steps)
      expect(history.at.at(-1)).toBe(Math.floor(clock / 1_000 / history.stepSec) * history.stepSec)
      expect(history).toMatchObject({ lines: [], total: 0 })
    }
  })

  it('keeps each series of the host, and a gap where it was not known', async () => {
    keeper.keep(metricsAt())
    clock += 10_000
    keeper.keep(metricsAt({ cpu: { unknown: 'gone' }, memory: { unknown: 'gone' } }))
    const newest = async (series: 'cpu' | 'memory' | 'disk' | 'network' | 'load' | 'pressure') =>
      (await keeper.read({ range: '1h', series })).lines.map(({ name, mean }) => [name, ...mean.slice(-2)])
    expect(await newest('cpu')).toEqual([
      ['steal', 0, null],
      ['system', 10, null],
      ['user', 20, null],
      ['waiting', 0, null],
    ])
    expect(await newest('memory')).toEqual(
      [
        ['cache', gib, null],
        ['used', 2 * gib, null],
      ].map(([name, value, none]) => [name, Number((value as number).toPrecision(5)), none]),
    )
    expect(await newest('disk')).toEqual([['/', 33.333, 33.333]])
    expect(await newest('network')).toEqual([['in', 1_000, 1_000]])
    expect((await newest('load')).map(([name]) => name)).toEqual(['1 min', '15 min', '5 min'])
    expect(await newest('pressure')).toEqual([['cpu', 0, 0]])
  })

  it('tells of many containers those that used most, and of one all', async () => {
    const items = Array.from({ length: 40 }, (_, n) => container(`c${n}`, n / 10, (40 - n) * 1e6))
    for (let n = 0; n < 12; n += 1, clock += 10_000) keeper.keep(metricsAt({ containers: { version: 2, items, left: 0 } }))
    const many = MetricHistory.parse(await keeper.read({ range: '1h', series: 'containers' }))
    expect([many.total, many.lines.length, many.at.length]).toEqual([40, 40, 60])
    expect(new Set(many.lines.map(({ name }) => name))).toEqual(
      new Set([...items.slice(0, 10), ...items.slice(-10)].map(({ name }) => name)),
    )
    const single = await keeper.read({ range: '1h', series: 'containers', container: 'c7' })
    expect(single.lines.map(({ what, mean }) => [what, mean.at(-2)])).toEqual([
      ['cores', 0.7],
      ['memory', 33e6],
      ['read', 1],
      ['written', null],
    ])
    expect((await keeper.read({ range: '1h', series: 'containers', container: 'nobody' })).lines).toEqual([])
  })

  it('goes on over a restart, and tells means of what was finer', async () => {
    for (let n = 0; n < 60; n += 1, clock += 10_000)
      keeper.keep(metricsAt({ network: { items: [], left: 0, receivedPerSec: n, sentPerSec: 0 } }))
    keeper.close()
    keeper = openMetricKeeper({ dir, days: () => 90, now: () => clock })
    const { lines } = await keeper.read({ range: '7d', series: 'network' })
    const inward = lines.find(({ name }) => name === 'in')
    expect([inward?.mean.at(-1), inward?.max.at(-1)]).toEqual([29.5, 59])
  })
})

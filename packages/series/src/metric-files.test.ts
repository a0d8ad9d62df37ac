import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { reportFigure, rounds } from '@console/testkit/deep'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Row } from './frame-writer.ts'
import { type MetricFiles, openMetricFiles, type Tier } from './metric-files.ts'

const dayMs = 86_400_000
const start = Date.parse('2026-03-01T00:00:00Z')
const bytesBelow = (dir: string): number =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' }).reduce(
    (sum, name) => sum + (/\.frames$/.test(name) ? statSync(join(dir, name)).size : 0),
    0,
  )

describe('files of metrics', () => {
  let dir: string
  let clock = start
  let coarseDays = 90
  const opened: MetricFiles[] = []
  const tiers: readonly [Tier, ...Tier[]] = [
    { name: '10s', stepMs: 10_000, days: () => 1 },
    { name: '1m', stepMs: 60_000, days: () => 14 },
    { name: '10m', stepMs: 600_000, days: () => coarseDays },
  ]
  const open = (columns = 2, mostBytes = 1e9): MetricFiles => {
    const one = openMetricFiles({ dir, tiers, columns, mostBytes, now: () => clock })
    opened.push(one)
    return one
  }
  /** A moment each ten seconds; the first column counts up, the second stands. */
  const fill = (files: MetricFiles, count: number, rowsAt: (n: number) => Row[] = (n) => [{ name: 'a', values: [n, 5] }]): void => {
    for (let n = 0; n < count; n += 1, clock += 10_000) files.append(clock, rowsAt(n))
  }
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'metric-files-'))
    clock = start
    coarseDays = 90
  })
  afterEach(() => {
    for (const one of opened.splice(0)) one.close()
    rmSync(dir, { recursive: true, force: true })
  })

  it('answer what was measured, moment by moment, and leave gaps where nothing was', async () => {
    const files = open()
    fill(files, 3)
    clock += 20_000
    files.append(clock, [{ name: 'a', values: [9, Number.NaN] }])
    const { lines } = await files.read({ fromMs: start, stepMs: 10_000, buckets: 6 })
    expect(lines.map(({ name }) => name)).toEqual(['a'])
    expect([...(lines[0]?.mean ?? [])]).toEqual([0, 5, 1, 5, 2, 5, Number.NaN, Number.NaN, Number.NaN, Number.NaN, 9, Number.NaN])
  })

  it('hold means and maxima in coarser tiers, those that are not yet written included', async () => {
    const files = open()
    fill(files, 63)
    const { lines } = await files.read({ fromMs: start, stepMs: 600_000, buckets: 2 })
    expect([...(lines[0]?.mean ?? [])]).toEqual([29.5, 5, 61, 5])
    expect([...(lines[0]?.max ?? [])]).toEqual([59, 5, 62, 5])
    const minutes = await files.read({ fromMs: start, stepMs: 120_000, buckets: 1 })
    expect([...(minutes.lines[0]?.mean ?? [])]).toEqual([5.5, 5])
  })

  it('answer only the names that are asked for', async () => {
    const files = open(1)
    fill(files, 2, (n) => ['a', 'b', 'c'].map((name, at) => ({ name, values: [n + at] })))
    const { lines } = await files.read({ fromMs: start, stepMs: 10_000, buckets: 2, wants: (name) => name === 'b' })
    expect(lines.map(({ name, mean }) => [name, ...mean])).toEqual([['b', 1, 2]])
  })

  it('lose nothing when they are opened again, whenever the process was killed', async () => {
    // Neither closed nor told: as after a kill in the middle of a minute and of ten.
    fill(open(), 45)
    const again = open()
    fill(again, 30, (n) => [
      { name: 'b', values: [1, 1] },
      { name: 'a', values: [45 + n, 5] },
    ])
    const whole = await again.read({ fromMs: start, stepMs: 600_000, buckets: 2 })
    const a = whole.lines.find(({ name }) => name === 'a')
    expect([...(a?.mean ?? [])]).toEqual([29.5, 5, 67, 5])
    const fine = await again.read({ fromMs: start, stepMs: 10_000, buckets: 75, wants: (name) => name === 'a' })
    expect([...(fine.lines[0]?.mean ?? [])].filter((_, at) => at % 2 === 0)).toEqual(Array.from({ length: 75 }, (_, n) => n))
  })

  it('pass over a torn end, wherever it was torn, and go on behind what is whole', async () => {
    fill(open(), 4)
    const file = join(dir, '10s/2026-03-01.frames')
    const whole = readFileSync(file)
    for (let cut = 1; cut < 30; cut += 1) {
      rmSync(file)
      appendFileSync(file, whole)
      truncateSync(file, whole.length - cut)
      const files = openMetricFiles({ dir, tiers, columns: 2, mostBytes: 1e9, now: () => clock })
      files.append(clock, [{ name: 'a', values: [7, 5] }])
      const { lines } = await files.read({ fromMs: start, stepMs: 10_000, buckets: 5 })
      const kept = [...(lines[0]?.mean ?? [])].filter((_, at) => at % 2 === 0)
      expect(kept.slice(0, 2)).toEqual([0, 1])
      expect(kept[4]).toBe(7)
      files.close()
    }
  })

  it('go when their tier’s days are over, or the oldest when all are over the cap', async () => {
    const files = open()
    for (let day = 0; day < 4; day += 1, clock += dayMs - 200_000) fill(files, 20)
    expect(existsSync(join(dir, '10s/2026-03-01.frames'))).toBe(true)
    expect(files.trim()).toBeGreaterThan(0)
    expect(readdirSync(join(dir, '10s')).every((name) => name >= '2026-03-04')).toBe(true)
    expect(readdirSync(join(dir, '1m'))).toHaveLength(4)
    coarseDays = 1
    files.trim()
    expect(readdirSync(join(dir, '10m')).every((name) => name >= '2026-03-04')).toBe(true)
    const tight = open(2, 1)
    tight.trim()
    expect(bytesBelow(dir)).toBeLessThan(2_000)
  })

  it('stay under 200 MB with 100 containers over 90 days, and any chart of them comes in time', async () => {
    const containers = Array.from({ length: 100 }, (_, n) => `shop-worker-${n}`)
    const columns = 4
    const files = open(columns, 200e6)
    const days = rounds({ test: 3, deep: 90 * 24 }) / 24
    const moments = Math.round((days * dayMs) / 10_000)
    for (let n = 0; n < moments; n += 1, clock += 10_000) {
      files.append(
        clock,
        containers.map((name, at) => ({ name, values: [at / 100 + (n % 7), 1e8 + at * 1e6 + n, 10, 20] })),
      )
      if (n % 8_640 === 0) files.trim()
    }
    files.trim()
    // As if each day had been written: what is kept of a tier is bounded by its days.
    const kept = tiers.reduce((sum, { name, days: most }) => {
      const perDay = bytesBelow(join(dir, name)) / Math.min(days, most() + 1)
      return sum + perDay * Math.min(91, most() + 1)
    }, 0)
    reportFigure('metrics: MB kept of 100 containers over 90 days', kept / 1e6)
    expect(kept).toBeLessThan(200e6)
    for (const [range, stepMs] of [
      [3_600_000, 10_000],
      [86_400_000, 300_000],
      [90 * dayMs, 21_600_000],
    ] as const) {
      const buckets = range / stepMs
      const begun = performance.now()
      const { lines } = await files.read({ fromMs: Math.floor((clock - range) / stepMs) * stepMs + stepMs, stepMs, buckets })
      reportFigure(`metrics: ms for ${range / 3_600_000} h of 100 containers`, performance.now() - begun)
      expect(lines).toHaveLength(100)
    }
  }, 600_000)
})

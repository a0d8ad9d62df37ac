import { join } from 'node:path'
import type { MetricHistory, MetricRange, MetricSeries, Metrics } from '@console/contracts/system/schemas'
import type { Row } from '@console/series/frame-writer'
import { type MetricFiles, openMetricFiles, type Tier } from '@console/series/metric-files'
import type { Grid } from '@console/series/metric-grid'

/** What was measured, kept and read again. */
export type MetricKeeper = {
  keep(metrics: Metrics): void
  /** How long the console's own APIs took, in milliseconds: one value a name. */
  keepLatency(atMs: number, values: Readonly<Record<string, number | null>>): void
  read(wish: {
    readonly range: MetricRange
    readonly series: MetricSeries
    readonly container?: string | undefined
  }): Promise<MetricHistory>
  close(): void
}

const ranges: Readonly<Record<MetricRange, { readonly spanSec: number; readonly stepSec: number }>> = {
  '1h': { spanSec: 3_600, stepSec: 10 },
  '6h': { spanSec: 21_600, stepSec: 60 },
  '24h': { spanSec: 86_400, stepSec: 300 },
  '7d': { spanSec: 604_800, stepSec: 1_800 },
  '30d': { spanSec: 2_592_000, stepSec: 7_200 },
  '90d': { spanSec: 7_776_000, stepSec: 21_600 },
}
/** Of many containers a coarse line each is enough. */
const coarserForMany = 6
const mostListed = 10
const hostBytes = 64 * 1_048_576
const consoleBytes = 32 * 1_048_576
const containerBytes = 200 * 1_000_000
const trimEvery = 360
const containerColumns = ['cores', 'memory', 'read', 'written'] as const

/**
 * As measured for a day, by the minute for two weeks, by ten minutes for as long as the setting says. Of the host one value a name; of a
 * container four, under its name, so that its history goes on when it is made anew.
 */
export function openMetricKeeper({
  dir,
  days,
  now,
}: {
  readonly dir: string
  readonly days: () => number
  readonly now: () => number
}): MetricKeeper {
  const tiers: [Tier, ...Tier[]] = [
    { name: '10s', stepMs: 10_000, days: () => 1 },
    { name: '1m', stepMs: 60_000, days: () => Math.min(14, days()) },
    { name: '10m', stepMs: 600_000, days },
  ]
  const host = openMetricFiles({ dir: join(dir, 'host'), tiers, columns: 1, mostBytes: hostBytes, now })
  const containers = openMetricFiles({
    dir: join(dir, 'containers'),
    tiers,
    columns: containerColumns.length,
    mostBytes: containerBytes,
    now,
  })
  // Measured at moments of their own, which would come between those of the host.
  const latency = openMetricFiles({ dir: join(dir, 'console'), tiers, columns: 1, mostBytes: consoleBytes, now })
  let kept = 0
  return {
    keep(metrics) {
      const atMs = Date.parse(metrics.asOf)
      if (kept % trimEvery === 0) for (const files of [host, containers, latency]) files.trim()
      kept += 1
      host.append(atMs, hostRows(metrics))
      const rows = containerRows(metrics)
      if (rows.length > 0) containers.append(atMs, rows)
    },
    keepLatency(atMs, values) {
      latency.append(
        atMs,
        Object.entries(values).map(([name, value]) => one(`console ${name}`, value)),
      )
    },
    async read({ range, series, container }) {
      const { spanSec, stepSec } = ranges[range]
      if (series !== 'containers') {
        const grid = await readBack(series === 'console' ? latency : host, {
          spanSec,
          stepSec,
          now: now(),
          wants: (name) => name.startsWith(`${series} `),
        })
        return historyOf(
          range,
          grid,
          linesOf(grid, (name) => name.slice(series.length + 1), ['value']),
        )
      }
      const step = container === undefined ? stepSec * coarserForMany : stepSec
      const wants = container === undefined ? undefined : (name: string) => name === container
      const grid = await readBack(containers, { spanSec, stepSec: step, now: now(), ...(wants && { wants }) })
      const lines = linesOf(grid, (name) => name, containerColumns)
      return historyOf(range, grid, container === undefined ? thoseThatUseMost(lines) : lines)
    },
    close() {
      host.close()
      containers.close()
      latency.close()
    },
  }
}

const one = (name: string, value: number | null | undefined): Row => ({ name, values: [value ?? Number.NaN] })

function hostRows({ cpu, memory, disks, network, load, pressure, temperatures }: Metrics): Row[] {
  const rows: Row[] = []
  if (!('unknown' in cpu))
    rows.push(one('cpu user', cpu.user), one('cpu system', cpu.system), one('cpu waiting', cpu.iowait), one('cpu steal', cpu.steal))
  if (!('unknown' in memory)) {
    rows.push(one('memory used', memory.usedBytes), one('memory cache', memory.cacheBytes))
    if (memory.swapTotalBytes > 0) rows.push(one('memory swap', memory.swapUsedBytes))
  }
  for (const disk of 'unknown' in disks ? [] : disks.items)
    if (!('unknown' in disk))
      rows.push(one(`disk ${disk.mount}`, (disk.usedBytes / Math.max(1, disk.usedBytes + disk.availableBytes)) * 100))
  if (!('unknown' in network)) rows.push(one('network in', network.receivedPerSec), one('network out', network.sentPerSec))
  if (!('unknown' in load)) rows.push(one('load 1 min', load.one), one('load 5 min', load.five), one('load 15 min', load.fifteen))
  for (const what of ['cpu', 'memory', 'io'] as const) {
    const { [what]: stalled } = pressure
    if (!('unknown' in stalled)) rows.push(one(`pressure ${what}`, stalled.some.avg10))
  }
  for (const { name, celsius } of 'unknown' in temperatures ? [] : temperatures.items) rows.push(one(`temperature ${name}`, celsius))
  return rows
}

function containerRows({ containers }: Metrics): Row[] {
  if ('unknown' in containers) return []
  return containers.items.map(({ name, cores, memoryBytes, readPerSec, writtenPerSec }) => ({
    name,
    values: [cores, memoryBytes, readPerSec, writtenPerSec].map((value) => value ?? Number.NaN),
  }))
}

type Back = { readonly spanSec: number; readonly stepSec: number; readonly now: number; readonly wants?: (name: string) => boolean }

function readBack(files: MetricFiles, { spanSec, stepSec, now, wants }: Back): Promise<Grid> {
  const stepMs = stepSec * 1_000
  const buckets = Math.floor(spanSec / stepSec)
  const fromMs = (Math.floor(now / stepMs) + 1 - buckets) * stepMs
  return files.read({ fromMs, stepMs, buckets, ...(wants && { wants }) })
}

type Line = MetricHistory['lines'][number]

function linesOf(grid: Grid, nameOf: (name: string) => string, columns: readonly Line['what'][]): Line[] {
  const rounded = (values: Float64Array, column: number): (number | null)[] =>
    Array.from({ length: grid.buckets }, (_, bucket) => {
      const value = values[bucket * columns.length + column] ?? Number.NaN
      // Five digits are what a chart can show, and what 32 bits hold for sure.
      return Number.isNaN(value) ? null : Number(value.toPrecision(5))
    })
  return grid.lines
    .flatMap(({ name, mean, max }) =>
      columns.map((what, column) => ({ name: nameOf(name), what, mean: rounded(mean, column), max: rounded(max, column) })),
    )
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}

/** CPU and memory of the containers that used most of either, over the range. */
function thoseThatUseMost(lines: readonly Line[]): Line[] {
  const meanOf = ({ mean }: Line): number => {
    const known = mean.filter((value) => value !== null)
    return known.length === 0 ? 0 : known.reduce((sum, value) => sum + value, 0) / mean.length
  }
  const most = (wanted: Line['what']): string[] =>
    lines
      .filter(({ what }) => what === wanted)
      .map((line) => [line.name, meanOf(line)] as const)
      .sort((a, b) => b[1] - a[1])
      .slice(0, mostListed)
      .map(([name]) => name)
  const shown = new Set([...most('cores'), ...most('memory')])
  return lines.filter(({ name, what }) => shown.has(name) && (what === 'cores' || what === 'memory'))
}

function historyOf(range: MetricRange, { fromMs, stepMs, buckets, lines: all }: Grid, lines: Line[]): MetricHistory {
  return {
    range,
    stepSec: stepMs / 1_000,
    at: Array.from({ length: buckets }, (_, bucket) => (fromMs + bucket * stepMs) / 1_000),
    lines,
    total: all.length,
  }
}

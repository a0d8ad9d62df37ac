import type { ResultOf } from '@console/contracts/action'
import type { getMetricHistory, getMetrics } from '@console/contracts/system/actions'
import type { ChartLine } from '@console/ui/time-chart.tsx'

export type History = ResultOf<typeof getMetricHistory>
export type HistoryLine = History['lines'][number]
export const rangeNames = { '1h': '1 h', '6h': '6 h', '24h': '24 h', '7d': '7 d', '30d': '30 d', '90d': '90 d' } as const
export type Range = keyof typeof rangeNames
export const ranges = Object.keys(rangeNames) as Range[]

/** `37 %`, `0.4 %`: one digit only below ten, where it decides. */
export function percentText(percent: number): string {
  return `${numberText(percent)}\u00a0%`
}

/** Percent; 0 of nothing is 0. */
export function shareOf(part: number, whole: number): number {
  return whole === 0 ? 0 : (part / whole) * 100
}

export type FullDisk = { readonly mount: string; readonly percent: number; readonly freeBytes: number }
const warnsAt = 85

/** The file system of which the largest share is taken, as `df` counts it; null where none is known. */
export function fullestDisk(disks: ResultOf<typeof getMetrics>['disks']): FullDisk | null {
  const all = ('unknown' in disks ? [] : disks.items).flatMap((disk) =>
    'unknown' in disk
      ? []
      : [{ mount: disk.mount, percent: shareOf(disk.usedBytes, disk.usedBytes + disk.availableBytes), freeBytes: disk.availableBytes }],
  )
  return all.reduce<FullDisk | null>((most, disk) => (most === null || disk.percent > most.percent ? disk : most), null)
}

/** Full enough that somebody should make room before something fails. */
export function isFull(disk: FullDisk | null): disk is FullDisk {
  return disk !== null && disk.percent >= warnsAt
}

/** As many digits as decide. */
export function numberText(value: number): string {
  if (value === 0 || Math.abs(value) >= 100) return String(Math.round(value))
  return Number(value.toPrecision(Math.abs(value) >= 10 ? 3 : 2)).toString()
}

/** Cores to a hundredth, as all rows compare: `0.00` is measured, and less than half of that. */
export function coresText(cores: number): string {
  return cores.toFixed(2)
}

const kib = 1_024
const scales = [
  { unit: 'B', size: 1 },
  { unit: 'KiB', size: kib },
  { unit: 'MiB', size: kib ** 2 },
  { unit: 'GiB', size: kib ** 3 },
  { unit: 'TiB', size: kib ** 4 },
] as const

/** The largest unit in which the largest value is at least one, so that the axis has short numbers. */
export function byteScale(lines: readonly HistoryLine[]): (typeof scales)[number] {
  const top = Math.max(0, ...lines.flatMap(({ max }) => max.map((value) => value ?? 0)))
  return scales.findLast(({ size }) => top >= size) ?? scales[0]
}

export type Shape = {
  readonly unit: string
  /** What one on the chart is in what was measured. */
  readonly size: number
  readonly lines: readonly HistoryLine[]
}

const mostLines = 4
const lastOf = ({ mean }: HistoryLine): number => mean.findLast((value) => value !== null) ?? -1

/** The lines of a series in a fixed order: those named first, then those that end highest; as many as one chart can tell apart. */
export function shapeOf(
  history: History | undefined,
  unit: 'percent' | 'bytes' | 'bytes a second' | 'number',
  first: readonly string[],
): Shape {
  const rank = ({ name }: HistoryLine): number => (first.includes(name) ? first.indexOf(name) : first.length)
  const lines = [...(history?.lines ?? [])].sort((a, b) => rank(a) - rank(b) || lastOf(b) - lastOf(a)).slice(0, mostLines)
  if (unit === 'percent') return { unit: '%', size: 1, lines }
  if (unit === 'number') return { unit: '', size: 1, lines }
  const scale = byteScale(lines)
  return { unit: unit === 'bytes' ? scale.unit : `${scale.unit}/s`, size: scale.size, lines }
}

export function chartLines({ lines, size }: Shape): ChartLine[] {
  return lines.map(({ name, mean }) => ({ label: name, values: mean.map((value) => (value === null ? null : value / size)) }))
}

/** What the figure is at one moment: `user 37, system 4`; empty where nothing was measured. */
export function figureAt({ lines, size, unit }: Shape, index: number): string {
  const words = lines.flatMap(({ name, mean }) => {
    const value = mean[index] ?? null
    return value === null ? [] : [`${lines.length > 1 ? `${name} ` : ''}${numberText(value / size)}`]
  })
  return words.length === 0 ? '' : `${words.join(', ')}${unit && `\u00a0${unit}`}`
}

/** The sentence that stands for a chart. */
export function chartSentence(title: string, range: Range, shape: Shape): string {
  const told = shape.lines.map(({ name, mean, max }) => {
    const known = mean.filter((value) => value !== null)
    const top = Math.max(0, ...max.map((value) => value ?? 0))
    return known.length === 0
      ? `${name} not measured`
      : `${name} now ${numberText((known.at(-1) ?? 0) / shape.size)}, highest ${numberText(top / shape.size)}`
  })
  return `${title} over ${rangeNames[range]}${shape.unit && ` in ${shape.unit}`}: ${told.join('; ')}`
}

/** `14:29`, or `Nov 23 14:29` where a day does not say which. */
export function momentText(sec: number, range: Range): string {
  const iso = new Date(sec * 1_000).toISOString()
  return range === '1h' || range === '6h' || range === '24h'
    ? iso.slice(11, range === '1h' ? 19 : 16)
    : `${iso.slice(5, 10)} ${iso.slice(11, 16)}`
}

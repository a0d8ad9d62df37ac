import { walkFrames } from './frame-codec.ts'
import type { Row } from './frame-writer.ts'

/** Values of one name on the grid: bucket by bucket, in each its columns. NaN where nothing was measured, so that gaps stay gaps. */
export type GridLine = { readonly name: string; readonly mean: Float64Array; readonly max: Float64Array }
export type Grid = { readonly fromMs: number; readonly stepMs: number; readonly buckets: number; readonly lines: readonly GridLine[] }
export type GridWish = {
  /** Start of the first bucket, milliseconds since 1970. */
  readonly fromMs: number
  readonly stepMs: number
  readonly buckets: number
  /** Which names are wanted; all where it is not given. */
  readonly wants?: (name: string) => boolean
}

type Sums = { readonly sum: Float64Array; readonly count: Uint32Array; readonly max: Float64Array }

/** Puts samples in buckets. @param paired rows hold means, then maxima, rather than one value a column */
export function createGrid({ fromMs, stepMs, buckets, wants = () => true }: GridWish, columns: number) {
  const lines = new Map<string, Sums>()
  const sumsOf = (name: string): Sums | null => {
    if (!wants(name)) return null
    const known = lines.get(name)
    if (known) return known
    const size = buckets * columns
    const made = { sum: new Float64Array(size), count: new Uint32Array(size), max: new Float64Array(size).fill(Number.NaN) }
    lines.set(name, made)
    return made
  }
  const bucketOf = (atMs: number): number => Math.floor((atMs - fromMs) / stepMs)
  const put = ({ sum, count, max }: Sums, slot: number, mean: number, top: number): void => {
    if (Number.isNaN(mean)) return
    sum[slot] = (sum[slot] ?? 0) + mean
    count[slot] = (count[slot] ?? 0) + 1
    if (!(top <= (max[slot] ?? Number.NaN))) max[slot] = top
  }
  return {
    /** @param exceptMs a moment that is known better than by the file */
    addFile(file: Buffer, paired: boolean, exceptMs: number | null = null): void {
      const names: (Sums | null)[] = []
      const rowBytes = 2 + 4 * columns * (paired ? 2 : 1)
      const topAt = paired ? columns * 4 : 0
      walkFrames(file, {
        name: (index, name) => {
          names[index] = sumsOf(name)
        },
        sample: (atMs, bytes, start, end) => {
          const bucket = bucketOf(atMs)
          if (bucket < 0 || bucket >= buckets || atMs === exceptMs) return
          for (let at = start; at + rowBytes <= end; at += rowBytes) {
            const line = names[bytes.getUint16(at, true)]
            if (!line) continue
            for (let column = 0, value = at + 2; column < columns; column += 1, value += 4)
              put(line, bucket * columns + column, bytes.getFloat32(value, true), bytes.getFloat32(value + topAt, true))
          }
        },
      })
    },
    /** Rows of means, then maxima. */
    addRows(atMs: number, rows: readonly Row[]): void {
      const bucket = bucketOf(atMs)
      if (bucket < 0 || bucket >= buckets) return
      for (const { name, values } of rows) {
        const line = sumsOf(name)
        for (let column = 0; line && column < columns; column += 1)
          put(line, bucket * columns + column, values[column] ?? Number.NaN, values[columns + column] ?? Number.NaN)
      }
    },
    finish(): Grid {
      const all = [...lines]
        .filter(([, { count }]) => count.some((one) => one > 0))
        .map(([name, { sum, count, max }]) => ({ name, mean: sum.map((value, at) => value / (count[at] || Number.NaN)), max }))
      return { fromMs, stepMs, buckets, lines: all }
    },
  }
}

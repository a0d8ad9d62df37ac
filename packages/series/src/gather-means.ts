import type { Row } from './frame-writer.ts'

/** Values of several moments made into one: for each name the means of its columns, then their maxima. */
export type Gathered = {
  add(row: Row): void
  rows(): Row[]
}

/** @param columns values a name */
export function gatherMeans(columns: number): Gathered {
  const names = new Map<string, { readonly sums: Float64Array; readonly counts: Uint32Array; readonly tops: Float64Array }>()
  return {
    add({ name, values }) {
      let one = names.get(name)
      if (!one) {
        one = { sums: new Float64Array(columns), counts: new Uint32Array(columns), tops: new Float64Array(columns).fill(Number.NaN) }
        names.set(name, one)
      }
      const { sums, counts, tops } = one
      for (let column = 0; column < columns; column += 1) {
        const value = values[column] ?? Number.NaN
        if (Number.isNaN(value)) continue
        sums[column] = (sums[column] ?? 0) + value
        counts[column] = (counts[column] ?? 0) + 1
        tops[column] = Number.isNaN(tops[column] ?? Number.NaN) ? value : Math.max(tops[column] ?? 0, value)
      }
    },
    rows: () =>
      [...names].map(([name, { sums, counts, tops }]) => {
        const values = new Float64Array(columns * 2)
        for (let column = 0; column < columns; column += 1) {
          values[column] = (counts[column] ?? 0) === 0 ? Number.NaN : (sums[column] ?? 0) / (counts[column] ?? 1)
          values[columns + column] = tops[column] ?? Number.NaN
        }
        return { name, values }
      }),
  }
}

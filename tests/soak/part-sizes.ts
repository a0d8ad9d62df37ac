import { readdirSync, readFileSync } from 'node:fs'

/** What one process holds at a moment. */
export type Size = {
  readonly memoryMiB: number
  readonly descriptors: number
  /** What is left of its heap when it was cleared, read once a row. */
  readonly heldMiB?: number
}
/** One row a period: the least of each that was seen within it. The least, for a heap grows until it is cleared and says little at its height. */
export type SizeRow = ReadonlyMap<string, Size>

const spareMiB = 8
/** A cleared heap has hardly any air: records of what was done meanwhile, and code that was compiled. */
const spareHeldMiB = 3
const spareDescriptors = 4
const nothing: Size = { memoryMiB: 0, descriptors: 0 }

/** @returns null for a process that is not there any more */
export function sizeOf(pid: number): Size | null {
  try {
    return { memoryMiB: memoryOf(pid), descriptors: readdirSync(`/proc/${pid}/fd`).length }
  } catch {
    return null
  }
}

/** The share of the memory that is this process's own: what several map, such as the program itself, is divided among them. */
function memoryOf(pid: number): number {
  const kiB = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]
  if (kiB === undefined) throw new Error('the system tells no proportional set size')
  return Number(kiB) / 1_024
}

export function leastOf(before: SizeRow, now: SizeRow): SizeRow {
  const least = new Map(before)
  for (const [part, size] of now) {
    const known = least.get(part)
    least.set(part, {
      memoryMiB: Math.min(size.memoryMiB, known?.memoryMiB ?? Number.POSITIVE_INFINITY),
      descriptors: Math.min(size.descriptors, known?.descriptors ?? Number.POSITIVE_INFINITY),
    })
  }
  return least
}

/** What stands higher at the end than at the beginning, by more than the air that a heap and a pool of connections have: a tenth and a little. */
export function grownParts(rows: readonly SizeRow[]): string[] {
  return [...(rows[0]?.keys() ?? [])].flatMap((part) => {
    const measures = [
      { what: 'MiB', spare: spareMiB, of: ({ memoryMiB }: Size) => memoryMiB },
      { what: 'MiB after clearing', spare: spareHeldMiB, of: ({ heldMiB = 0 }: Size) => heldMiB },
      { what: 'descriptors', spare: spareDescriptors, of: ({ descriptors }: Size) => descriptors },
    ]
    return measures.flatMap(({ what, spare, of }) => {
      const { from, rise } = riseOf(rows.map((row) => of(row.get(part) ?? nothing)))
      return rise <= from / 10 + spare ? [] : [`${part}: ${what} ${rise.toFixed(1)} from ${from.toFixed(1)}`]
    })
  })
}

/** By how much a line through the values rises from the first to the last (least squares), and where it begins. */
export function riseOf(values: readonly number[]): { readonly from: number; readonly rise: number } {
  const middle = (values.length - 1) / 2
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  let [over, under] = [0, 0]
  for (const [at, value] of values.entries()) {
    over += (at - middle) * (value - mean)
    under += (at - middle) ** 2
  }
  const rise = under === 0 ? 0 : (over / under) * (values.length - 1)
  return { from: mean - rise / 2, rise }
}

import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { walkFrames } from './frame-codec.ts'
import { createFrameWriter, type FrameWriter, type Row } from './frame-writer.ts'
import { type Gathered, gatherMeans } from './gather-means.ts'
import { createGrid, type Grid, type GridWish } from './metric-grid.ts'

/** A coarseness that is kept: one sample each `stepMs`, for so many days. The first is as it was measured. */
export type Tier = { readonly name: string; readonly stepMs: number; readonly days: () => number }
/**
 * Measurements of many names at one moment, by their moment: one file a tier and day (UTC), each moment one frame of all names. Finer tiers
 * end sooner; coarser ones hold means and maxima.
 */
export type MetricFiles = {
  /** Rows of one moment; NaN is no value. Moments of one second overwrite nothing: both count. */
  append(atMs: number, rows: readonly Row[]): void
  /** From the coarsest tier that is fine enough; what is not yet in it is answered from memory. */
  read(wish: GridWish): Promise<Grid>
  /** Removes days that are over their tier's days or, oldest first, what is over the cap in bytes. Answers how many files went. */
  trim(): number
  close(): void
}

const dayMs = 86_400_000
const fileName = /^([0-9]{4}-[0-9]{2}-[0-9]{2})\.frames$/
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

type Coarse = { readonly tier: Tier; readonly writer: FrameWriter; bucketMs: number | null; gathered: Gathered }

export function openMetricFiles({
  dir,
  tiers: [fine, ...coarser],
  columns,
  mostBytes,
  now,
}: {
  readonly dir: string
  readonly tiers: readonly [Tier, ...Tier[]]
  /** Values a name. */
  readonly columns: number
  readonly mostBytes: number
  readonly now: () => number
}): MetricFiles {
  const pathOf = ({ name }: Tier, atMs: number): string => join(dir, name, `${dayOf(atMs)}.frames`)
  const writer = createFrameWriter()
  const coarse = coarser.map((tier): Coarse => ({ tier, writer: createFrameWriter(), bucketMs: null, gathered: gatherMeans(columns) }))

  const gather = (one: Coarse, atMs: number, rows: readonly Row[]): void => {
    const bucketMs = Math.floor(atMs / one.tier.stepMs) * one.tier.stepMs
    if (one.bucketMs !== null && one.bucketMs !== bucketMs) {
      const ready = one.gathered.rows()
      const at = one.bucketMs
      one.gathered = gatherMeans(columns)
      one.bucketMs = bucketMs
      if (ready.length > 0) one.writer.append(pathOf(one.tier, at), at, ready)
    }
    one.bucketMs = bucketMs
    for (const row of rows) one.gathered.add(row)
  }
  catchUp({ coarse, fine, pathOf, columns, nowMs: now(), gather })

  return {
    append(atMs, rows) {
      writer.append(pathOf(fine, atMs), atMs, rows)
      for (const one of coarse) gather(one, atMs, rows)
    },
    async read(wish) {
      const chosen = coarse.findLast(({ tier }) => tier.stepMs <= wish.stepMs) ?? null
      const tier = chosen?.tier ?? fine
      const grid = createGrid(wish, columns)
      const toMs = wish.fromMs + wish.buckets * wish.stepMs
      // What is gathered may be written while files are read: it counts once, as it is known here.
      const pending = chosen?.bucketMs == null ? null : { atMs: chosen.bucketMs, rows: chosen.gathered.rows() }
      for (let day = Math.floor(wish.fromMs / dayMs) * dayMs; day < toMs; day += dayMs) {
        const bytes = await readFile(pathOf(tier, day)).catch((error: NodeJS.ErrnoException) => {
          if (error.code === 'ENOENT') return null
          throw error
        })
        if (bytes) grid.addFile(bytes, chosen !== null, pending?.atMs ?? null)
      }
      if (pending) grid.addRows(pending.atMs, pending.rows)
      return grid.finish()
    },
    trim: () => trimFiles({ dir, tiers: [fine, ...coarser], mostBytes, nowMs: now() }),
    close() {
      writer.close()
      for (const one of coarse) one.writer.close()
    },
  }
}

/** What was measured before a stop and never came into a coarser tier is gathered again from the finest one, which is read once for all. */
function catchUp({
  coarse,
  fine,
  pathOf,
  columns,
  nowMs,
  gather,
}: {
  coarse: readonly Coarse[]
  fine: Tier
  pathOf: (tier: Tier, atMs: number) => string
  columns: number
  nowMs: number
  gather: (one: Coarse, atMs: number, rows: readonly Row[]) => void
}): void {
  const days = [nowMs - dayMs, nowMs]
  const behind = coarse.map((one) => {
    const newest = days.flatMap((day) => {
      const path = pathOf(one.tier, day)
      return existsSync(path) ? (one.writer.open(path) ?? []) : []
    })
    return { one, sinceMs: newest.length === 0 ? 0 : Math.max(...newest) + one.tier.stepMs }
  })
  for (const path of days.map((day) => pathOf(fine, day)).filter((file) => existsSync(file))) {
    const names: string[] = []
    walkFrames(readFileSync(path), {
      name: (index, name) => {
        names[index] = name
      },
      sample: (atMs, bytes, start, end) => {
        const wanting = behind.filter(({ sinceMs }) => atMs >= sinceMs)
        if (wanting.length === 0) return
        const rows: Row[] = []
        for (let at = start; at + 2 + columns * 4 <= end; at += 2 + columns * 4) {
          const name = names[bytes.getUint16(at, true)]
          const values = Float64Array.from({ length: columns }, (_, column) => bytes.getFloat32(at + 2 + column * 4, true))
          if (name !== undefined) rows.push({ name, values })
        }
        for (const { one } of wanting) gather(one, atMs, rows)
      },
    })
  }
}

function trimFiles({ dir, tiers, mostBytes, nowMs }: { dir: string; tiers: readonly Tier[]; mostBytes: number; nowMs: number }): number {
  const files = tiers
    .flatMap(({ name, days }) => {
      const folder = join(dir, name)
      const oldest = dayOf(nowMs - days() * dayMs)
      return (existsSync(folder) ? readdirSync(folder) : []).flatMap((file) => {
        const day = fileName.exec(file)?.[1]
        const path = join(folder, file)
        return day ? [{ path, day, over: day < oldest, bytes: statSync(path).size }] : []
      })
    })
    .sort((a, b) => (a.day < b.day ? -1 : 1))
  let bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  let removed = 0
  const today = dayOf(nowMs)
  for (const file of files) {
    if (!file.over && (bytes <= mostBytes || file.day === today)) continue
    rmSync(file.path)
    bytes -= file.bytes
    removed += 1
  }
  return removed
}

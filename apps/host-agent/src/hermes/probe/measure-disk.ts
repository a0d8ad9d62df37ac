import type { HomeFiles } from './home-files.ts'
import type { Budget } from './section.ts'

/** What the home takes on disk, by its parts; `cut` where there was no time or room to look at all of it. */
export type DiskUse = {
  readonly totalBytes: number
  readonly parts: readonly { readonly name: string; readonly bytes: number }[]
  readonly cut: boolean
}

const mostEntries = 50_000
const mostParts = 8

export function measureDisk(files: HomeFiles, budget: Budget): DiskUse {
  const parts = new Map<string, number>()
  let seen = 0
  let cut = false
  const walk = (path: string, part: string, depth: number): void => {
    const listed = namesIn(files, path, mostEntries - seen, budget)
    cut ||= listed.cut
    seen += listed.names.length
    for (const name of listed.names) {
      if (!budget.left()) {
        cut = true
        return
      }
      const inside = path === '.' ? name : `${path}/${name}`
      const info = files.look(inside)
      const whose = part === '' ? partOf(name) : part
      parts.set(whose, (parts.get(whose) ?? 0) + (info?.blocks ?? 0) * 512)
      if (info?.isDirectory() && depth < 12) walk(inside, whose, depth + 1)
      else if (info?.isDirectory()) cut = true
    }
  }
  walk('.', '', 1)
  const sorted = [...parts].map(([name, bytes]) => ({ name, bytes })).sort((a, b) => b.bytes - a.bytes || a.name.localeCompare(b.name))
  return { totalBytes: sorted.reduce((sum, { bytes }) => sum + bytes, 0), parts: sorted.slice(0, mostParts), cut }
}

function namesIn(files: HomeFiles, path: string, most: number, budget: Budget): { names: string[]; cut: boolean } {
  try {
    return files.names(path, most, budget)
  } catch {
    return { names: [], cut: true }
  }
}

/** A database and what lies beside it are one part. */
function partOf(name: string): string {
  return name
    .replace(/-(wal|shm|journal)$/, '')
    .slice(0, 60)
    .toWellFormed()
}

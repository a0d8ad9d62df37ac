import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** A measurement; `at` in milliseconds since 1970, UTC. */
export type Sample = {
  readonly at: number
  readonly check: string
  readonly ok: boolean | null
  readonly latencyMs: number | null
  readonly note: string
}
/** Samples by key, one file a key and day (UTC), one JSON line each. A torn last line is passed over. */
export type SampleFiles = {
  append(key: string, sample: Sample): void
  /** Oldest first; both ends included. */
  read(key: string, fromMs: number, toMs: number): Sample[]
  /** Removes days that are over the retention or, oldest first, what is over the cap in bytes. Answers how many files went. */
  trim(): number
}

const dayMs = 86_400_000
const fileName = /^([0-9]{4}-[0-9]{2}-[0-9]{2})\.ndjson$/

export function openSampleFiles({
  dir,
  retentionDays,
  mostBytes,
  now,
}: {
  readonly dir: string
  readonly retentionDays: () => number
  readonly mostBytes: number
  readonly now: () => number
}): SampleFiles {
  const folderOf = (key: string): string => {
    if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/.test(key)) throw new RangeError(`no key for samples: ${key}`)
    return join(dir, key)
  }
  const made = new Set<string>()
  const begun = new Set<string>()
  return {
    append(key, sample) {
      const folder = folderOf(key)
      if (!made.has(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 })
      made.add(folder)
      const file = join(folder, `${dayOf(sample.at)}.ndjson`)
      // A line that a crash tore is ended first, or it would take the next one with it.
      const first = !begun.has(file) && existsSync(file) ? '\n' : ''
      begun.add(file)
      appendFileSync(file, `${first}${JSON.stringify(sample)}\n`, { mode: 0o600 })
    },
    read(key, fromMs, toMs) {
      const samples: Sample[] = []
      for (let day = Math.floor(fromMs / dayMs) * dayMs; day <= toMs; day += dayMs) {
        const file = join(folderOf(key), `${dayOf(day)}.ndjson`)
        if (!existsSync(file)) continue
        for (const line of readFileSync(file, 'utf8').split('\n')) {
          const sample = parse(line)
          if (sample && sample.at >= fromMs && sample.at <= toMs) samples.push(sample)
        }
      }
      return samples
    },
    trim() {
      const oldestDay = dayOf(now() - retentionDays() * dayMs)
      const files = filesBelow(dir).sort((a, b) => (a.day < b.day ? -1 : 1))
      let bytes = files.reduce((sum, file) => sum + file.size, 0)
      let removed = 0
      for (const file of files) {
        if (file.day >= oldestDay && bytes <= mostBytes) continue
        rmSync(file.path)
        bytes -= file.size
        removed += 1
      }
      return removed
    },
  }
}

function filesBelow(dir: string): { path: string; day: string; size: number }[] {
  if (!existsSync(dir)) return []
  return readdirSync(dir).flatMap((key) =>
    readdirSync(join(dir, key)).flatMap((name) => {
      const day = fileName.exec(name)?.[1]
      const path = join(dir, key, name)
      return day ? [{ path, day, size: statSync(path).size }] : []
    }),
  )
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

function parse(line: string): Sample | null {
  if (line === '') return null
  try {
    return JSON.parse(line) as Sample
  } catch {
    return null
  }
}

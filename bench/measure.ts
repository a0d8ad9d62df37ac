import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** Sorted times in milliseconds, asked for by percentile. */
export type Times = { readonly p50: number; readonly p95: number; readonly p99: number; readonly count: number }

/** The percentiles of some times, each by the nearest rank. */
export function timesOf(values: readonly number[]): Times {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), count: sorted.length }
}

/** Milliseconds that something took. */
export async function timed(act: () => Promise<unknown>): Promise<number> {
  const from = performance.now()
  await act()
  return performance.now() - from
}

/** Some readers at once, each doing the same thing so many times in a row. @returns each time, in milliseconds */
export async function many(readers: number, each: number, act: (reader: number) => Promise<unknown>): Promise<number[]> {
  const all = await Promise.all(
    Array.from({ length: readers }, async (_, reader) => {
      const times: number[] = []
      for (let done = 0; done < each; done += 1) times.push(await timed(() => act(reader)))
      return times
    }),
  )
  return all.flat()
}

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/** Seconds of CPU, user and system, that processes have used so far. A process that is gone counts nothing. */
export function cpuSeconds(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
      return sum + (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
    } catch {
      return sum
    }
  }, 0)
}

/** Memory of processes in MiB, pages that several share counted in parts (`Pss` of /proc/PID/smaps_rollup, proc(5)). A process that is gone counts nothing. */
export function proportionalMiB(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    try {
      return sum + Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) / 1_024
    } catch {
      return sum
    }
  }, 0)
}

/** Processes whose program has one of these names. */
export function pidsOf(names: readonly string[]): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => {
      try {
        return names.includes(readFileSync(`/proc/${pid}/comm`, 'utf8').trim())
      } catch {
        return false
      }
    })
    .map(Number)
}

/** A process and all that it started, and what those started. */
export function familyOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
  return [pid, ...children.flatMap(familyOf)]
}

import { readFileSync, statSync } from 'node:fs'
import { uptime } from './read-unit.ts'

/** The process behind a gateway, if it lives. */
export type ProcessFacts = {
  readonly alive: boolean
  readonly pid: number | null
  readonly startedAt: string | null
  readonly memoryBytes: number | null
  readonly cpuSec: number | null
}
const none: ProcessFacts = { alive: false, pid: null, startedAt: null, memoryBytes: null, cpuSec: null }
const ticksPerSec = 100
const pageBytes = 4_096

/**
 * Only the owner's own process counts, and one that the home names only with the start that it names: a file outlives its process, and its
 * owner may write any number there.
 */
export function readProcess(
  pid: number | null,
  { ownUid, startTicks }: { readonly ownUid: number; readonly startTicks: number | null },
): ProcessFacts {
  if (pid === null || pid < 2) return none
  try {
    if (statSync(`/proc/${pid}`).uid !== ownUid) return none
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const began = Number(fields[19])
    if (fields[0] === 'Z' || (startTicks !== null && began !== startTicks)) return none
    const resident = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1])
    return {
      alive: true,
      pid,
      startedAt: new Date(Date.now() - (uptime() - began / ticksPerSec) * 1_000).toISOString(),
      memoryBytes: resident * pageBytes,
      cpuSec: Math.round((Number(fields[11]) + Number(fields[12])) / ticksPerSec),
    }
  } catch {
    return none
  }
}

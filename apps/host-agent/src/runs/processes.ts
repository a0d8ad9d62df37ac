import { readdirSync, readFileSync } from 'node:fs'

/** The environment mark by which every process of a run is found, whatever session it moved to. */
export const runMark = 'BYTELYST_RUN'

/** A process, and when it was born: the number alone is given out again, to anybody. */
export type Born = { readonly pid: number; readonly born: string }

/** This boot and field 22 of /proc/<pid>/stat: together never the same for two processes of one number. Null when there is none. */
export function bornOf(pid: number): string | null {
  const ticks = statOf(pid)?.[19]
  return ticks === undefined ? null : `${bootId()}:${ticks}`
}

export function isThere({ pid, born }: Born): boolean {
  return bornOf(pid) === born
}

/** Processes of a run: those that carry its mark, and all that descend from `root` or share its group or session. Zombies do not count. */
export function processesOf(runId: string, root: Born | null): number[] {
  const all = readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number)
  const stats = new Map(all.map((pid) => [pid, statOf(pid)] as const))
  const found = new Set<number>()
  for (const pid of all) if (pid !== process.pid && carriesMark(pid, runId)) found.add(pid)
  // A number that somebody else has by now says that nothing of its old group is left: the kernel gives none out that a group still bears.
  const leader = root?.born.startsWith(bootId()) && [null, root.born].includes(bornOf(root.pid)) ? root.pid : null
  if (leader !== null)
    for (const [pid, fields] of stats)
      if (fields && (pid === leader || Number(fields[2]) === leader || Number(fields[3]) === leader)) found.add(pid)
  for (let grew = true; grew; ) {
    grew = false
    for (const [pid, fields] of stats)
      if (fields && !found.has(pid) && found.has(Number(fields[1]))) {
        found.add(pid)
        grew = true
      }
  }
  return [...found].filter((pid) => pid > 1 && stats.get(pid)?.[0] !== 'Z')
}

/** TERM, and after the grace KILL, again and again until nothing is left: a fork in between is found by the next look. */
export async function endProcesses(find: () => number[], graceMs: number): Promise<boolean> {
  signalAll(find(), 'SIGTERM')
  const killAt = performance.now() + graceMs
  while (performance.now() < killAt) {
    if (find().length === 0) return true
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  for (let round = 0; round < 40; round += 1) {
    // Held still first, so that what forks without end does not fork faster than it is found.
    signalAll(find(), 'SIGSTOP')
    const left = find()
    if (left.length === 0) return true
    signalAll(left, 'SIGKILL')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return false
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids)
    try {
      process.kill(pid, signal)
    } catch {
      // Gone already, or not ours any more: the next look tells.
    }
}

/** From the state on: the name in brackets may hold anything. */
function statOf(pid: number): string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return null
  }
}

function carriesMark(pid: number, runId: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(`${runMark}=${runId}`)
  } catch {
    return false
  }
}

let boot: string | undefined
function bootId(): string {
  boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  return boot
}

import { setImmediate as nextTurn } from 'node:timers/promises'
import { type HostFiles, isUnknown, type Known, numbersOf, plainName, unknown } from './host-files.ts'
import { ticksPerSec } from './processor.ts'

/** Never its arguments or its environment, where passwords stand. `cores` over the last seconds; null while it is new here. */
type Process = {
  readonly pid: number
  readonly name: string
  readonly user: string
  readonly cores: number | null
  readonly memoryBytes: number
}
/** The few that use most. `left` counts what was over the bound and was not looked at. */
export type Processes = {
  readonly count: number
  readonly busiest: readonly Process[]
  readonly largest: readonly Process[]
  readonly left: number
}
export type ProcessReader = (atMs: number) => Promise<Known<Processes>>

const mostLooked = 4_096
const listed = 8
const atOnce = 200
/** Readings closer than this are compared with an older one, so that two who ask at once do not spoil each other's figures. */
const leastApartMs = 2_000

type Stat = { readonly pid: number; readonly name: string; readonly ticks: number; readonly startTicks: number; readonly pages: number }
type Baseline = { readonly atMs: number; readonly ticks: ReadonlyMap<string, number> }

/** `/proc/<pid>/stat` and `status`: https://docs.kernel.org/filesystems/proc.html section 1.1, `man 5 proc_pid_stat`. */
export function createProcessReader(files: HostFiles): ProcessReader {
  let baseline: Baseline | null = null
  return async (atMs) => {
    const pids = files.names('/proc', 65_536).filter((name) => /^[1-9][0-9]{0,9}$/.test(name))
    if (pids.length === 0) return unknown('/proc: no process is listed')
    const all: Stat[] = []
    for (const [at, pid] of pids.slice(0, mostLooked).entries()) {
      const stat = readStat(files, pid)
      if (stat) all.push(stat)
      if (at % atOnce === atOnce - 1) await nextTurn()
    }
    const before = baseline
    if (!before || atMs - before.atMs >= leastApartMs) baseline = { atMs, ticks: new Map(all.map((stat) => [keyOf(stat), stat.ticks])) }
    const spent = (stat: Stat): number | null => {
      const known = before?.ticks.get(keyOf(stat))
      return before && known !== undefined && atMs > before.atMs ? Math.max(0, stat.ticks - known) : null
    }
    const coresOf = (stat: Stat): number | null => {
      const ticks = spent(stat)
      return ticks === null || !before ? null : Math.round((ticks / ticksPerSec / ((atMs - before.atMs) / 1_000)) * 1_000) / 1_000
    }
    const users = readUsers(files)
    const told = (stats: readonly Stat[]): Process[] =>
      stats.slice(0, listed).flatMap((stat) => describe(files, stat, users, coresOf(stat)) ?? [])
    return {
      count: pids.length,
      busiest: told(all.filter((stat) => (spent(stat) ?? 0) > 0).sort((a, b) => (spent(b) ?? 0) - (spent(a) ?? 0))),
      largest: told(all.filter(({ pages }) => pages > 0).sort((a, b) => b.pages - a.pages)),
      left: Math.max(0, pids.length - mostLooked),
    }
  }
}

/** A pid is used again; with the time of its start it is one process. */
const keyOf = ({ pid, startTicks }: Stat): string => `${pid} ${startTicks}`

function readStat(files: HostFiles, pid: string): Stat | null {
  const read = files.text(`/proc/${pid}/stat`, 8_192)
  if (isUnknown(read)) return null
  // The name stands in brackets and may hold brackets itself.
  const end = read.text.lastIndexOf(')')
  const name = read.text.slice(read.text.indexOf('(') + 1, end)
  const fields = read.text
    .slice(end + 2)
    .split(' ')
    .map(Number)
  const [user = Number.NaN, system = Number.NaN, start = Number.NaN, pages = Number.NaN] = [11, 12, 19, 21].map(
    (at) => fields[at] ?? Number.NaN,
  )
  const sound = end > 0 && [user, system, start, pages].every((value) => Number.isFinite(value) && value >= 0)
  return sound ? { pid: Number(pid), name: plainName(name).slice(0, 32), ticks: user + system, startTicks: start, pages } : null
}

/** Null for one that ended meanwhile. */
function describe(files: HostFiles, { pid, name }: Stat, users: ReadonlyMap<number, string>, cores: number | null): Process | null {
  const read = files.text(`/proc/${pid}/status`, 16_384)
  if (isUnknown(read)) return null
  const uid = Number(/^Uid:\s+([0-9]{1,10})\s/m.exec(read.text)?.[1] ?? Number.NaN)
  if (!Number.isFinite(uid)) return null
  return {
    pid,
    name: programOf(files, pid, name),
    user: users.get(uid) ?? String(uid),
    cores,
    memoryBytes: (numbersOf(read.text).get('VmRSS') ?? 0) * 1_024,
  }
}

/** What Node calls the first thread of every program. */
const threadName = 'MainThread'

/** The program where the kernel knows a thread's name only: its own name without the folder, and nothing of what it was started with. */
function programOf(files: HostFiles, pid: number, name: string): string {
  if (name !== threadName) return name
  const read = files.text(`/proc/${pid}/cmdline`, 131_072)
  const [program = ''] = isUnknown(read) ? [] : read.text.split('\0')
  return /^(?:.*\/)?([\w.+-]{1,32})$/.exec(program)?.[1] ?? name
}

function readUsers(files: HostFiles): ReadonlyMap<number, string> {
  const read = files.text('/etc/passwd', 262_144)
  const users = new Map<number, string>()
  if (isUnknown(read)) return users
  for (const line of read.text.split('\n')) {
    const match = /^([^:]{1,64}):[^:]*:([0-9]{1,10}):/.exec(line)
    if (match?.[1] && match[2] && !users.has(Number(match[2]))) users.set(Number(match[2]), plainName(match[1]))
  }
  return users
}

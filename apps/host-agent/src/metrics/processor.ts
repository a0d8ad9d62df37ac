import { type HostFiles, isUnknown, type Known, unknown } from './host-files.ts'

const cpuStates = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'] as const
/** Seconds since the machine started, summed over its processors. */
type CpuSeconds = { [K in (typeof cpuStates)[number]]: number }
export type Cpu = { readonly cores: number; readonly seconds: CpuSeconds }
export type Load = {
  readonly one: number
  readonly five: number
  readonly fifteen: number
  readonly runnable: number
  readonly tasks: number
}
type Stall = { readonly avg10: number; readonly avg60: number; readonly avg300: number; readonly totalSec: number }
/** Share of time, in percent, in which some or all tasks waited. `full` is null where the kernel tells none. */
export type Pressure = { readonly some: Stall; readonly full: Stall | null }

/** USER_HZ: the unit of every time in /proc, 100 on each architecture that Node runs on (`man 5 proc`, `sysconf(_SC_CLK_TCK)`). */
export const ticksPerSec = 100

/** `/proc/stat`, https://docs.kernel.org/filesystems/proc.html section 1.7. `guest` is part of `user` and is not counted twice. */
export function readCpu(files: HostFiles): Known<Cpu> {
  const read = files.text('/proc/stat', 1_048_576)
  if (isUnknown(read)) return read
  const lines = read.text.split('\n')
  const total = lines
    .find((line) => /^cpu\s/.test(line))
    ?.trim()
    .split(/\s+/)
    .slice(1)
    .map(Number)
  if (!total || total.length < 4 || total.some((value) => !Number.isFinite(value) || value < 0))
    return unknown('/proc/stat: the line of all processors is not understood')
  const seconds = Object.fromEntries(cpuStates.map((state, at) => [state, (total[at] ?? 0) / ticksPerSec])) as CpuSeconds
  const cores = lines.filter((line) => /^cpu[0-9]+\s/.test(line)).length
  return cores === 0 ? unknown('/proc/stat: no processor is listed') : { cores, seconds }
}

/** `/proc/loadavg`, https://docs.kernel.org/filesystems/proc.html section 1: three averages, runnable/all tasks, newest pid. */
export function readLoad(files: HostFiles): Known<Load> {
  const read = files.text('/proc/loadavg', 4_096)
  if (isUnknown(read)) return read
  const match = /^([0-9.]+) ([0-9.]+) ([0-9.]+) ([0-9]+)\/([0-9]+)\b/.exec(read.text)
  const [one = Number.NaN, five = Number.NaN, fifteen = Number.NaN, runnable = 0, tasks = 0] = match?.slice(1).map(Number) ?? []
  if (![one, five, fifteen].every(Number.isFinite)) return unknown('/proc/loadavg: not understood')
  return { one, five, fifteen, runnable, tasks }
}

/** `/proc/pressure/*`, https://docs.kernel.org/accounting/psi.html: averages in percent, `total` in microseconds. */
export function readPressure(files: HostFiles, what: 'cpu' | 'memory' | 'io'): Known<Pressure> {
  const read = files.text(`/proc/pressure/${what}`, 4_096)
  if (isUnknown(read)) return unknown(/is not there/.test(read.unknown) ? 'this kernel measures no pressure' : read.unknown)
  const stall = (kind: 'some' | 'full'): Stall | null => {
    const match = new RegExp(`^${kind} avg10=([0-9.]+) avg60=([0-9.]+) avg300=([0-9.]+) total=([0-9]+)$`, 'm').exec(read.text)
    const [avg10 = Number.NaN, avg60 = Number.NaN, avg300 = Number.NaN, total = Number.NaN] = match?.slice(1).map(Number) ?? []
    return [avg10, avg60, avg300, total].every(Number.isFinite) ? { avg10, avg60, avg300, totalSec: total / 1_000_000 } : null
  }
  const some = stall('some')
  return some ? { some, full: stall('full') } : unknown(`/proc/pressure/${what}: not understood`)
}

/** Seconds since the machine started: `/proc/uptime`. */
export function readUptime(files: HostFiles): Known<{ readonly seconds: number }> {
  const read = files.text('/proc/uptime', 4_096)
  if (isUnknown(read)) return read
  const seconds = Number(/^([0-9.]+)\s/.exec(read.text)?.[1] ?? Number.NaN)
  return Number.isFinite(seconds) ? { seconds } : unknown('/proc/uptime: not understood')
}

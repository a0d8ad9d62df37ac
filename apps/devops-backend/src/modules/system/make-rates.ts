import type { Metrics } from '@console/contracts/system/schemas'
import type { ContainerReading, CpuSeconds, HostReading } from '../../clients/host-reading.ts'

type Cpu = Metrics['cpu']
/** Names of containers by their ids. */
export type Names = ReadonlyMap<string, string>
const percent = (part: number, whole: number): number => Math.round((part / whole) * 1_000) / 10

/** What the processors did between two readings, in percent of all of them. A machine that started anew in between gives no rate. */
export function cpuBetween(before: HostReading | null, now: HostReading): Cpu {
  if ('unknown' in now.cpu) return now.cpu
  if (!before || 'unknown' in before.cpu) return { unknown: 'There is one reading so far; a rate needs two.' }
  const { cores, seconds } = now.cpu
  const spent = Object.fromEntries(
    (Object.keys(seconds) as (keyof CpuSeconds)[]).map((state) => [
      state,
      seconds[state] - (before.cpu as { seconds: CpuSeconds }).seconds[state],
    ]),
  ) as CpuSeconds
  // iowait may step back by a little, which the kernel documents; all others only grow.
  const all = Object.values(spent).reduce((sum, value) => sum + Math.max(0, value), 0)
  if (all <= 0 || spent.user < 0 || spent.system < 0 || spent.idle < 0) return { unknown: 'The machine started anew between two readings.' }
  const idle = Math.max(0, spent.idle) + Math.max(0, spent.iowait)
  return {
    cores,
    busy: percent(all - idle, all),
    user: percent(spent.user + spent.nice, all),
    system: percent(spent.system + spent.irq + spent.softirq, all),
    iowait: percent(Math.max(0, spent.iowait), all),
    steal: percent(spent.steal, all),
  }
}

/** A counter's growth a second; null without an earlier one, or where it was set back. */
function perSec(before: number | null | undefined, now: number | null, sec: number): number | null {
  return before == null || now === null || now < before || sec <= 0 ? null : (now - before) / sec
}

type Moment = { readonly atMs: number }
const secBetween = (before: Moment | null, now: Moment): number => (before ? (now.atMs - before.atMs) / 1_000 : 0)

export function networkBetween(before: HostReading | null, now: HostReading): Metrics['network'] {
  if ('unknown' in now.network) return now.network
  const sec = secBetween(before, now)
  const known = new Map(before && !('unknown' in before.network) ? before.network.items.map((item) => [item.name, item]) : [])
  const items = now.network.items.map(({ name, kind, receivedBytes, sentBytes, errors, dropped }) => ({
    name,
    kind,
    receivedPerSec: perSec(known.get(name)?.receivedBytes, receivedBytes, sec),
    sentPerSec: perSec(known.get(name)?.sentBytes, sentBytes, sec),
    errors,
    dropped,
  }))
  // In a container nothing is physical: there its own virtual interface leads out.
  const out = items.some(({ kind }) => kind === 'physical') ? 'physical' : 'virtual'
  const sum = (which: 'receivedPerSec' | 'sentPerSec'): number | null => {
    const values = items.flatMap((item) => (item.kind === out ? (item[which] ?? []) : []))
    return values.length === 0 ? null : values.reduce((total, value) => total + value, 0)
  }
  return { items, left: now.network.left, receivedPerSec: sum('receivedPerSec'), sentPerSec: sum('sentPerSec') }
}

export function containersBetween(before: ContainerReading | null, now: ContainerReading, names: Names): Metrics['containers'] {
  if ('unknown' in now.containers) return now.containers
  const sec = secBetween(before, now)
  const known = new Map(before && !('unknown' in before.containers) ? before.containers.items.map((item) => [item.id, item]) : [])
  const items = now.containers.items.map(({ id, cpuSec, memoryBytes, memoryLimitBytes, readBytes, writtenBytes }) => ({
    id,
    name: names.get(id) ?? id.slice(0, 12),
    cores: perSec(known.get(id)?.cpuSec, cpuSec, sec),
    memoryBytes,
    memoryLimitBytes,
    readPerSec: perSec(known.get(id)?.readBytes, readBytes, sec),
    writtenPerSec: perSec(known.get(id)?.writtenBytes, writtenBytes, sec),
  }))
  items.sort((a, b) => (b.cores ?? -1) - (a.cores ?? -1) || (b.memoryBytes ?? 0) - (a.memoryBytes ?? 0))
  return { ...now.containers, items }
}

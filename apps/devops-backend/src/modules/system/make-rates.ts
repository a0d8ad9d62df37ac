import type { Metrics } from '@console/contracts/system/schemas'
import type { CpuSeconds, HostReading } from '../../clients/host-reading.ts'

type Cpu = Metrics['cpu']
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

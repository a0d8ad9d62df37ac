import { monitorEventLoopDelay } from 'node:perf_hooks'

/** What this process uses, as the services of the console tell it of themselves: bytes, seconds, milliseconds. */
type ProcessFigures = {
  readonly upSec: number
  readonly cpuSec: number
  readonly memoryBytes: number
  readonly heapBytes: number
  /** How late the event loop came over the last whole span; null before there was one. */
  readonly lagMs: { readonly p50: number; readonly p99: number; readonly max: number } | null
}
export type SelfFigures = { readonly startedAtMs: number; readonly process: ProcessFigures }

/** Coarse, since a daemon shall be idle when nobody asks it. */
const everyMs = 50
/** Several may read: none of them cuts the span of another short. */
const spanMs = 9_000
const nsPerMs = 1e6

/** Watches this process for as long as it runs. */
export function watchProcess({
  monotonic = () => performance.now(),
  lag = monitorEventLoopDelay({ resolution: everyMs }),
}: {
  readonly monotonic?: () => number
  readonly lag?: Pick<ReturnType<typeof monitorEventLoopDelay>, 'enable' | 'reset' | 'percentile' | 'count' | 'max'>
} = {}): () => SelfFigures {
  const startedAtMs = Math.round(performance.timeOrigin)
  lag.enable()
  let since = monotonic()
  let told: ProcessFigures['lagMs'] = null
  return () => {
    if (monotonic() - since >= spanMs && lag.count > 0) {
      told = { p50: late(lag.percentile(50)), p99: late(lag.percentile(99)), max: late(lag.max) }
      lag.reset()
      since = monotonic()
    }
    const memory = process.memoryUsage()
    const cpu = process.cpuUsage()
    return {
      startedAtMs,
      process: {
        upSec: process.uptime(),
        cpuSec: (cpu.user + cpu.system) / 1e6,
        memoryBytes: memory.rss,
        heapBytes: memory.heapUsed,
        lagMs: told,
      },
    }
  }
}

/** The monitor tells the time between two looks; what is beyond its own pause is late. */
function late(ns: number): number {
  return Math.round(Math.max(0, ns / nsPerMs - everyMs) * 100) / 100
}

import type { Risk } from '@console/contracts/action'

/** How much one actor, address or stream may take. One table, handed to the mount. */
export type LimitTable = {
  readonly perMinute: Readonly<Record<Risk, number>>
  readonly addressPerMinute: number
  /** Refused attempts of one actor; they never use up another budget. */
  readonly refusalsPerMinute: number
  readonly streamsPerActor: number
  readonly streams: number
  readonly eventStreams: number
}
export const defaultLimits: LimitTable = {
  perMinute: { none: 600, read: 600, change: 30, destroy: 10 },
  addressPerMinute: 1_200,
  refusalsPerMinute: 60,
  streamsPerActor: 5,
  streams: 50,
  eventStreams: 200,
}

export type Counters = {
  /** Counts one where there is room and answers 0; else counts nothing and answers the milliseconds until there is room. */
  take(key: string, max: number, windowMs: number): number
  /** Counts what happened before this process started, `agoMs` ago. */
  restore(key: string, agoMs: number): void
}

const mostKeys = 50_000

/** Sliding windows of exact times. @param now monotonic milliseconds, so that a clock set back changes nothing */
export function createCounters(now: () => number): Counters {
  const times = new Map<string, number[]>()
  return {
    take(key, max, windowMs) {
      const at = now()
      const recent = (times.get(key) ?? []).filter((time) => time > at - windowMs)
      if (times.size > mostKeys) for (const [old, list] of times) if ((list.at(-1) ?? 0) < at - 300_000) times.delete(old)
      if (recent.length >= max) {
        times.set(key, recent)
        return Math.max(1, (recent[recent.length - max] ?? at) + windowMs - at)
      }
      times.set(key, [...recent, at])
      return 0
    },
    restore(key, agoMs) {
      times.set(
        key,
        [...(times.get(key) ?? []), now() - agoMs].sort((a, b) => a - b),
      )
    },
  }
}

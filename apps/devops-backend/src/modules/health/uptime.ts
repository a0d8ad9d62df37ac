import type { HealthState, ServiceHealth } from '@console/contracts/health/schemas'
import type { Seconds, UptimeDoc } from '../../documents.ts'

export const noSeconds = (): Seconds => ({ up: 0, degraded: 0, down: 0, unknown: 0, maintenance: 0 })
export const emptyDay = (serviceId: string, day: string): UptimeDoc => ({
  v: 1,
  serviceId,
  day,
  hours: Array.from({ length: 24 }, noSeconds),
})

/**
 * Share of measured time that a service answered: (up + degraded) / (up + degraded + down). Unknown and maintenance are not measured
 * time; null where there is none.
 */
export function upRatio(seconds: readonly Seconds[]): number | null {
  const sum = (state: HealthState): number => seconds.reduce((total, one) => total + one[state], 0)
  const answered = sum('up') + sum('degraded')
  const measured = answered + sum('down')
  return measured === 0 ? null : answered / measured
}

/** The worst state that lasted at least a minute of the day, or any at all where none lasted so long. */
export function worstOf(day: UptimeDoc | undefined): HealthState | 'none' {
  if (!day) return 'none'
  const total = noSeconds()
  for (const hour of day.hours) for (const state of Object.keys(total) as HealthState[]) total[state] += hour[state]
  const order = ['down', 'degraded', 'maintenance', 'up', 'unknown'] as const
  return order.find((state) => total[state] >= 60) ?? order.find((state) => total[state] > 0) ?? 'none'
}

/** The last `count` days, oldest first; a day without a document is `none`. */
export function lastDays(days: ReadonlyMap<string, UptimeDoc>, now: Date, count: number): ServiceHealth['days'] {
  return dayNames(now, count).map((day) => {
    const doc = days.get(day)
    return { day, state: worstOf(doc), upRatio: doc ? upRatio(doc.hours) : null }
  })
}

export function uptimeOf(days: ReadonlyMap<string, UptimeDoc>, now: Date): ServiceHealth['uptime'] {
  const over = (count: number): number | null => upRatio(dayNames(now, count).flatMap((day) => days.get(day)?.hours ?? []))
  return { day: upRatio(lastHours(days, now, 24)), week: over(7), month: over(30), quarter: over(90) }
}

function lastHours(days: ReadonlyMap<string, UptimeDoc>, now: Date, count: number): Seconds[] {
  return Array.from({ length: count }, (_, back) => new Date(now.getTime() - back * 3_600_000)).flatMap(
    (at) => days.get(at.toISOString().slice(0, 10))?.hours[at.getUTCHours()] ?? [],
  )
}

function dayNames(now: Date, count: number): string[] {
  return Array.from({ length: count }, (_, at) => new Date(now.getTime() - (count - 1 - at) * 86_400_000).toISOString().slice(0, 10))
}

/** The value below which a share of all lies (nearest rank); null for none. */
export function percentile(values: readonly number[], share: number): number | null {
  if (values.length === 0) return null
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? null
}

import type { HealthState } from '@console/contracts/health/schemas'

/** What a check is known to be, and how far it is from being something else. */
export type Judgement = { readonly state: HealthState; readonly misses: number; readonly hits: number }
export const unmeasured: Judgement = { state: 'unknown', misses: 0, hits: 0 }

/**
 * The next judgement after one measurement. `ok: null` means that nothing could be measured (the part that measures was away):
 * then the check is unknown, and neither hits nor misses count on.
 * Down needs `downAfter` misses in a row, up again `upAfter` hits; the first hit of an unknown check is enough, the first miss is not.
 */
export function judge(
  before: Judgement,
  ok: boolean | null,
  { downAfter, upAfter }: { readonly downAfter: number; readonly upAfter: number },
): Judgement {
  if (ok === null) return { state: 'unknown', misses: 0, hits: 0 }
  if (ok) {
    const hits = before.hits + 1
    const recovered = before.state !== 'down' || hits >= upAfter
    return { state: recovered ? 'up' : 'down', misses: 0, hits }
  }
  const misses = before.misses + 1
  if (misses >= downAfter || before.state === 'down') return { state: 'down', misses, hits: 0 }
  return { state: before.state === 'unknown' ? 'unknown' : 'degraded', misses, hits: 0 }
}

/**
 * The next judgement after a measurement out of turn, as a run asks for while a service starts. Hits count: a row as long as the check
 * needs to be up says that it is. A miss breaks that row and says no more, since how fast misses lead to down is told by the interval.
 */
export function judgeAsked(before: Judgement, ok: boolean | null, { upAfter }: { readonly upAfter: number }): Judgement {
  if (!ok) return { ...before, hits: 0 }
  const hits = before.hits + 1
  return { state: hits >= upAfter ? 'up' : before.state, misses: 0, hits }
}

/**
 * A service's state from its checks': down when one is down, degraded when one is, unknown when one could not be measured,
 * up only when all are. A service without checks is unknown: nobody said what up means.
 */
export function combine(states: readonly HealthState[]): HealthState {
  for (const state of ['down', 'degraded', 'maintenance', 'unknown'] as const) if (states.includes(state)) return state
  return states.length > 0 ? 'up' : 'unknown'
}

/** Whether an HTTP status is one that a check expects: `200`, `2xx`, or a list of those. */
export function statusFits(expected: string, status: number): boolean {
  return expected.split(',').some((one) => (one.endsWith('xx') ? Math.floor(status / 100) === Number(one[0]) : Number(one) === status))
}

const severity: Record<HealthState, number> = { down: 0, degraded: 1, unknown: 2, maintenance: 3, up: 4 }

/** Worst first; equal ones by how long, then by name. */
export function byWorst(
  a: { state: HealthState; since: string | null; name: string },
  b: { state: HealthState; since: string | null; name: string },
): number {
  return severity[a.state] - severity[b.state] || (a.since ?? '9').localeCompare(b.since ?? '9') || a.name.localeCompare(b.name)
}

import type { Run } from '@console/contracts/deployments/schemas'
import type { HealthState, HealthSummary } from '@console/contracts/health/schemas'
import { formatTotals } from '@console/ui/format.ts'
import type { StatusKind } from '@console/ui/status.tsx'

const kinds: Record<Run['state'], StatusKind> = {
  queued: 'queued',
  running: 'running',
  verifying: 'verifying',
  succeeded: 'ok',
  failed: 'bad',
  cancelled: 'cancelled',
  interrupted: 'interrupted',
  'timed-out': 'timed-out',
}

/** A succeeded run that no check could confirm is drawn hollow and says so. */
export function runStatus({ state, verified }: { readonly state: string; readonly verified: boolean }): { kind: StatusKind; word: string } {
  if (state === 'succeeded' && !verified) return { kind: 'unverified', word: 'succeeded, not verified' }
  return { kind: kinds[state as Run['state']] ?? 'unknown', word: state === 'timed-out' ? 'timed out' : state }
}

export const healthKind: Record<HealthState, StatusKind> = {
  up: 'ok',
  degraded: 'warn',
  down: 'bad',
  unknown: 'unknown',
  maintenance: 'rest',
}

/** `6 up · 3 down · 2 unknown of 11`. */
export function healthTotals({ up, down, degraded, maintenance, unknown, total }: HealthSummary): string {
  return total === 0 ? 'no service is registered' : formatTotals({ up, down, degraded, 'in maintenance': maintenance, unknown }, total)
}

/** Which of the four steps a run is in: 0 queued, 1 running, 2 verifying, 3 ended. */
export function stepOf({ state }: Pick<Run, 'state'>): number {
  const at = (['queued', 'running', 'verifying'] as const).indexOf(state as 'queued')
  return at < 0 ? 3 : at
}

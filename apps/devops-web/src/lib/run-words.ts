import type { Run } from '@console/contracts/deployments/schemas'
import type { HealthState } from '@console/contracts/health/schemas'
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

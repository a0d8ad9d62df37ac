/** The states of a deployment, and from where each may be reached. Shared by the API and the dashboards. */
export const runStates = ['queued', 'running', 'verifying', 'succeeded', 'failed', 'cancelled', 'interrupted', 'timed-out'] as const
export type RunState = (typeof runStates)[number]

const next: Record<RunState, readonly RunState[]> = {
  queued: ['running', 'cancelled', 'failed', 'interrupted'],
  running: ['verifying', 'succeeded', 'failed', 'cancelled', 'timed-out', 'interrupted'],
  verifying: ['succeeded', 'failed', 'cancelled', 'interrupted'],
  succeeded: [],
  failed: [],
  cancelled: [],
  interrupted: [],
  'timed-out': [],
}

export function canBecome(from: RunState, to: RunState): boolean {
  return next[from].includes(to)
}

export function isFinal(state: RunState): boolean {
  return next[state].length === 0
}

/** What a person may do with a run, by its state. */
const allowed = {
  cancel: ['queued', 'running', 'verifying'],
  rerun: ['succeeded', 'failed', 'cancelled', 'interrupted', 'timed-out'],
} as const satisfies Record<string, readonly RunState[]>

/** Why a run cannot be cancelled or run again now; null when it can. */
export function whyNotNow(deed: keyof typeof allowed, state: RunState): string | null {
  if ((allowed[deed] as readonly RunState[]).includes(state)) return null
  return deed === 'cancel' ? `The run has ended: ${state}.` : `The run is still ${state}.`
}

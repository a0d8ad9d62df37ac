import type { CheckName } from '@console/verbs/code'

/** How one check went: the status of its process, never what its output says of itself. Lines are its own: after `fromLine`, up to `toLine`. */
export type CheckState = {
  name: CheckName
  state: 'waiting' | 'running' | 'passed' | 'failed' | 'not-run'
  exitCode: number | null
  startedAt: string | null
  endedAt: string | null
  /** What ended processes of it, where that was a bound of the run and not the check itself. */
  bound: 'memory' | null
  fromLine: number | null
  toLine: number | null
}

export function waitingCheck(name: CheckName): CheckState {
  const open = { exitCode: null, startedAt: null, endedAt: null, bound: null, fromLine: null, toLine: null }
  return { name, state: 'waiting', ...open }
}

/** In the folder of a run. */
export const checksFile = 'checks.json'

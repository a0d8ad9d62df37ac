import type { CheckCounts, CheckOutcome, CodeProjects, CodeRun, CodeRunState } from '@console/contracts/code-quality/schemas'
import { formatBytes, formatDuration } from '@console/ui/format.ts'
import type { StatusKind } from '@console/ui/status.tsx'

/** What a run or a check is shown as. */
export const kindOf: Readonly<Record<CodeRunState | CheckOutcome['state'], StatusKind>> = {
  queued: 'queued',
  waiting: 'queued',
  running: 'running',
  passed: 'ok',
  failed: 'bad',
  cancelled: 'cancelled',
  interrupted: 'interrupted',
  'timed-out': 'timed-out',
  'not-run': 'unknown',
}

/** What the checks of a run may take, as the machine holds them to it. */
export function boundsText({ memoryBytes, limitSec }: Pick<CodeProjects, 'memoryBytes' | 'limitSec'>): string {
  const time = formatDuration(limitSec * 1_000)
  return memoryBytes === null
    ? `They may take ${time}. Their memory is not bounded on this machine; processes and file sizes are.`
    : `They may take ${formatBytes(memoryBytes)} of memory together, and ${time}.`
}

/** `3 errors, 12 warnings, 40 passed`; what the output did not say is left out. */
export function countsText(counts: CheckCounts | null): string {
  if (!counts) return ''
  const { errors, warnings, testsPassed, testsFailed, testsSkipped } = counts
  const told = (count: number | null, one: string, many: string) => (count === null ? [] : [`${count} ${count === 1 ? one : many}`])
  return [
    ...told(errors, 'error', 'errors'),
    ...told(warnings, 'warning', 'warnings'),
    ...told(testsPassed, 'passed', 'passed'),
    ...told(testsFailed, 'failed', 'failed'),
    ...told(testsSkipped, 'skipped', 'skipped'),
  ].join(', ')
}

/** Milliseconds from its start to its end, or to now; null before its start. */
export function tookMs({ startedAt, endedAt }: Pick<CodeRun, 'startedAt' | 'endedAt'>, nowMs: number): number | null {
  return startedAt === null ? null : (endedAt === null ? nowMs : Date.parse(endedAt)) - Date.parse(startedAt)
}

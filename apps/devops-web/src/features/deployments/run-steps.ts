import type { Run } from '@console/contracts/deployments/schemas'
import { formatDuration } from '@console/ui/format.ts'
import type { Step } from '@console/ui/stepper.tsx'
import { runStatus } from '../../lib/run-words.ts'

/** The four steps of a run. What it never reached waits; where it ended says how. @param now milliseconds, 0 before the page lives */
export function stepsOf(run: Run, now: number): Step[] {
  const ms = (iso: string | null): number => (iso === null ? (now === 0 ? Date.parse(run.queuedAt) : now) : Date.parse(iso))
  const between = (from: string, to: string | null): string => formatDuration(ms(to) - Date.parse(from))
  const { kind, word } = runStatus(run)
  const queued: Step =
    run.startedAt === null && run.endedAt === null
      ? {
          kind: 'queued',
          title: 'Queued',
          text: run.position ? `${run.position} before it` : 'Waits for the host',
          duration: between(run.queuedAt, null),
          at: 'now',
        }
      : {
          kind: 'ok',
          title: 'Queued',
          text: 'Waited for its turn',
          duration: between(run.queuedAt, run.startedAt ?? run.endedAt),
          at: 'done',
        }
  const running: Step =
    run.startedAt === null
      ? { kind: 'queued', title: 'Running', text: 'the script', duration: '', at: 'wait' }
      : run.exitedAt === null && run.endedAt === null
        ? {
            kind: 'running',
            title: 'Running',
            text: run.steps.at(-1)?.name ?? 'the script',
            duration: between(run.startedAt, null),
            at: 'now',
          }
        : {
            kind: run.exitCode === 0 ? 'ok' : kind,
            title: 'Running',
            text: run.exitCode === null ? word : `Script ended with exit ${run.exitCode}`,
            duration: between(run.startedAt, run.exitedAt ?? run.endedAt),
            at: 'done',
          }
  const passed = run.checks.filter((check) => check.hits >= check.needed).length
  const verifying: Step =
    run.checks.length === 0
      ? { kind: 'unverified', title: 'Verifying', text: 'no health check', duration: '', at: 'wait' }
      : {
          kind: run.state === 'verifying' ? 'verifying' : run.verified ? 'ok' : 'bad',
          title: 'Verifying',
          text: `${passed} of ${run.checks.length} checks pass`,
          duration: run.exitedAt ? between(run.exitedAt, run.endedAt) : '',
          at: run.state === 'verifying' ? 'now' : 'done',
        }
  const end: Step =
    run.endedAt === null
      ? {
          kind: 'queued',
          title: 'Succeeded',
          text: run.checks.length > 0 ? 'when every check passes' : 'with exit 0',
          duration: '',
          at: 'wait',
        }
      : {
          kind,
          title: `${word[0]?.toUpperCase()}${word.slice(1)}`,
          text: run.state === 'succeeded' ? (run.outcome ?? '') : run.cancelledBy ? 'by a person' : 'see below',
          duration: '',
          at: 'done',
        }
  return [queued, running, verifying, end]
}

import type { Run } from '@console/contracts/deployments/schemas'
import { formatDuration } from '@console/ui/format.ts'
import type { Step } from '@console/ui/stepper.tsx'
import { runStatus } from '../../lib/run-words.ts'

/** The four steps of a run. What it never reached waits; where it ended says how. @param now milliseconds, 0 before the page lives */
export function stepsOf(run: Run, now: number): Step[] {
  return [queued(run, now), running(run, now), verifying(run, now), end(run)]
}

function between(from: string, to: string | null, now: number): string {
  const until = to === null ? now : Date.parse(to)
  return until === 0 ? '' : formatDuration(until - Date.parse(from))
}

function queued(run: Run, now: number): Step {
  const waits = run.startedAt === null && run.endedAt === null
  const waitedMs = Date.parse(run.startedAt ?? run.endedAt ?? run.queuedAt) - Date.parse(run.queuedAt)
  return {
    kind: waits ? 'queued' : run.startedAt === null ? runStatus(run).kind : 'ok',
    title: 'Queued',
    text: waits
      ? run.position
        ? `${run.position} before it`
        : 'Waits for the host'
      : waitedMs < 2_000
        ? 'Waited for nothing'
        : 'Waited for its turn',
    duration: between(run.queuedAt, run.startedAt ?? run.endedAt, now),
    at: waits ? 'now' : 'done',
  }
}

function running(run: Run, now: number): Step {
  const title = 'Running'
  if (run.startedAt === null)
    return { kind: 'queued', title, text: run.endedAt === null ? 'the script' : 'never started', duration: '', at: 'wait' }
  if (run.exitedAt === null && run.endedAt === null)
    return {
      kind: 'running',
      title,
      text: run.steps.at(-1)?.name ?? 'the script',
      duration: between(run.startedAt, null, now),
      at: 'now',
    }
  return {
    kind: run.exitCode === 0 ? 'ok' : runStatus(run).kind,
    title,
    text: run.exitCode === null ? runStatus(run).word : `Script ended with exit ${run.exitCode}`,
    duration: between(run.startedAt, run.exitedAt ?? run.endedAt, now),
    at: 'done',
  }
}

function verifying(run: Run, now: number): Step {
  const title = 'Verifying'
  // A script that did not end well was never judged by its checks, whatever the run lists of them.
  const reached = run.state === 'verifying' || (run.endedAt !== null && run.exitCode === 0)
  if (!reached) return { kind: 'queued', title, text: run.endedAt === null ? 'after exit 0' : 'not reached', duration: '', at: 'wait' }
  if (run.checks.length === 0) return { kind: 'unverified', title, text: 'no health check', duration: '', at: 'wait' }
  const passed = run.checks.filter((check) => check.hits >= check.needed).length
  const left = run.verifyUntil !== null && now > 0 ? Math.max(0, Date.parse(run.verifyUntil) - now) : null
  const count = `${passed} of ${run.checks.length} checks ${run.endedAt === null ? 'pass' : 'passed'}`
  return {
    kind: run.state === 'verifying' ? 'verifying' : run.verified ? 'ok' : run.state === 'failed' ? 'bad' : runStatus(run).kind,
    title,
    text: run.state === 'verifying' && left !== null ? `${count}, ${formatDuration(left)} left` : count,
    duration: run.exitedAt ? between(run.exitedAt, run.endedAt, now) : '',
    at: run.state === 'verifying' ? 'now' : 'done',
  }
}

function end(run: Run): Step {
  if (run.endedAt === null)
    return {
      kind: 'queued',
      title: 'Succeeded',
      text:
        run.state === 'verifying'
          ? 'when every check passes'
          : run.checks.length > 0
            ? 'with exit 0, when every check passes'
            : 'with exit 0',
      duration: '',
      at: 'wait',
    }
  const { kind, word } = runStatus(run)
  const why: Partial<Record<Run['state'], string>> = {
    succeeded: run.verified ? 'every check passed' : 'exit 0; no check could say more',
    failed: run.exitCode === 0 ? 'not healthy in time' : run.exitCode === null ? 'see below' : `exit ${run.exitCode}`,
    cancelled: run.cancelledBy ? `by ${run.cancelledBy}` : 'see below',
    'timed-out': 'over its limit',
    interrupted: 'its end was not seen',
  }
  return { kind, title: `${word[0]?.toUpperCase()}${word.slice(1)}`, text: why[run.state] ?? 'see below', duration: '', at: 'done' }
}

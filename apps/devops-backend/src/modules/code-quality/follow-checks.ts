import type { CheckCounts, CheckName, CheckOutcome, CodeRunState } from '@console/contracts/code-quality/schemas'
import type { AgentRun } from '../../clients/host-agent.ts'
import type { CodeRunDoc } from '../../documents.ts'

type Counted = ReadonlyMap<CheckName, CheckCounts>

/** What the run is by what the agent says of it; counts are added as they are known. */
export function followChecks(doc: CodeRunDoc, agent: AgentRun, counted: Counted): CodeRunDoc {
  if (!doc.open) return doc
  const told = new Map(agent.checks?.map((one) => [one.name, one]))
  const checks = doc.checks.map((before): CheckOutcome => {
    const now = told.get(before.name)
    const counts = counted.get(before.name) ?? before.counts
    if (!now) return { ...before, state: agent.endedAt === null ? before.state : 'not-run', counts }
    const { name, state, exitCode, startedAt, endedAt, bound } = now
    return { name, state, exitCode, startedAt, endedAt, bound, counts }
  })
  const state = stateOf(agent, checks)
  return {
    ...doc,
    admitted: true,
    checks,
    state,
    open: agent.endedAt === null,
    user: agent.user,
    startedAt: agent.startedAt,
    endedAt: agent.endedAt,
    deadlineAt: agent.deadlineAt,
    outcome: agent.endedAt === null ? null : outcomeOf(agent, state, checks),
    lines: agent.lines,
    bytes: agent.bytes,
    cut: agent.cut,
    firstErrorLine: agent.firstErrorLine,
  }
}

/** It ends here for a reason of the console's own. */
export function endCodeRun(doc: CodeRunDoc, state: CodeRunState, outcome: string, now: Date): CodeRunDoc {
  if (!doc.open) return doc
  const checks = doc.checks.map(
    (one): CheckOutcome => (one.state === 'waiting' || one.state === 'running' ? { ...one, state: 'not-run' } : one),
  )
  return { ...doc, state, outcome, checks, open: false, endedAt: now.toISOString() }
}

export function sumOf(checks: readonly CheckOutcome[], field: Exclude<keyof CheckCounts, 'tool'>): number | null {
  const known = checks.flatMap(({ counts }) => (counts?.[field] == null ? [] : [counts[field]]))
  return known.length === 0 ? null : known.reduce((sum, count) => sum + count, 0)
}

function stateOf(agent: AgentRun, checks: readonly CheckOutcome[]): CodeRunState {
  if (agent.state === 'refused') return 'failed'
  if (agent.state !== 'exited') return agent.state
  return checks.every(({ state }) => state === 'passed') ? 'passed' : 'failed'
}

function outcomeOf(agent: AgentRun, state: CodeRunState, checks: readonly CheckOutcome[]): string {
  if (agent.state === 'refused')
    return agent.code === 'CODE_PROJECT_REFUSED'
      ? 'When its turn came the project was no folder below an allowed root any more. Nothing was run.'
      : 'When its turn came it could not be contained. Nothing was run.'
  if (state === 'cancelled') return 'It was cancelled, and all its processes were ended.'
  if (state === 'timed-out') return `It took longer than ${agent.timeoutSec} s, and all its processes were ended.`
  if (state === 'interrupted') return 'It ended while nobody could record how. Run it again.'
  const failed = checks.filter((one) => one.state === 'failed').map(({ name }) => name)
  const bound = checks.filter((one) => one.bound === 'memory').map(({ name }) => name)
  const atBound = bound.length > 0 ? ` ${bound.join(', ')} reached the memory that checks may take.` : ''
  if (failed.length > 0) return `${failed.join(', ')} failed.${atBound}`
  return state === 'passed' ? `Every check passed.${atBound}` : 'No check was run. The output says why.'
}

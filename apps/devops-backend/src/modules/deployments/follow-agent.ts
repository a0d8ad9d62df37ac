import { canBecome, isFinal, type RunState } from '@console/contracts/deployments/run-states'
import type { AgentRun } from '../../clients/host-agent.ts'
import type { RunDoc } from '../../documents.ts'

/** What the service says about success: how long its checks may take, and which they are. */
export type SuccessRule = { readonly verifyWindowSec: number; readonly checks: RunDoc['checks'] }

/**
 * What a run is, given what the host-agent says of its processes. Exit 0 is not yet success: the service's checks must pass within
 * its window; without checks it is succeeded, and said not to be verified. A state that ended is never left.
 */
export function followAgent(doc: RunDoc, agent: AgentRun, rule: SuccessRule): RunDoc {
  const known = {
    ...doc,
    admitted: true,
    scriptSha256: agent.scriptSha256,
    user: agent.user,
    unit: agent.unit,
    startedAt: agent.startedAt,
    deadlineAt: agent.deadlineAt,
    exitCode: agent.exitCode,
    signal: agent.signal,
    steps: agent.steps,
    lines: agent.lines,
    bytes: agent.bytes,
    cut: agent.cut,
    firstErrorLine: agent.firstErrorLine,
  }
  if (isFinal(doc.state) || doc.state === 'verifying') return { ...known, startedAt: doc.startedAt ?? agent.startedAt }
  const { state, outcome } = stateOf(agent, rule)
  if (state === doc.state || !reachable(doc.state, state)) return known
  const exitedAt = agent.endedAt
  if (state !== 'verifying')
    return {
      ...known,
      ...ended(state, outcome, exitedAt ?? agent.queuedAt),
      exitedAt,
      cancelledBy: agent.cancelledBy ?? doc.cancelledBy,
      open: isFinal(state) ? false : known.open,
    }
  const verifyUntil = new Date(Date.parse(exitedAt ?? agent.queuedAt) + rule.verifyWindowSec * 1_000).toISOString()
  return { ...known, state, exitedAt, verifyUntil, checks: rule.checks }
}

/** The run after its health was measured once more. */
export function followChecks(doc: RunDoc, hits: RunDoc['checks'], now: Date): RunDoc {
  const at = now.toISOString()
  if (hits.every((check) => check.hits >= check.needed))
    return {
      ...doc,
      checks: hits,
      ...ended('succeeded', 'The script ended with exit 0, and every health check passes.', at),
      verified: true,
      open: false,
    }
  if (doc.verifyUntil === null || at < doc.verifyUntil) return { ...doc, checks: hits }
  const missing = hits.filter((check) => check.hits < check.needed).map((check) => `${check.label}: ${check.lastNote ?? 'not measured'}`)
  const outcome = `The script ended with exit 0, but the service did not get healthy in time. ${missing.join('; ')}.`
  return { ...doc, checks: hits, ...ended('failed', outcome, at), open: false }
}

/** A run of which nobody could say whether the agent took it: it has ended for those who wait, and is looked at until the agent answers. */
export function isUndecided(doc: RunDoc): boolean {
  return doc.open && !doc.admitted && doc.state === 'interrupted'
}

/** The agent did take it: it is what the agent says, from the beginning. */
export function takenAfterAll(doc: RunDoc): RunDoc {
  return isUndecided(doc) ? { ...doc, state: 'queued', outcome: null, endedAt: null } : doc
}

/** A run that ends for a reason of the console's own. */
export function endRun(doc: RunDoc, state: RunState, outcome: string, now: Date): RunDoc {
  return isFinal(doc.state) ? doc : { ...doc, ...ended(state, outcome, now.toISOString()), open: false }
}

function ended(state: RunState, outcome: string | null, at: string): Pick<RunDoc, 'state' | 'outcome' | 'endedAt'> {
  return { state, outcome, endedAt: isFinal(state) ? at : null }
}

/** The agent may have passed through states between two looks: queued → running → exited counts as one step. */
function reachable(from: RunState, to: RunState): boolean {
  return canBecome(from, to) || (from === 'queued' && canBecome('running', to))
}

function stateOf(agent: AgentRun, rule: SuccessRule): { state: RunState; outcome: string | null } {
  switch (agent.state) {
    case 'queued':
    case 'running':
      return { state: agent.state, outcome: null }
    case 'cancelled':
      return { state: 'cancelled', outcome: 'The run was cancelled, and all its processes were ended.' }
    case 'timed-out':
      return {
        state: 'timed-out',
        outcome: `The script ran longer than its limit of ${agent.timeoutSec} s, and all its processes were ended.`,
      }
    case 'interrupted':
      return { state: 'interrupted', outcome: 'The run ended while nobody could record how. Look at what it left, then run it again.' }
    case 'refused':
      return {
        state: 'failed',
        outcome:
          agent.code === 'SCRIPT_CHANGED'
            ? 'The script changed while the run waited. Look at the difference and approve it.'
            : 'The host-agent refused to start the script.',
      }
    case 'exited':
      if (agent.exitCode === 0)
        return rule.checks.length > 0
          ? { state: 'verifying', outcome: null }
          : { state: 'succeeded', outcome: 'The script ended with exit 0. The service has no health check that could say more.' }
      return {
        state: 'failed',
        outcome: agent.signal ? `The script was ended by ${agent.signal}.` : `The script ended with exit ${agent.exitCode ?? 'unknown'}.`,
      }
  }
}

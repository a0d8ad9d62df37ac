import type { AgentRun } from '../../clients/host-agent.ts'
import type { RunDoc } from '../../documents.ts'
import { newRun } from './new-run.ts'

const at = '2026-03-01T12:00:00.000Z'

/** A run that was just asked for. */
export function aRun(over: Partial<RunDoc> = {}): RunDoc {
  const asked = {
    serviceId: 'web',
    serviceName: 'web',
    scriptId: 'deploy',
    reason: 'to see it',
    rerunOf: null,
    actor: { kind: 'person', id: 'u1', name: 'One' },
    requestId: 'r1',
  } as const
  return { ...newRun({ ...asked, variableNames: [] }, new Date(at)), id: 'run-1', number: 1, ...over }
}

/** The same run as the host-agent tells it, running unless the test says otherwise. */
export function anAgentRun(over: Partial<AgentRun> = {}): AgentRun {
  return {
    runId: 'run-1',
    scriptId: 'deploy',
    serviceId: 'web',
    state: 'running',
    reason: 'to see it',
    scriptSha256: 'ab'.repeat(32),
    user: 'deploy',
    unit: null,
    queuedAt: at,
    startedAt: at,
    endedAt: null,
    exitCode: null,
    signal: null,
    deadlineAt: null,
    timeoutSec: 600,
    steps: [],
    lines: 3,
    bytes: 30,
    cut: false,
    firstErrorLine: null,
    code: null,
    cancelledBy: null,
    position: null,
    ...over,
  }
}

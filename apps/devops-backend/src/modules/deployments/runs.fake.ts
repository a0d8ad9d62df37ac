import type { AgentRun } from '../../clients/host-agent.ts'
import type { RunDoc } from '../../documents.ts'

const at = '2026-03-01T12:00:00.000Z'

/** A run that was just asked for. */
export function aRun(over: Partial<RunDoc> = {}): RunDoc {
  return {
    v: 1,
    id: 'run-1',
    number: 1,
    kind: 'deployment',
    hostId: 'local',
    serviceId: 'web',
    serviceName: 'web',
    state: 'queued',
    verified: false,
    actor: { kind: 'person', id: 'u1', name: 'One' },
    reason: 'to see it',
    scriptId: 'deploy',
    scriptPath: null,
    scriptSha256: null,
    user: null,
    unit: null,
    variableNames: [],
    queuedAt: at,
    startedAt: null,
    exitedAt: null,
    endedAt: null,
    deadlineAt: null,
    verifyUntil: null,
    exitCode: null,
    signal: null,
    outcome: null,
    steps: [],
    checks: [],
    lines: 0,
    bytes: 0,
    cut: false,
    firstErrorLine: null,
    cancelledBy: null,
    rerunOf: null,
    requestId: 'r1',
    version: 1,
    admitted: false,
    open: true,
    chk: [],
    ...over,
  }
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

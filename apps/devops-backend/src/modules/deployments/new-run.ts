import { randomBytes } from 'node:crypto'
import type { RunDoc } from '../../documents.ts'

type Asked = Pick<RunDoc, 'serviceId' | 'serviceName' | 'scriptId' | 'reason' | 'variableNames' | 'rerunOf' | 'actor' | 'requestId'>

/** A run that was just asked for: nothing happened to it yet. */
export function newRun(asked: Asked, now: Date): Omit<RunDoc, 'number'> {
  return {
    ...asked,
    v: 1,
    id: `run-${now.getTime().toString(36)}-${randomBytes(6).toString('hex')}`,
    kind: 'deployment',
    hostId: 'local',
    state: 'queued',
    verified: false,
    scriptPath: null,
    scriptSha256: null,
    user: null,
    unit: null,
    queuedAt: now.toISOString(),
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
    version: 1,
    admitted: false,
    open: true,
    chk: [],
  }
}

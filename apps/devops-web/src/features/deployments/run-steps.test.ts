import type { Run } from '@console/contracts/deployments/schemas'
import { describe, expect, it } from 'vitest'
import { stepsOf } from './run-steps.ts'

const at = (second: number): string => new Date(Date.UTC(2026, 2, 1, 12, 0, second)).toISOString()
const now = Date.parse(at(100))
const check = { checkId: 'c1', label: 'GET /', hits: 0, needed: 2, lastNote: null }
const run = (more: Partial<Run>): Run =>
  ({
    state: 'queued',
    verified: false,
    queuedAt: at(0),
    startedAt: null,
    exitedAt: null,
    endedAt: null,
    verifyUntil: null,
    exitCode: null,
    checks: [check],
    steps: [],
    position: null,
    cancelledBy: null,
    ...more,
  }) as Run
const brief = (more: Partial<Run>): string[] =>
  stepsOf(run(more), now).map(({ title, text, kind, at: when }) => `${title} ${when} ${kind}: ${text}`)

describe('the steps of a run', () => {
  it('wait in line, and say how many are before it', () => {
    expect(brief({ position: 2 })[0]).toBe('Queued now queued: 2 before it')
  })

  it('count what is left of the window while the checks are asked', () => {
    const more = { state: 'verifying' as const, startedAt: at(0), exitedAt: at(90), verifyUntil: at(120), exitCode: 0 }
    expect(brief(more).slice(2)).toEqual([
      'Verifying now verifying: 0 of 1 checks pass, 20\u00a0s left',
      'Succeeded wait queued: when every check passes',
    ])
  })

  it('never call a run verified or unverified that its script ended badly', () => {
    const more = { state: 'failed' as const, startedAt: at(0), exitedAt: at(2), endedAt: at(2), exitCode: 3 }
    expect(brief(more).slice(1)).toEqual([
      'Running done bad: Script ended with exit 3',
      'Verifying wait queued: not reached',
      'Failed done bad: exit 3',
    ])
  })

  it('fail at the checks when the script ended well and the service did not get healthy', () => {
    const more = { state: 'failed' as const, startedAt: at(0), exitedAt: at(2), endedAt: at(12), exitCode: 0 }
    expect(brief(more).slice(1)).toEqual([
      'Running done ok: Script ended with exit 0',
      'Verifying done bad: 0 of 1 checks passed',
      'Failed done bad: not healthy in time',
    ])
  })

  it('tell a success that no check could confirm apart', () => {
    const more = { state: 'succeeded' as const, startedAt: at(0), exitedAt: at(2), endedAt: at(2), exitCode: 0, checks: [] }
    expect(brief(more).slice(2)).toEqual([
      'Verifying wait unverified: no health check',
      'Succeeded, not verified done unverified: exit 0; no check could say more',
    ])
  })

  it('say of a run that was cancelled in line that it never started', () => {
    const more = { state: 'cancelled' as const, endedAt: at(3), cancelledBy: 'Some Person' }
    expect(brief(more)).toEqual([
      'Queued done cancelled: Waited for its turn',
      'Running wait queued: never started',
      'Verifying wait queued: not reached',
      'Cancelled done cancelled: by Some Person',
    ])
  })
})

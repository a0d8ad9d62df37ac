import { runStates } from '@console/contracts/deployments/run-states'
import { describe, expect, it } from 'vitest'
import { endRun, followAgent, followChecks } from './follow-agent.ts'
import { anAgentRun, aRun } from './runs.fake.ts'

const check = { checkId: 'c1', label: 'HTTP /', hits: 0, needed: 2, lastNote: null }
const unchecked = { verifyWindowSec: 30, checks: [] }
const checked = { verifyWindowSec: 30, checks: [check] }
const exited = (over = {}) => anAgentRun({ state: 'exited', exitCode: 0, endedAt: '2026-03-01T12:01:00.000Z', ...over })

describe('a run, given what the host-agent says', () => {
  it('is verifying after exit 0 where there are checks, until the window is over', () => {
    const after = followAgent(aRun({ state: 'running' }), exited(), checked)
    expect(after).toMatchObject({ state: 'verifying', open: true, endedAt: null, verifyUntil: '2026-03-01T12:01:30.000Z', checks: [check] })
  })

  it('is succeeded and not verified where there is nothing to check', () => {
    expect(followAgent(aRun({ state: 'running' }), exited(), unchecked)).toMatchObject({
      state: 'succeeded',
      verified: false,
      open: false,
      endedAt: '2026-03-01T12:01:00.000Z',
    })
  })

  it('says how a script failed: by its exit status or by a signal', () => {
    const run = aRun({ state: 'running' })
    expect(followAgent(run, exited({ exitCode: 3 }), checked)).toMatchObject({ state: 'failed', outcome: 'The script ended with exit 3.' })
    expect(followAgent(run, exited({ exitCode: null, signal: 'SIGKILL' }), checked)).toMatchObject({
      state: 'failed',
      outcome: 'The script was ended by SIGKILL.',
    })
  })

  it('passes from waiting to any end in one look, since the agent may have been faster', () => {
    expect(followAgent(aRun(), exited({ exitCode: 1 }), checked).state).toBe('failed')
    expect(followAgent(aRun(), anAgentRun({ state: 'timed-out', endedAt: '2026-03-01T12:10:00.000Z' }), checked)).toMatchObject({
      state: 'timed-out',
      outcome: 'The script ran longer than its limit of 600 s, and all its processes were ended.',
    })
    expect(followAgent(aRun(), anAgentRun({ state: 'refused', code: 'SCRIPT_CHANGED' }), checked)).toMatchObject({
      state: 'failed',
      outcome: expect.stringContaining('The script changed while the run waited.'),
    })
  })

  it('never leaves a state that ended, whatever the agent says later', () => {
    const ends = runStates.filter((state) => !['queued', 'running', 'verifying'].includes(state))
    for (const state of ends)
      for (const late of [anAgentRun(), exited(), exited({ exitCode: 1 }), anAgentRun({ state: 'cancelled' })])
        expect(followAgent(aRun({ state, open: false, outcome: 'as it was' }), late, checked)).toMatchObject({
          state,
          outcome: 'as it was',
        })
  })

  it('keeps verifying while the agent repeats that the script ended', () => {
    const run = aRun({ state: 'verifying', checks: [{ ...check, hits: 1 }], verifyUntil: '2026-03-01T12:01:30.000Z' })
    expect(followAgent(run, exited(), checked)).toMatchObject({ state: 'verifying', checks: [{ hits: 1 }] })
  })
})

describe('a run whose health is measured', () => {
  const run = aRun({ state: 'verifying', checks: [check], verifyUntil: '2026-03-01T12:01:30.000Z' })
  const at = (time: string) => new Date(`2026-03-01T${time}Z`)

  it('succeeds once every check passed as often as it must', () => {
    expect(followChecks(run, [{ ...check, hits: 1 }], at('12:01:10'))).toMatchObject({ state: 'verifying' })
    expect(followChecks(run, [{ ...check, hits: 2 }], at('12:01:12'))).toMatchObject({ state: 'succeeded', verified: true, open: false })
  })

  it('fails when the window is over, and names the checks that did not pass with what was seen', () => {
    const after = followChecks(run, [{ ...check, hits: 1, lastNote: 'connection refused' }], at('12:01:30'))
    expect(after).toMatchObject({ state: 'failed', verified: false, open: false, endedAt: '2026-03-01T12:01:30.000Z' })
    expect(after.outcome).toContain('HTTP /: connection refused')
  })

  it('ends for a reason of the console’s own once, and not again', () => {
    const ended = endRun(run, 'cancelled', 'first', at('12:01:15'))
    expect(ended).toMatchObject({ state: 'cancelled', outcome: 'first', open: false })
    expect(endRun(ended, 'failed', 'second', at('12:01:16'))).toBe(ended)
  })
})

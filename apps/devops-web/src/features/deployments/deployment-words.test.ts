import type { Run } from '@console/contracts/deployments/schemas'
import { describe, expect, it } from 'vitest'
import { countsOf, findingOf, matches } from './deployment-words.ts'

const now = Date.parse('2026-03-02T00:30:00.000Z')
const run = (number: number, state: Run['state'], endedAt: string | null, more: Partial<Run> = {}): Run =>
  ({
    number,
    state,
    endedAt,
    queuedAt: '2026-03-02T00:10:00.000Z',
    verified: true,
    serviceName: 'web',
    reason: 'Smaller batches',
    actor: { kind: 'person', id: 'p1', name: 'Some Person' },
    outcome: null,
    ...more,
  }) as Run

describe('what the page of deployments finds', () => {
  it('counts only what failed on this UTC day', () => {
    const runs = [run(3, 'failed', '2026-03-02T00:20:00.000Z'), run(2, 'failed', '2026-03-01T23:59:59.000Z'), run(4, 'running', null)]
    expect(findingOf(runs, now)).toBe('1 deployment failed today, 1 is under way')
    expect(countsOf(runs, now)).toBe('2 today: 1 failed · 1 running')
    expect(findingOf([], now)).toBe('Deployments')
    expect(countsOf([run(2, 'failed', '2026-03-01T23:59:59.000Z')], now)).toBe('')
  })

  it('tells a success that no check could confirm apart', () => {
    expect(countsOf([run(1, 'succeeded', '2026-03-02T00:20:00.000Z', { verified: false })], now)).toBe('1 today: 1 succeeded, not verified')
  })

  it('finds a run by number, reason or person', () => {
    for (const q of ['#12', 'smaller', 'SOME PERSON', ' web ']) expect([q, matches(run(12, 'failed', null), q)]).toEqual([q, true])
    expect(matches(run(12, 'failed', null), '#13')).toBe(false)
  })
})

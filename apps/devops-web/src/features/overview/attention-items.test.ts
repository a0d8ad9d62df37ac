import type { Run } from '@console/contracts/deployments/schemas'
import type { ServiceHealth } from '@console/contracts/health/schemas'
import { describe, expect, it } from 'vitest'
import { attentionItems, attentionTitle, type Known } from './attention-items.ts'

const now = Date.parse('2026-03-01T12:00:00.000Z')
const ago = (minutes: number): string => new Date(now - minutes * 60_000).toISOString()
const health = (serviceId: string, more: Partial<ServiceHealth>): ServiceHealth =>
  ({ serviceId, state: 'up', since: ago(60), checks: [], tlsExpiresAt: null, ...more }) as ServiceHealth
const run = (serviceId: string, number: number, state: Run['state'], endedAt: string | null): Run =>
  ({ id: `r${number}`, serviceId, number, state, verified: true, endedAt, outcome: null }) as Run
const names = (known: Known): string[] => attentionItems(known, now).map(({ name }) => name)

describe('what needs somebody', () => {
  it('ranks by what breaks, then by how long', () => {
    const known: Known = {
      health: [
        health('young', { state: 'down', since: ago(5) }),
        health('slow', { state: 'degraded', since: ago(500) }),
        health('old', { state: 'down', since: ago(90) }),
        health('well', {}),
        health('dark', { state: 'unknown' }),
      ],
      runs: [run('batch', 4, 'failed', ago(1_000))],
    }
    expect(names(known)).toEqual(['old', 'young', 'slow', 'batch #4'])
  })

  it('counts a failed run only while no later run of its service has succeeded', () => {
    expect(names({ runs: [run('a', 3, 'succeeded', ago(1)), run('a', 2, 'failed', ago(9))] })).toEqual([])
    expect(names({ runs: [run('a', 3, 'running', null), run('a', 2, 'timed-out', ago(9))] })).toEqual(['a #2'])
  })

  it('calls a certificate that has ended broken, and one of the next two weeks soon', () => {
    const ends = (days: number): ServiceHealth =>
      health(`in ${days}`, { tlsExpiresAt: new Date(now + (days + 0.5) * 86_400_000).toISOString() })
    const items = attentionItems({ health: [ends(30), ends(6), ends(-2)] }, now)
    expect(items.map(({ name, rank }) => [name, rank])).toEqual([
      ['in -2', 0],
      ['in 6', 1],
    ])
  })

  it('takes the warnings of agents, but for what is only good to know', () => {
    const warning = (id: string, severity: 'bad' | 'warn' | 'info') => ({
      id,
      instance: 'vm',
      severity,
      title: `${id}.`,
      cause: '',
      advice: '',
    })
    const agents = [warning('late', 'warn'), warning('noted', 'info'), warning('gone', 'bad')]
    expect(attentionItems({ agents }, now).map(({ key, rank, link }) => [key, rank, link.href])).toEqual([
      ['a gone', 0, '/hermes?instance=vm'],
      ['a late', 2, '/hermes?instance=vm'],
    ])
  })

  it('says "Nothing needs you" only when the health of services is known', () => {
    expect(attentionTitle([], false)).toBe('Overview')
    expect(attentionTitle([], true)).toBe('Nothing needs you')
    const items = attentionItems({ health: [health('a', { state: 'down' }), health('b', { state: 'degraded' })] }, now)
    expect(attentionTitle(items, true)).toBe('1 thing is broken, 1 thing needs you today')
  })
})

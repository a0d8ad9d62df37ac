import type { AuditRow } from '@console/contracts/audit/schemas'
import { describe, expect, it } from 'vitest'
import { newestFirst, rowFits } from './merge-rows.ts'

const row = (over: Partial<AuditRow>): AuditRow => ({
  log: 'devops-backend',
  seq: 1,
  at: '2026-01-01T00:00:00.000Z',
  action: 'vm.container.restart',
  actor: { kind: 'person', id: 'u1', name: 'Operator One' },
  requestId: 'r',
  target: 'web-1',
  outcome: 'done',
  risk: 'change',
  code: null,
  input: null,
  details: null,
  address: null,
  count: null,
  of: null,
  hash: 'h',
  ...over,
})

describe('audit rows', () => {
  it('are found by part of action, target and name, whole id, and time', () => {
    expect(rowFits(row({}), { action: 'restart', target: 'WEB', actor: 'operator', from: '2025-01-01T00:00:00.000Z' })).toBe(true)
    expect(rowFits(row({}), { actor: 'u' })).toBe(false)
    expect(rowFits(row({}), { outcome: 'denied' })).toBe(false)
    expect(rowFits(row({}), { to: '2025-01-01T00:00:00.000Z' })).toBe(false)
  })

  it('of checkpoints can be hidden, but none that tells of a broken or missing one', () => {
    const fits = (action: string, outcome: AuditRow['outcome']) => rowFits(row({ action, outcome }), { checkpoints: 'hide' })
    expect([fits('audit.checkpoint.witnessed', 'done'), fits('audit.checkpoint.witnessed', 'failed')]).toEqual([false, true])
    expect([fits('audit.checkpoint.missing', 'done'), fits('audit.checkpoint.refused', 'denied')]).toEqual([true, true])
  })

  it('are ordered newest first, and the same way each time', () => {
    const rows = [row({ seq: 1 }), row({ seq: 2 }), row({ log: 'docker-proxy', seq: 9 }), row({ at: '2026-01-02T00:00:00.000Z' })]
    expect(rows.sort(newestFirst).map(({ log, seq }) => `${log} ${seq}`)).toEqual([
      'devops-backend 1',
      'devops-backend 2',
      'devops-backend 1',
      'docker-proxy 9',
    ])
  })
})

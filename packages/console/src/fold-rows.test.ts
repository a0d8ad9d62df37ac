import type { AuditRow } from '@console/contracts/audit/schemas'
import { describe, expect, it } from 'vitest'
import { foldRows, namedRows } from './fold-rows.ts'

const row = (seq: number, more: Partial<AuditRow> = {}): AuditRow => ({
  log: 'devops-backend',
  seq,
  at: new Date(1_000 * seq).toISOString(),
  action: 'vm.container.restart',
  actor: { kind: 'person', id: 'p', name: 'Ada' },
  requestId: `r${seq}`,
  target: 'web',
  outcome: 'started',
  risk: 'change',
  code: null,
  input: null,
  details: null,
  address: null,
  count: null,
  of: null,
  hash: 'h',
  ...more,
})
const told = (rows: readonly AuditRow[]) => foldRows(rows).map(({ row: { seq }, intent, tookMs }) => [seq, intent?.seq ?? null, tookMs])

describe('rows of a page', () => {
  it('fold an outcome with the intent that it closes', () =>
    expect(told([row(5, { outcome: 'done', of: 3 }), row(4, { outcome: 'denied' }), row(3)])).toEqual([
      [5, 3, 2_000],
      [4, null, null],
    ]))
  it('keep an intent without an outcome, and an outcome whose intent is on another page', () =>
    expect(told([row(9), row(8, { outcome: 'failed', of: 1 })])).toEqual([
      [9, null, null],
      [8, null, null],
    ]))
  it('never fold over the border of a log', () =>
    expect(told([row(5, { outcome: 'done', of: 3 }), row(3, { log: 'host-agent' })])).toEqual([
      [5, null, null],
      [3, null, null],
    ]))
  it('get a name from another log of the page, and from nowhere else', () => {
    const nameless = row(2, { log: 'host-agent', actor: { kind: 'person', id: 'p', name: null } })
    const stranger = row(1, { log: 'host-agent', actor: { kind: 'person', id: 'q', name: null } })
    expect(namedRows([row(3), nameless, stranger]).map(({ actor }) => actor.name)).toEqual(['Ada', 'Ada', null])
  })
})

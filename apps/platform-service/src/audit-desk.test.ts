import type { NewRow, Row } from '@console/audit-chain/log'
import { describe, expect, it } from 'vitest'
import { createAuditDesk } from './audit-desk.ts'

const attempt = (requestId: string, outcome: NewRow['outcome'], more: Partial<NewRow> = {}): NewRow => ({
  action: 'auth.session.create',
  actor: { kind: 'anonymous', id: 'anonymous' },
  requestId,
  target: 'ada@example.com',
  outcome,
  address: '192.0.2.1',
  ...more,
})
function newDesk() {
  const rows: NewRow[] = []
  const clock = { ms: 0 }
  const log = {
    mask: () => '',
    append: async (row: NewRow): Promise<Row> => {
      rows.push(row)
      return { ...row, seq: rows.length, at: '', log: 'x', prev: '', hash: '' }
    },
  }
  return { rows, clock, log, desk: createAuditDesk({ log, now: () => clock.ms, alarm: () => undefined }) }
}

describe('the desk of attempts by nobody known', () => {
  it('writes the intent under the name of the person, once the credential proved good', async () => {
    const { rows, desk } = newDesk()
    const { seq } = await desk.append(attempt('r1', 'started', { input: { email: 'ada@example.com' } }))
    expect(rows).toEqual([])
    await desk.intend('r1', { kind: 'person', id: 'u1', name: 'Ada' })
    await desk.append(attempt('r1', 'done', { of: seq }))
    expect(rows.map(({ outcome, actor, of }) => [outcome, actor.id, of])).toEqual([
      ['started', 'u1', undefined],
      ['done', 'u1', 1],
    ])
    expect(rows[0]?.input).toEqual({ email: 'ada@example.com' })
  })

  it('writes five failures of an address and a minute whole, and the others as one row with their number', async () => {
    const { rows, clock, desk } = newDesk()
    for (let n = 0; n < 40; n += 1) {
      const { seq } = await desk.append(attempt(`r${n}`, 'started'))
      await desk.append(attempt(`r${n}`, 'failed', { of: seq, code: 'AUTH_CREDENTIALS_INVALID' }))
    }
    expect(rows).toHaveLength(5)
    expect(rows.every(({ of }) => of === undefined)).toBe(true)
    clock.ms = 60_000
    await desk.flush()
    expect(rows).toHaveLength(6)
    expect(rows[5]?.count).toBe(35)
  })

  it('passes the rows of people through untouched', async () => {
    const { rows, desk } = newDesk()
    const row = attempt('r1', 'started', { actor: { kind: 'person', id: 'u1' } })
    const { seq } = await desk.append(row)
    expect(rows).toEqual([row])
    expect(seq).toBe(1)
  })

  it('lets nothing happen when the intent cannot be written', async () => {
    const desk = createAuditDesk({
      log: { mask: () => '', append: () => Promise.reject(new Error('disk full')) },
      now: () => 0,
      alarm: () => undefined,
    })
    await desk.append(attempt('r1', 'started'))
    await expect(desk.intend('r1', { kind: 'person', id: 'u1' })).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE', status: 503 })
  })
})

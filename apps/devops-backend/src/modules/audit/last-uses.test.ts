import type { AuditRow, LogName } from '@console/contracts/audit/schemas'
import { describe, expect, it } from 'vitest'
import { createLastUses } from './last-uses.ts'

const row = (log: LogName, seq: number, over: Partial<AuditRow> = {}): AuditRow => ({
  log,
  seq,
  at: `2026-01-01T00:00:${String(seq).padStart(2, '0')}.000Z`,
  action: 'runs.start',
  actor: { kind: 'person', id: 'u1', name: null },
  requestId: `r${seq}`,
  target: '-',
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

describe('when a verb was last used', () => {
  it('is told by the newest row of its daemon that is no refusal, with the name that another log knows', async () => {
    const all = [
      row('host-agent', 9, { outcome: 'denied', actor: { kind: 'anonymous', id: 'anonymous', name: null } }),
      row('devops-backend', 30, { action: 'deployments.run.trigger', actor: { kind: 'person', id: 'u1', name: 'One' } }),
      row('host-agent', 8, { outcome: 'failed' }),
      row('host-agent', 7),
      row('docker-proxy', 5, { action: 'containers.restart', outcome: 'started', actor: { kind: 'token', id: 'u2', name: null } }),
    ]
    const uses = await createLastUses(async function* () {
      yield* all
    })()
    expect(Object.fromEntries(uses)).toEqual({
      'host-agent runs.start': {
        at: '2026-01-01T00:00:08.000Z',
        outcome: 'failed',
        requestId: 'r8',
        by: { kind: 'person', id: 'u1', name: 'One' },
      },
      'docker-proxy containers.restart': {
        at: '2026-01-01T00:00:05.000Z',
        outcome: 'started',
        requestId: 'r5',
        by: { kind: 'token', id: 'u2', name: null },
      },
    })
  })

  it('is looked for among new rows only, and no further back than so many', async () => {
    let all = [row('host-agent', 3), row('docker-proxy', 3, { action: 'cleanup.run' }), row('host-agent', 2, { action: 'scripts.approve' })]
    let given = 0
    const lastUses = createLastUses(async function* () {
      for (const one of all) {
        given += 1
        yield one
      }
    }, 2)
    expect([...(await lastUses()).keys()]).toEqual(['host-agent runs.start', 'docker-proxy cleanup.run'])
    all = [row('host-agent', 4), ...all]
    given = 0
    expect((await lastUses()).get('host-agent runs.start')?.requestId).toBe('r4')
    expect(given).toBeLessThanOrEqual(3)
    expect((await lastUses()).get('docker-proxy cleanup.run')?.requestId).toBe('r3')
  })
})

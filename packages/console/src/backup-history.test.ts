import type { AuditRow } from '@console/contracts/audit/schemas'
import type { BackupRun } from '@console/contracts/backups/schemas'
import { expect, it } from 'vitest'
import { entriesOfHost, entryOf, newestFirst } from './backup-history.ts'

const auditOf = (requestId: string): string => `/audit?requestId=${requestId}`
const row = (over: Partial<AuditRow>): AuditRow => ({
  log: 'devops-backend',
  seq: 1,
  at: '2026-01-02T03:05:00.000Z',
  action: 'console.backup.make',
  actor: { kind: 'service', id: 'deploy.sh', name: null },
  requestId: 'host-1',
  target: 'console-20260102T030405Z.backup',
  outcome: 'done',
  risk: null,
  code: null,
  input: null,
  details: { at: '2026-01-02T03:04:05.000Z', by: 'the timer of deploy.sh, nightly', bytes: 1_234_567 },
  address: null,
  count: null,
  of: null,
  hash: '',
  ...over,
})
const run: BackupRun = {
  id: 'backup-1',
  kind: 'backup',
  service: 'platform-service',
  state: 'running',
  backupId: 'platform-service-20260102T030500Z',
  actor: { kind: 'person', id: 'p1', name: 'Pat' },
  reason: null,
  startedAt: '2026-01-02T03:05:00.000Z',
  endedAt: null,
  steps: [{ name: 'copying the store', at: '2026-01-02T03:05:00.000Z' }],
  done: 0,
  of: null,
  outcome: null,
  requestId: 'r1',
}

it('takes what deploy.sh did with the whole console from the log, once however many logs tell it', () => {
  const [made, ...more] = entriesOfHost([row({}), row({ log: 'platform-service' })], auditOf)
  expect(more).toEqual([])
  expect(made).toMatchObject({
    kind: 'backup',
    service: 'whole console',
    state: 'succeeded',
    backupId: 'console-20260102T030405Z',
    actor: { kind: 'service', id: 'deploy.sh', name: 'the timer of deploy.sh, nightly' },
    startedAt: '2026-01-02T03:04:05.000Z',
    outcome: 'console-20260102T030405Z.backup: 1,234,567 bytes, read again and found whole.',
    auditHref: '/audit?requestId=host-1',
  })
})

it('says why one failed, tells a restore from a backup, and leaves out what is neither', () => {
  const entries = entriesOfHost(
    [
      row({ requestId: 'host-2', outcome: 'failed', details: { problem: 'docker-proxy has no data.' } }),
      row({ requestId: 'host-3', action: 'console.restore.run', details: null }),
      row({ requestId: 'host-4', action: 'console.settings.update' }),
      row({ requestId: 'host-5', outcome: 'denied' }),
    ],
    auditOf,
  )
  expect(entries.map(({ kind, state, outcome, actor }) => [kind, state, outcome, actor.name])).toEqual([
    ['backup', 'failed', 'docker-proxy has no data.', 'deploy.sh'],
    ['restore', 'succeeded', 'All of it came back from console-20260102T030405Z.backup.', 'deploy.sh'],
  ])
})

it('puts all of them into one order, and leads to rows only where they can be read', () => {
  const entries = newestFirst([...entriesOfHost([row({})], auditOf), entryOf(run, null)])
  expect(entries.map(({ service, step, auditHref }) => [service, step, auditHref])).toEqual([
    ['platform-service', 'copying the store', null],
    ['whole console', null, '/audit?requestId=host-1'],
  ])
})

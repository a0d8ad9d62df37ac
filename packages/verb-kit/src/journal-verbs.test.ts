import type { AuditLog } from '@console/audit-chain/log'
import { dockerProxySelf } from '@console/verbs/daemon'
import { expect, it } from 'vitest'
import type { VerbContext } from './handler.ts'
import { journalVerbs } from './journal-verbs.ts'

it('puts what was only counted on record before it reads the journal, so that a reader misses nothing', async () => {
  const rows: object[] = []
  const journal = {
    read: async () => ({ rows: [...rows] }),
    get head() {
      return { seq: rows.length }
    },
  } as unknown as AuditLog
  const handled = journalVerbs({
    self: dockerProxySelf,
    verbs: [],
    version: '1',
    warnings: [],
    figures: () => ({}) as never,
    journal,
    keyOf: () => undefined as never,
    receivedFrom: () => undefined,
    beforeRead: async () => {
      await Promise.resolve()
      rows.push({ seq: 1, count: 35 })
    },
  })
  const { run } = handled.find(({ verb }) => verb === dockerProxySelf.readJournal) ?? {}
  expect(await run?.({ after: 0, limit: 10 } as never, {} as VerbContext)).toEqual({ rows: [{ seq: 1, count: 35 }], head: 1 })
})

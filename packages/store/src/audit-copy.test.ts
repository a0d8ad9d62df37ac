import { type CosmosPeer, startCosmosPeer } from '@console/testkit/cosmos-peer'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { compareCopy, copyDeclaration, startAuditCopy } from './audit-copy.ts'
import { openCosmosStore } from './cosmos.ts'
import type { DocStore } from './port.ts'

vi.setConfig({ testTimeout: 60_000 })

let peer: CosmosPeer
beforeAll(async () => {
  peer = await startCosmosPeer()
})
afterAll(() => peer.close())

type Row = { seq: number; at: string; hash: string; log: string }
function madeLog(count: number) {
  const rows: Row[] = []
  const add = (many: number) => {
    for (let n = 0; n < many; n += 1) {
      const seq = rows.length + 1
      rows.push({ seq, at: `2027-01-${seq > 150 ? '02' : '01'}T00:00:00.000Z`, hash: `h${seq}`, log: 'platform-service' })
    }
  }
  add(count)
  return {
    rows,
    add,
    name: 'platform-service',
    get head() {
      return { seq: rows.length }
    },
    read: async ({ after, limit }: { after: number; limit: number }) => ({ rows: rows.slice(after, after + limit), next: undefined }),
  }
}
const open = () =>
  openCosmosStore({ endpoint: peer.endpoint, key: peer.key, database: `d-${crypto.randomUUID()}`, patience: { pauseMs: 1, budgetMs: 20 } })
const countOf = async (store: DocStore) => {
  let count = 0
  for await (const _ of store.everything(copyDeclaration('pf'))) count += 1
  return count
}

it('ships each row once, through a store that is away and through lost answers', async () => {
  const [log, store] = [madeLog(230), await open()]
  const alarms: string[] = []
  const start = () => startAuditCopy({ log, store, owner: 'pf', alarm: (what) => alarms.push(what) })
  const copy = start()
  peer.fault = ({ write, path }) => (write && path.includes('pf_audit') ? { status: 429, retryAfterMs: 1_000 } : null)
  await copy.tick()
  await copy.tick()
  expect([copy.copied, alarms.length]).toEqual([0, 1])
  let left = 2
  peer.fault = ({ write }) => (write && left-- > 0 ? 'after' : null)
  await copy.tick()
  expect(copy.copied).toBe(230)
  log.add(20)
  await copy.tick()
  await copy.stop()
  expect(await countOf(store)).toBe(250)
  // One that starts anew, and knows nothing of what was shipped, meets every row where it lies.
  const meta = store.collection({ name: 'pf_meta', fields: {} })
  const state = await meta.get('audit', 'platform-service')
  await meta.remove('audit', 'platform-service', state?.etag ?? '')
  const again = start()
  await again.tick()
  await again.stop()
  expect(await countOf(store)).toBe(250)
  expect(alarms).toHaveLength(1)
  expect(await compareCopy({ log, store, owner: 'pf' })).toEqual({ compared: 250, differences: [] })
  await store.close()
})

it('tells a row that is another in the copy, missing there, or too many', async () => {
  const [log, store] = [madeLog(5), await open()]
  peer.fault = () => null
  const alarms: string[] = []
  const copy = startAuditCopy({ log, store, owner: 'pf', alarm: (what) => alarms.push(what) })
  await copy.tick()
  await copy.stop()
  const [, second] = log.rows
  if (second) second.hash = 'rewritten'
  log.rows.pop()
  expect((await compareCopy({ log, store, owner: 'pf' })).differences).toEqual([
    { seq: 2, what: 'another' },
    { seq: 5, what: 'too many' },
  ])
  await store
    .collection(copyDeclaration('pf'))
    .insert('platform-service:2027-01-01', 'platform-service:000000000006', { ...log.rows[0], seq: 6, hash: 'x' })
  log.add(2)
  const again = startAuditCopy({ log, store, owner: 'pf', alarm: (what) => alarms.push(what) })
  await again.tick()
  await again.stop()
  expect(alarms).toEqual(['the copy of the audit log differs at row 6'])
  await store.close()
})

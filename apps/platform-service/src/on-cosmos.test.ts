import { statSync } from 'node:fs'
import { compareCopy } from '@console/store/audit-copy'
import { openCosmosStore } from '@console/store/cosmos'
import { attackCase } from '@console/testkit/attack'
import { type CosmosPeer, startCosmosPeer } from '@console/testkit/cosmos-peer'
import { until } from '@console/testkit/daemon-harness'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { carryOut, readCommand } from './command-line.ts'
import { goodPassword, invited, type Platform, rowsOf, setUp, startPlatform } from './platform.fake.ts'

let peer: CosmosPeer
let platform: Platform
beforeAll(async () => {
  peer = await startCosmosPeer()
  platform = await startPlatform({}, { COSMOS_ENDPOINT: peer.endpoint, COSMOS_KEY: peer.key, COSMOS_DATABASE: 'console' })
}, 60_000)
afterAll(async () => {
  await platform.close()
  await peer.close()
})

it('keeps people in Cosmos DB, through refusals and lost answers, and finds them after a restart', async () => {
  let count = 0
  peer.fault = ({ write }) => {
    count += 1
    if (count % 5 === 0) return { status: 429, retryAfterMs: 1 }
    return write && count % 7 === 0 ? { status: 449, retryAfterMs: 1 } : null
  }
  const ada = await setUp(platform)
  await invited(platform, ada, 'bo@example.com', [{ productId: 'bytelyst-devops', role: 'viewer' }])
  platform = await platform.restart()
  const again = platform.browser()
  expect((await again.signIn('bo@example.com', goodPassword)).status).toBe(200)
  const list = await platform.browser().signIn('ada@example.com', goodPassword)
  expect(list.status).toBe(200)
  expect(peer.asked.every(({ path }) => path === '/dbs' || path.startsWith('/dbs/console'))).toBe(true)
}, 60_000)

attackCase(
  'U24',
  'the store refuses the copy of the audit log for an hour, and then does not answer for it',
  async (it) => {
    peer.fault = ({ write, path }) => (write && path.includes('pf_audit') ? { status: 429, retryAfterMs: 20_000 } : null)
    const ada = platform.browser()
    await platform.app.auditCopy?.tick()
    const before = platform.app.auditCopy?.copied ?? 0
    await it.attack('actions go on, and each is on record here before it is done', async () => {
      expect((await ada.signIn('ada@example.com', goodPassword)).status).toBe(200)
      platform.clock.ms += 3_600_000
      expect((await ada.signIn('ada@example.com', goodPassword)).status).toBe(200)
      await platform.app.auditCopy?.tick()
      expect(platform.app.auditCopy?.copied).toBe(before)
      expect(platform.lines.filter((line) => line.includes('not copied to the store'))).toHaveLength(1)
    })
    let ticking: Promise<void> | undefined
    await it.attack('nor do they wait for one that does not answer', async () => {
      let cut = 0
      peer.fault = ({ write, path }) => {
        if (!write || !path.includes('pf_audit')) return null
        cut += 1
        return 'before'
      }
      ticking = platform.app.auditCopy?.tick()
      await until('the copy is tried', () => cut > 0, 10_000)
      expect((await ada.signIn('ada@example.com', goodPassword)).status).toBe(200)
      expect(platform.app.auditCopy?.copied).toBe(before)
    })
    await it.control('the copy catches up when the store takes it again', async () => {
      peer.fault = () => null
      await ticking
      await platform.app.auditCopy?.tick()
      expect(platform.app.auditCopy?.copied).toBeGreaterThan(before)
      await platform.app.auditCopy?.stop()
    })
    await it.row('no row twice, none missing, none another', async () => {
      const copied = platform.app.auditCopy?.copied ?? 0
      const rows = rowsOf(platform).filter(({ seq }) => seq <= copied)
      expect(rows).toHaveLength(copied)
      expect(rows.filter(({ action }) => action === 'auth.session.create').length).toBeGreaterThanOrEqual(2)
      const { store } = platform.config
      if (store.driver !== 'cosmos') throw new Error('the store is another')
      const copy = await openCosmosStore(store)
      const log = {
        name: 'platform-service',
        head: { seq: rows.length },
        read: async ({ after, limit }: { after: number; limit: number }) => ({
          rows: rows.slice(after, after + limit) as never[],
          next: undefined,
        }),
      }
      expect(await compareCopy({ log, store: copy, owner: 'pf' })).toEqual({ compared: rows.length, differences: [] })
      let count = 0
      for await (const _ of copy.everything({ name: 'pf_audit', fields: {}, log: true })) count += 1
      expect(count).toBe(rows.length)
      await copy.close()
    })
  },
  60_000,
)

it('lets an admin who is locked out in by the command line, once the service is stopped', async () => {
  const { config } = platform
  const asked = { config, account: 'root', uid: statSync(config.folder).uid, now: () => platform.clock.ms }
  const command = readCommand(['admin:reset-link', 'ada@example.com'])
  if (command === null) throw new Error('the command is not known')
  await expect(carryOut(command, asked)).rejects.toThrow('platform-service is running')
  await platform.app.close()
  expect(await carryOut({ what: 'admin:list' }, asked)).toEqual([expect.stringContaining('ada@example.com')])
  const lines = (await carryOut(command, asked)).join('\n')
  const token = /\/reset#(blr_[A-Za-z0-9_-]{43})/.exec(lines)?.[1] ?? ''
  platform = await platform.restart()
  const password = 'copper meadow lantern seven'
  expect((await platform.browser().post('/auth/password/reset', { token, password })).status).toBe(204)
  expect((await platform.browser().signIn('ada@example.com', password)).status).toBe(200)
}, 60_000)

import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startCosmosPeer } from '@console/testkit/cosmos-peer'
import { afterAll, expect, it, vi } from 'vitest'
import { startAuditCopy } from './audit-copy.ts'
import { openCosmosStore } from './cosmos.ts'
import { openStore, type StoreSettings } from './open-store.ts'
import { openSqliteStore } from './sqlite.ts'
import { carryOutInStore, readStoreCommand } from './store-commands.ts'

vi.setConfig({ testTimeout: 60_000 })

const folder = mkdtempSync(join(tmpdir(), 'commands-'))
afterAll(() => rmSync(folder, { recursive: true }))
const people = { name: 'pf_people', fields: {} } as const
const adding = {
  id: '0001-color',
  collection: people,
  partition: 'all',
  change: (doc: object) => ('color' in doc ? null : { ...doc, color: 'red' }),
}
const options = (settings: (driver?: 'sqlite' | 'cosmos') => StoreSettings) =>
  ({ owner: 'pf', declarations: [people, people], migrations: [adding], settings, openLog: async () => madeLog(3) }) as const
function madeLog(count: number, hash = 'h') {
  const rows = Array.from({ length: count }, (_, at) => ({
    seq: at + 1,
    at: '2027-01-01T00:00:00.000Z',
    hash: `${hash}${at}`,
    log: 'platform-service',
  }))
  const read = async ({ after, limit }: { after: number; limit: number }) => ({ rows: rows.slice(after, after + limit), next: undefined })
  return { name: 'platform-service', head: { seq: count }, read, close: async () => undefined }
}

it('reads its commands and no others', () => {
  expect(readStoreCommand(['store:migrate', '--dry-run'])).toEqual({ what: 'store:migrate', dryRun: true })
  expect(readStoreCommand(['store:copy', '--to', 'sqlite'])).toEqual({ what: 'store:copy', to: 'sqlite', dryRun: false })
  expect(readStoreCommand(['store:copy', '--to', 'cosmos', '--dry-run'])).toEqual({ what: 'store:copy', to: 'cosmos', dryRun: true })
  expect(readStoreCommand(['store:compare'])).toEqual({ what: 'store:compare' })
  expect(readStoreCommand(['store:compare-audit'])).toEqual({ what: 'store:compare-audit' })
  for (const words of [
    [],
    ['store:compare', 'x'],
    ['store:compare-audit', '--fast'],
    ['store:copy'],
    ['store:copy', '--to', 'paper'],
    ['store:migrate', '--wet'],
    ['store:copy', '--to', 'sqlite', 'x'],
    ['store:copy', '--to', 'sqlite', '--dry-run', 'x'],
  ])
    expect(readStoreCommand(words)).toBeNull()
})

it('tries migrations on a copy while the store is in use, and does them when it is not', async () => {
  const file = join(folder, 'used.db')
  const inUse = openSqliteStore(file)
  await inUse.collection<object>(people).insert('all', 'a', { n: 1 })
  const sqlite = options(() => ({ driver: 'sqlite', file }))
  expect(await carryOutInStore({ what: 'store:migrate', dryRun: true }, sqlite)).toEqual(['0001-color  would run  1 documents, 1 changed'])
  await expect(carryOutInStore({ what: 'store:migrate', dryRun: false }, sqlite)).rejects.toThrow('open in another process')
  expect((await inUse.collection(people).get('all', 'a'))?.doc).toEqual({ n: 1 })
  await inUse.close()
  expect(await carryOutInStore({ what: 'store:migrate', dryRun: false }, sqlite)).toEqual(['0001-color  done  1 documents, 1 changed'])
})

it('holds both stores against each other by counts and hashes', async () => {
  const peer = await startCosmosPeer()
  const file = join(folder, 'compared.db')
  const first = openSqliteStore(file)
  await first.collection<object>(people).insert('all', 'a', { n: 1 })
  await first.close()
  const cosmos: StoreSettings = { driver: 'cosmos', endpoint: peer.endpoint, key: peer.key, database: 'd' }
  const both = options((driver) => (driver === 'cosmos' ? cosmos : { driver: 'sqlite', file }))
  const copied = await carryOutInStore({ what: 'store:copy', to: 'cosmos', dryRun: false }, both)
  expect(await carryOutInStore({ what: 'store:compare' }, both)).toEqual([copied[0], 'Both stores hold the same.'])
  const again = openSqliteStore(file)
  const written = again.collection<object>(people)
  await written.replace('all', 'a', { n: 2 }, (await written.get('all', 'a'))?.etag ?? '')
  await again.close()
  await expect(carryOutInStore({ what: 'store:compare' }, both)).rejects.toThrow(
    'pf_people  DIFFERS: 1 documents in SQLite, 1 in Cosmos DB\nThe stores differ in 1 of 1 collections.',
  )
  await peer.close()
})

it('holds the audit log against its copy in the store', async () => {
  const peer = await startCosmosPeer()
  const cosmos: StoreSettings = { driver: 'cosmos', endpoint: peer.endpoint, key: peer.key, database: 'd' }
  const store = await openStore(cosmos, 'pf')
  const copy = startAuditCopy({ log: madeLog(3), store, owner: 'pf', alarm: () => undefined })
  await copy.tick()
  await copy.stop()
  await store.close()
  const hosted = options(() => cosmos)
  expect(await carryOutInStore({ what: 'store:compare-audit' }, hosted)).toEqual(['platform-service  3 rows, and the copy says the same.'])
  const rewritten = { ...hosted, openLog: async () => madeLog(3, 'other') }
  await expect(carryOutInStore({ what: 'store:compare-audit' }, rewritten)).rejects.toThrow('row 1  another')
  const local = options(() => ({ driver: 'sqlite', file: join(folder, 'none.db') }))
  await expect(carryOutInStore({ what: 'store:compare-audit' }, local)).rejects.toThrow('copied to Cosmos DB only')
  await peer.close()
})

it('copies to Cosmos DB and back, unless a service has the store', async () => {
  const peer = await startCosmosPeer()
  const file = join(folder, 'first.db')
  const first = openSqliteStore(file)
  await first.collection<object>(people).insert('all', 'a', { n: 1 })
  await first.close()
  const cosmos: StoreSettings = { driver: 'cosmos', endpoint: peer.endpoint, key: peer.key, database: 'd' }
  const between = (path: string) => options((driver) => (driver === 'cosmos' ? cosmos : { driver: 'sqlite', file: path }))
  const there = await carryOutInStore({ what: 'store:copy', to: 'cosmos', dryRun: false }, between(file))
  const back = await carryOutInStore({ what: 'store:copy', to: 'sqlite', dryRun: false }, between(join(folder, 'second.db')))
  expect(back.slice(0, -1)).toEqual(there.slice(0, -1))
  expect(there).toHaveLength(2)
  const service = await openStore(cosmos, 'pf')
  await expect(carryOutInStore({ what: 'store:copy', to: 'cosmos', dryRun: false }, between(file))).rejects.toThrow(
    'open in another process',
  )
  await service.close()
  await expect(carryOutInStore({ what: 'store:copy', to: 'cosmos', dryRun: false }, between(join(folder, 'none.db')))).rejects.toThrow(
    'There is no store',
  )
  await peer.close()
})

it('tries a copy while the store is in use: says what is in the way, and writes no document', async () => {
  const peer = await startCosmosPeer()
  const file = join(folder, 'tried.db')
  const inUse = openSqliteStore(file)
  await inUse.collection<object>(people).insert('all', 'a', { n: 1 })
  const cosmos: StoreSettings = { driver: 'cosmos', endpoint: peer.endpoint, key: peer.key, database: 'd' }
  const both = options((driver) => (driver === 'cosmos' ? cosmos : { driver: 'sqlite', file }))
  const tried = () => carryOutInStore({ what: 'store:copy', to: 'cosmos', dryRun: true }, both)
  expect(await tried()).toEqual(['Nothing is in the way: 1 collections can be copied.'])
  const hosted = await openCosmosStore(cosmos)
  const there = hosted.collection<object>(people)
  expect(await there.get('all', 'a')).toBeNull()
  await there.insert('all', 'b', { n: 2 })
  await expect(tried()).rejects.toThrow('pf_people of the target holds a document that is not here, b.')
  expect([await there.get('all', 'a'), readdirSync(folder).filter((name) => name.startsWith('store-trial'))]).toEqual([null, []])
  const absent = options((driver) => (driver === 'cosmos' ? cosmos : { driver: 'sqlite', file: join(folder, 'absent.db') }))
  await expect(carryOutInStore({ what: 'store:copy', to: 'cosmos', dryRun: true }, absent)).rejects.toThrow('There is no store')
  const back = { what: 'store:copy', to: 'sqlite', dryRun: true } as const
  await expect(carryOutInStore(back, both)).rejects.toThrow('pf_people of the target holds a document that is not here, a.')
  await Promise.all([hosted.close(), inUse.close()])
  await peer.close()
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startCosmosPeer } from '@console/testkit/cosmos-peer'
import { afterAll, expect, it, vi } from 'vitest'
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
  ({ owner: 'pf', declarations: [people, people], migrations: [adding], settings }) as const

it('reads its commands and no others', () => {
  expect(readStoreCommand(['store:migrate', '--dry-run'])).toEqual({ what: 'store:migrate', dryRun: true })
  expect(readStoreCommand(['store:copy', '--to', 'sqlite'])).toEqual({ what: 'store:copy', to: 'sqlite' })
  for (const words of [
    [],
    ['store:copy'],
    ['store:copy', '--to', 'paper'],
    ['store:migrate', '--wet'],
    ['store:copy', '--to', 'sqlite', 'x'],
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

it('copies to Cosmos DB and back, unless a service has the store', async () => {
  const peer = await startCosmosPeer()
  const file = join(folder, 'first.db')
  const first = openSqliteStore(file)
  await first.collection<object>(people).insert('all', 'a', { n: 1 })
  await first.close()
  const cosmos: StoreSettings = { driver: 'cosmos', endpoint: peer.endpoint, key: peer.key, database: 'd' }
  const between = (path: string) => options((driver) => (driver === 'cosmos' ? cosmos : { driver: 'sqlite', file: path }))
  const there = await carryOutInStore({ what: 'store:copy', to: 'cosmos' }, between(file))
  const back = await carryOutInStore({ what: 'store:copy', to: 'sqlite' }, between(join(folder, 'second.db')))
  expect(back.slice(0, -1)).toEqual(there.slice(0, -1))
  expect(there).toHaveLength(2)
  const service = await openStore(cosmos, 'pf')
  await expect(carryOutInStore({ what: 'store:copy', to: 'cosmos' }, between(file))).rejects.toThrow('open in another process')
  await service.close()
  await expect(carryOutInStore({ what: 'store:copy', to: 'cosmos' }, between(join(folder, 'none.db')))).rejects.toThrow('There is no store')
  await peer.close()
})

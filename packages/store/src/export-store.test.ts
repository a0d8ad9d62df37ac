import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { openStore, type StoreSettings } from './open-store.ts'
import { peerPlace } from './peer-place.fake.ts'
import { openSnapshot } from './sqlite-snapshot.ts'
import { carryOutInStore, readStoreCommand } from './store-commands.ts'

vi.setConfig({ testTimeout: 60_000 })

const place = peerPlace('export-')
const { folder } = place
const notes = { name: 'do_notes', fields: {} } as const
const sqlite = { driver: 'sqlite', file: join(folder, 'store.db') } as const
const cosmos = (): StoreSettings => ({ driver: 'cosmos', endpoint: place.peer.endpoint, key: place.peer.key, database: 'd' })
const options = (used: () => StoreSettings) =>
  ({
    owner: 'do',
    declarations: [notes],
    migrations: [],
    settings: (driver?: string) => (driver === 'sqlite' ? sqlite : used()),
    openLog: () => Promise.reject(new Error('no log')),
  }) as const
const command = { what: 'store:export', file: 'exported.db' } as const

it('reads its command, and no file that is elsewhere or that of the store', () => {
  expect(readStoreCommand(['store:export', 'exported.db'])).toEqual(command)
  for (const words of [[], ['../exported.db'], ['/exported.db'], ['store.db'], ['exported.db', 'x']])
    expect(readStoreCommand(['store:export', ...words])).toBeNull()
})

it('keeps what lies in a hosted store in a file, while its service has it, with the times that it is of', async () => {
  const before = new Date(Math.floor(Date.now() / 1_000) * 1_000).toISOString()
  const store = await openStore(cosmos(), 'do', { waitMs: 0 })
  const collection = store.collection<{ text: string }>(notes)
  for (let index = 0; index < 30; index += 1) await collection.insert(`p${index % 3}`, `n${index}`, { text: `é ${index}` })
  const meta = store.collection<object>({ name: 'do_meta', fields: {} })
  await meta.insert('schema', '0001-done', { state: 'done' })
  await meta.insert('audit', 'devops-backend', { seq: 7 })
  for (let times = 0; times < 2; times += 1)
    expect(await carryOutInStore(command, options(cosmos))).toEqual([
      'do_notes  30 documents',
      'do_meta  1 documents',
      expect.stringMatching(/^Read from \S+Z to \S+Z, .*the last change is of \S+Z\.$/),
    ])
  await store.close()
  const snapshot = openSnapshot(join(folder, 'exported.db'))
  const all = [...snapshot.each()]
  snapshot.close()
  // Neither the lease nor how far the log was copied: they are of this one store.
  expect(all.filter(({ collection }) => collection === 'do_meta').map(({ pk, id }) => `${pk} ${id}`)).toEqual([
    'export bounds',
    'schema 0001-done',
  ])
  expect(all.find(({ id }) => id === 'n7')).toEqual({ collection: 'do_notes', pk: 'p1', id: 'n7', text: '{"text":"é 7"}' })
  const { readFrom, readTo, oldest, newest } = JSON.parse(all[0]?.text ?? '') as Record<string, string>
  expect([before, oldest, newest, readFrom, readTo]).toEqual([before, oldest, newest, readFrom, readTo].sort())
})

it('leaves nothing where it ends on its way, and what was there before', async () => {
  place.peer.fault = ({ path }) => (/do_notes\/docs/.test(path) ? { status: 403 } : null)
  const there = readdirSync(folder).sort()
  await expect(carryOutInStore(command, options(cosmos))).rejects.toMatchObject({ code: 'Unavailable' })
  place.peer.fault = () => null
  expect(readdirSync(folder).sort()).toEqual(there)
})

it('has nothing to do where the store is a file', async () => {
  await expect(
    carryOutInStore(
      command,
      options(() => sqlite),
    ),
  ).rejects.toThrow('needs no export')
  expect(existsSync(sqlite.file)).toBe(false)
})

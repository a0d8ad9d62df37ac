import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openCosmosStore } from '@console/store/cosmos'
import { startCosmosPeer } from '@console/testkit/cosmos-peer'
import { expect, it } from 'vitest'
import { bookDeclaration } from './backup-book.ts'
import { ctx } from './backup-desk.fake.ts'
import { openBackupDesk } from './backup-desk.ts'
import { locksOf } from './backup-locks.ts'
import { carryOutRestore } from './carry-out-restore.ts'
import { restorable } from './kinds.ts'
import { compareBackup } from './plan-restore.ts'
import { backUpService, drillBackup } from './service-backup.ts'

type Note = { readonly text: string; readonly more?: { readonly b: number; readonly a: string } }
const notes = { name: 'do_notes', fields: {} } as const
const key = 'a key of the trial that is long enough 0123'

it('keeps what lies in Cosmos DB, tries it in SQLite, and puts single objects back', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hosted-'))
  const peer = await startCosmosPeer()
  const store = await openCosmosStore({ endpoint: peer.endpoint, key: peer.key, database: 'd', patience: { pauseMs: 1 } })
  try {
    const collection = store.collection<Note>(notes)
    store.collection(bookDeclaration('do'))
    await store.ready()
    for (let index = 0; index < 60; index += 1)
      await collection.insert(`p${index % 4}`, `n${index}`, { text: `n${index} é 漢 🦊`, more: { b: index, a: '' } })
    const state = {
      part: 'devops-backend',
      owner: 'do',
      store,
      settings: { driver: 'cosmos', endpoint: peer.endpoint, key: peer.key, database: 'd' },
      declarations: [notes],
      encryptionKeys: [key],
      locks: locksOf([key], undefined),
      folder,
    } as const
    const file = join(folder, 'one.backup')
    const made = await backUpService(state, file, { at: '2026-01-02T03:04:05.000Z', by: 'a trial', version: '1' }, () => undefined)
    // The 60 notes, and between when they were read, which goes along into whatever comes back from it.
    expect(made.manifest.documents).toMatchObject([
      { collection: 'do_meta', count: 1 },
      { collection: 'do_notes', count: 60 },
    ])
    const [read] = made.manifest.hosted ?? []
    expect(Date.parse(read?.readTo ?? '')).toBeGreaterThanOrEqual(Date.parse(read?.readFrom ?? 'never'))
    expect(read?.newest).toBeDefined()
    expect(await drillBackup(state, file, () => undefined)).toEqual({ documents: 61 })

    const live = await collection.get('p1', 'n1')
    await collection.replace('p1', 'n1', { text: 'changed' }, live?.etag ?? '')
    const gone = await collection.get('p2', 'n2')
    await collection.remove('p2', 'n2', gone?.etag ?? '')
    const comparing = {
      store,
      part: 'devops-backend',
      file,
      locks: state.locks,
      kinds: [restorable<Note>({ kind: 'notes', label: 'Notes', declaration: notes, collection })],
    } as const
    const { changes } = await compareBackup(comparing)
    expect(changes.map(({ id, change }) => [id, change])).toEqual([
      ['n1', 'replace'],
      ['n2', 'add'],
    ])
    expect(await carryOutRestore({ ...comparing, changes })).toEqual({ added: 1, replaced: 1, removed: 0, skipped: 0 })
    expect((await compareBackup(comparing)).changes).toEqual([])

    const rest = {
      holds: 'notes',
      kinds: comparing.kinds,
      version: '1',
      keyFile: null,
      append: async () => undefined,
      alarm: () => undefined,
    }
    const desk = await openBackupDesk({ ...state, ...rest, folder: join(folder, 'of-desk'), now: Date.now })
    const { hosted } = await desk.make(ctx, undefined)
    await desk.idle()
    const [listed] = (await desk.list()).items
    expect([hosted, listed]).toMatchObject([null, { state: 'made', hosted: { readFrom: expect.any(String), readTo: expect.any(String) } }])
  } finally {
    await store.close()
    await peer.close()
    rmSync(folder, { recursive: true })
  }
}, 60_000)

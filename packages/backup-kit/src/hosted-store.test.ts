import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openCosmosStore } from '@console/store/cosmos'
import { startCosmosPeer } from '@console/testkit/cosmos-peer'
import { expect, it } from 'vitest'
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
    await store.ready()
    for (let index = 0; index < 60; index += 1)
      await collection.insert(`p${index % 4}`, `n${index}`, { text: `n${index} é 漢 🦊`, more: { b: index, a: '' } })
    const state = {
      part: 'devops-backend',
      store,
      settings: { driver: 'cosmos', endpoint: peer.endpoint, key: peer.key, database: 'd' },
      declarations: [notes],
      encryptionKeys: [key],
      locks: locksOf([key], undefined),
      folder,
    } as const
    const file = join(folder, 'one.backup')
    const made = await backUpService(state, file, { at: '2026-01-02T03:04:05.000Z', by: 'a trial', version: '1' }, () => undefined)
    expect(made.manifest.documents).toMatchObject([{ collection: 'do_notes', count: 60 }])
    expect(await drillBackup(state, file, () => undefined)).toEqual({ documents: 60 })

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
  } finally {
    await store.close()
    await peer.close()
    rmSync(folder, { recursive: true })
  }
}, 60_000)

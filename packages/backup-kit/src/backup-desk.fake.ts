import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NewRow } from '@console/audit-chain/log'
import type { Backup, BackupRun } from '@console/contracts/backups/schemas'
import type { Context } from '@console/http-kit/context'
import type { Collection, Declaration, DocStore } from '@console/store/port'
import { openSqliteStore } from '@console/store/sqlite'
import { type BackupDesk, openBackupDesk } from './backup-desk.ts'
import { locksOf } from './backup-locks.ts'
import { restorable } from './kinds.ts'

export type Note = { readonly text: string }
export const notes: Declaration = { name: 'do_notes', fields: {} }
export const sessions: Declaration = { name: 'do_sessions', fields: {} }
export const key = 'a key of the trial that is long enough 0123'
export const ctx = {
  actor: { kind: 'person', id: 'p1', name: 'Pat' },
  requestId: 'r1',
  tell: () => undefined,
} as unknown as Context

/** A desk over a store of notes, in a folder of its own or a given one. */
export function trialDesk(given?: string) {
  const folder = given ?? mkdtempSync(join(tmpdir(), 'backup-desk-'))
  const at = (...names: string[]): string => join(folder, ...names)
  const rows: NewRow[] = []
  const told: string[] = []
  /** Whether a note of a restore lay on disk when an object was looked at. */
  const noted: boolean[] = []
  let store: DocStore
  let desk: BackupDesk
  const collection = (): Collection<Note> => store.collection<Note>(notes)
  const trial = {
    folder,
    at,
    rows,
    told,
    noted,
    nowMs: Date.parse('2026-01-02T03:04:05.000Z'),
    /** What happens whenever an object of a backup is looked at. */
    onObject: async (): Promise<void> => undefined,
    get store() {
      return store
    },
    get desk() {
      return desk
    },
    async start({ keys = [key], passphrase }: { keys?: [string, ...string[]]; passphrase?: string } = {}): Promise<void> {
      store = openSqliteStore(at('data/store.db'))
      const usual = collection()
      desk = await openBackupDesk({
        part: 'devops-backend',
        owner: 'do',
        store,
        settings: { driver: 'sqlite', file: at('data/store.db') },
        declarations: [notes, sessions],
        encryptionKeys: keys,
        locks: locksOf(keys, passphrase),
        folder: at('data/backups'),
        holds: 'notes',
        kinds: [
          restorable<Note>({
            kind: 'notes',
            label: 'Notes',
            declaration: notes,
            collection: {
              ...usual,
              async get(pk, id) {
                noted.push(existsSync(at('data/backups/restoring.json')))
                await trial.onObject()
                return usual.get(pk, id)
              },
            },
            removable: true,
            nameOf: (id, { text }) => (text.startsWith('named ') ? text : id),
          }),
        ],
        version: '1',
        keyFile: null,
        append: async (row) => rows.push(row),
        now: () => trial.nowMs,
        alarm: (what, error) => told.push(`${what}: ${error}`),
        restored: () => told.push('restored'),
      })
    },
    async stop(): Promise<void> {
      await desk.idle()
      await store.close()
    },
    async forget(): Promise<void> {
      await trial.stop()
      rmSync(folder, { recursive: true, force: true })
    },
    textOf: async (id: string): Promise<string | undefined> => (await collection().get('local', id))?.doc.text,
    async write(id: string, text: string): Promise<void> {
      const live = await collection().get('local', id)
      await (live ? collection().replace('local', id, { text }, live.etag) : collection().insert('local', id, { text }))
    },
    async remove(id: string): Promise<void> {
      const live = await collection().get('local', id)
      if (live) await collection().remove('local', id, live.etag)
    },
    async make(): Promise<string> {
      trial.nowMs += 1_000
      const { id } = await desk.make(ctx, undefined)
      await desk.idle()
      return id
    },
    listed: async (id: string): Promise<Backup | undefined> => (await desk.list()).items.find((item) => item.id === id),
    newestRun: async (): Promise<BackupRun | undefined> => (await desk.runs())[0],
  }
  return trial
}

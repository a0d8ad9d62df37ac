import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NewRow } from '@console/audit-chain/log'
import { makeBackup } from '@console/backups/make-backup'
import type { Backup } from '@console/contracts/backups/schemas'
import type { Context } from '@console/http-kit/context'
import type { Collection, Declaration, DocStore } from '@console/store/port'
import { openSqliteStore } from '@console/store/sqlite'
import { describeNeeding } from '@console/testkit/needs'
import { mountSmallDisk, type SmallDisk } from '@console/testkit/small-disk'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type BackupDesk, openBackupDesk } from './backup-desk.ts'
import { locksOf } from './backup-locks.ts'
import { restorable } from './kinds.ts'
import { noteRestoring } from './restoring.ts'

type Note = { readonly text: string }
const notes: Declaration = { name: 'do_notes', fields: {} }
const sessions: Declaration = { name: 'do_sessions', fields: {} }
const key = 'a key of the trial that is long enough 0123'
const newer = 'another key of the trial, long enough 01234'

let folder: string
let store: DocStore
let desk: BackupDesk
let rows: NewRow[]
let nowMs: number
let told: string[]
/** Whether a note of a restore lay on disk when an object was looked at. */
let noted: boolean[]
const at = (...names: string[]): string => join(folder, ...names)
const ctx = { actor: { kind: 'person', id: 'p1', name: 'Pat' }, requestId: 'r1', tell: () => undefined } as unknown as Context

async function start({ keys = [key], passphrase }: { keys?: [string, ...string[]]; passphrase?: string } = {}): Promise<void> {
  store = openSqliteStore(at('data/store.db'))
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
        collection: store.collection<Note>(notes),
        removable: true,
        merge: (_, kept) => {
          noted.push(existsSync(at('data/backups/restoring.json')))
          return kept
        },
      }),
    ],
    version: '1',
    keyFile: null,
    append: async (row) => rows.push(row),
    now: () => nowMs,
    alarm: (what, error) => told.push(`${what}: ${error}`),
    restored: () => told.push('restored'),
  })
}
const stop = async (): Promise<void> => {
  await desk.idle()
  await store.close()
}
const collection = (): Collection<Note> => store.collection<Note>(notes)
const textOf = async (id: string): Promise<string | undefined> => (await collection().get('local', id))?.doc.text
const write = async (id: string, text: string): Promise<void> => {
  const live = await collection().get('local', id)
  await (live ? collection().replace('local', id, { text }, live.etag) : collection().insert('local', id, { text }))
}
const remove = async (id: string): Promise<void> => {
  const live = await collection().get('local', id)
  if (live) await collection().remove('local', id, live.etag)
}
const make = async (): Promise<string> => {
  nowMs += 1_000
  const { id } = await desk.make(ctx, undefined)
  await desk.idle()
  return id
}
const listed = async (id: string): Promise<Backup | undefined> => (await desk.list()).items.find((item) => item.id === id)

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'backup-desk-'))
  rows = []
  told = []
  noted = []
  nowMs = Date.parse('2026-01-02T03:04:05.000Z')
  await start()
  for (const id of ['a', 'b', 'c']) await write(id, `first ${id}`)
  await store.collection<Note>(sessions).insert('local', 's1', { text: 'a session' })
})
afterEach(async () => {
  await stop()
  rmSync(folder, { recursive: true, force: true })
})

describe('a desk of backups', () => {
  it('does one thing at a time', async () => {
    const begun = desk.make(ctx, undefined)
    await begun
    await expect(desk.make(ctx, undefined)).rejects.toMatchObject({ code: 'BACKUP_BUSY' })
    await desk.idle()
    await expect(desk.make(ctx, undefined)).resolves.toMatchObject({ state: 'making' })
  })

  it('puts back what is planned, removes what is ticked, and leaves what came or went meanwhile', async () => {
    const id = await make()
    await write('a', 'second a')
    await remove('b')
    await write('new', 'kept')
    await write('ticked', 'goes')
    const { plan } = await desk.planRestore(id, [])
    expect(plan.kinds).toEqual([{ kind: 'notes', label: 'Notes', stays: '', now: 4, after: 5, added: 1, replaced: 1, removed: 0, same: 1 }])
    expect(plan.lacking.map((one) => one.id)).toEqual(['new', 'ticked'])
    expect(plan.untouched.map(({ what }) => what)).toEqual(['do_backups', 'do_sessions'])
    const { plan: second, digest } = await desk.planRestore(id, [{ kind: 'notes', pk: 'local', id: 'ticked' }])
    expect(second.changes.map(({ id: of, change }) => [of, change])).toEqual([
      ['a', 'replace'],
      ['b', 'add'],
      ['ticked', 'remove'],
    ])
    await write('c', 'changed after the plan')
    await write('b', 'made anew after the plan')
    await desk.runRestore(ctx, digest)
    await desk.idle()
    expect(await Promise.all(['a', 'b', 'c', 'new', 'ticked'].map(textOf))).toEqual([
      'first a',
      'made anew after the plan',
      'changed after the plan',
      'kept',
      undefined,
    ])
    expect((await desk.list()).restored).toMatchObject({ state: 'done', counts: { added: 0, replaced: 1, removed: 1, skipped: 1 } })
    expect(told).toEqual(['restored'])
    expect([noted.at(0), noted.at(-1)]).toEqual([false, true])
    // And it can be taken back.
    const before = (await desk.list()).restored?.beforeId ?? ''
    const back = await desk.planRestore(before, [])
    expect(back.plan.changes.map(({ id: of, change }) => [of, change])).toEqual([
      ['a', 'replace'],
      ['ticked', 'add'],
    ])
  })

  it('refuses to remove what the backup holds, what is not here, and what is of no kind', async () => {
    const id = await make()
    for (const one of [
      { kind: 'notes', pk: 'local', id: 'a' },
      { kind: 'notes', pk: 'local', id: 'nobody' },
      { kind: 'sessions', pk: 'local', id: 's1' },
    ])
      await expect(desk.planRestore(id, [one])).rejects.toMatchObject({ code: 'RESTORE_OBJECT_REFUSED', status: 400 })
  })

  it('brings back no key, log or session, whatever a backup in its folder holds', async () => {
    await stop()
    writeFileSync(at('data/key.pem'), 'a key of another time')
    mkdirSync(at('data/audit'))
    writeFileSync(at('data/audit/devops-backend-000000000001.log'), '{"seq":1}\n')
    await makeBackup({
      sources: [{ part: 'devops-backend', folder: at('data'), encryptionKey: key }],
      to: at('data/backups/console-20260101T000000Z.backup'),
      lock: { by: 'key', secret: key },
      made: { at: '2026-01-01T00:00:00.000Z', by: 'deploy.sh', version: '1' },
    })
    rmSync(at('data/key.pem'))
    rmSync(at('data/audit'), { recursive: true })
    await start()
    const live = await store.collection<Note>(sessions).get('local', 's1')
    if (live) await store.collection<Note>(sessions).remove('local', 's1', live.etag)
    await remove('a')
    expect(await listed('console-20260101T000000Z')).toMatchObject({ state: 'made', why: 'found in the folder', opens: true })
    const { plan, digest } = await desk.planRestore('console-20260101T000000Z', [])
    expect(plan.changes.map(({ id }) => id)).toEqual(['a'])
    expect(plan.untouched).toEqual([
      { what: 'do_sessions', documents: 1 },
      { what: 'keys and audit logs', documents: 2 },
    ])
    await desk.runRestore(ctx, digest)
    await desk.idle()
    expect(await textOf('a')).toBe('first a')
    expect(await store.collection<Note>(sessions).get('local', 's1')).toBeNull()
    expect([existsSync(at('data/key.pem')), existsSync(at('data/audit'))]).toEqual([false, false])
    expect(rows.at(-1)).toMatchObject({ action: 'backups.work.end', outcome: 'done', target: 'console-20260101T000000Z' })
  })

  it('goes on with a restore that was cut short, and comes to the same', async () => {
    const id = await make()
    const beforeId = await make()
    await write('a', 'second a')
    await remove('b')
    const { plan } = await desk.planRestore(id, [])
    const by = { kind: 'person', id: 'p1', name: 'Pat' } as const
    noteRestoring(at('data/backups'), { backupId: id, sha256: plan.sha256, beforeId, by, requestId: 'r9', changes: plan.changes })
    // As if it had come as far as the first object.
    await write('a', 'first a')
    await stop()
    await start()
    await desk.idle()
    expect([await textOf('a'), await textOf('b')]).toEqual(['first a', 'first b'])
    expect((await desk.list()).restored).toMatchObject({ state: 'done', beforeId, counts: { added: 1, replaced: 1 } })
    expect(rows.at(-1)).toMatchObject({ outcome: 'done', requestId: 'r9' })
    expect(readdirSync(at('data/backups')).filter((name) => !name.endsWith('.backup'))).toEqual([])
  })

  it('carries out the file that was planned, and no other in its place', async () => {
    const id = await make()
    await write('a', 'second a')
    const { digest } = await desk.planRestore(id, [])
    const other = await make()
    copyFileSync(at(`data/backups/${other}.backup`), at(`data/backups/${id}.backup`))
    await desk.runRestore(ctx, digest)
    await desk.idle()
    expect((await desk.list()).restored).toMatchObject({
      state: 'failed',
      problem: expect.stringContaining('changed since it was planned'),
    })
    expect(await textOf('a')).toBe('second a')
  })

  it('says of one that was under way when the service ended that it failed, and keeps nothing of it', async () => {
    await desk.make(ctx, undefined)
    await desk.idle()
    writeFileSync(at('data/backups/devops-backend-20260102T030500Z.backup.part'), 'half')
    mkdirSync(at('data/backups/.work-half'))
    writeFileSync(at('data/backups/devops-backend-20260102T030600Z.backup'), 'no backup at all')
    await stop()
    await start()
    expect(readdirSync(at('data/backups')).sort()).toEqual([
      'devops-backend-20260102T030405Z.backup',
      'devops-backend-20260102T030600Z.backup',
    ])
    expect((await desk.list()).items.map(({ id }) => id)).toEqual(['devops-backend-20260102T030405Z'])
  })

  it('says which key a backup needs once keys were changed, and tries an older one too', async () => {
    const id = await make()
    await stop()
    await start({ keys: [newer, key] })
    expect(await listed(id)).toMatchObject({ opens: true, current: false })
    await desk.verify(ctx, id)
    await desk.idle()
    expect((await listed(id))?.check).toMatchObject({ state: 'passed' })
    await stop()
    await start({ keys: [newer] })
    expect(await listed(id)).toMatchObject({ opens: false })
    expect((await desk.list()).key.older).toEqual([{ keyId: (await listed(id))?.lock?.keyId, backups: 1, opens: false }])
    await expect(desk.planRestore(id, [])).rejects.toMatchObject({ code: 'BACKUP_REFUSED' })
    await stop()
    await start({ keys: [newer], passphrase: 'violet harbor quartz ninety' })
    expect(await listed(await make())).toMatchObject({ lock: { by: 'passphrase' }, opens: true, current: true })
  })
})

describeNeeding('root', 'backups on a disk of their own', () => {
  let disk: SmallDisk
  beforeEach(() => {
    disk = mountSmallDisk('48m')
  })
  afterEach(() => disk.remove())

  it('begin nothing where they would not fit, and leave nothing half done where the disk fills meanwhile', async () => {
    await stop()
    const usual = folder
    folder = disk.path
    try {
      await start()
      for (let index = 0; index < 40; index += 1)
        await write(`n${index}`, Buffer.from(crypto.getRandomValues(new Uint8Array(30_000))).toString('base64'))
      const begun = await desk.make(ctx, undefined)
      disk.fill()
      await desk.idle()
      disk.makeRoom()
      expect(rows.at(-1)).toMatchObject({
        outcome: 'failed',
        code: 'DISK_UNAVAILABLE',
        details: { problem: expect.stringContaining('The disk is full') },
      })
      expect(readdirSync(at('data/backups'))).toEqual([])
      disk.fill()
      await expect(desk.make(ctx, undefined)).rejects.toMatchObject({ code: 'DISK_UNAVAILABLE', status: 503 })
      disk.makeRoom()
      await stop()
      await start()
      expect(await listed(begun.id)).toMatchObject({ state: 'failed' })
      expect(await listed(await make())).toMatchObject({ state: 'made' })
      await stop()
    } finally {
      folder = usual
      await start()
    }
  })
})

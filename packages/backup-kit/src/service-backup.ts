import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { keyId, type Lock } from '@console/backups/backup-keys'
import type { Made } from '@console/backups/envelope'
import type { KeptPart } from '@console/backups/kept-parts'
import { type Backup, makeBackup } from '@console/backups/make-backup'
import { headOf } from '@console/backups/read-backup'
import { restoreBackup } from '@console/backups/restore-backup'
import { exportStore } from '@console/store/export-store'
import type { StoreOwner, StoreSettings } from '@console/store/open-store'
import type { Declaration, DocStore } from '@console/store/port'
import { snapshotSqlite } from '@console/store/sqlite'
import type { Told } from './backup-runs.ts'

/** The state of one service: where it lies, and what seals and opens its backups. */
export type ServiceState = {
  readonly part: KeptPart
  readonly owner: StoreOwner
  readonly store: DocStore
  readonly settings: StoreSettings
  readonly declarations: readonly Declaration[]
  /** The current one first. */
  readonly encryptionKeys: readonly [string, ...string[]]
  /** What opens a backup; the first one locks a new one. */
  readonly locks: readonly [Lock, ...Lock[]]
  /** Takes the backups, and the scratch of what is under way. */
  readonly folder: string
}

const storeFile = 'store.db'

/** A folder beside the backups that goes when the work ends, whatever comes of it. */
async function inScratch<R>(folder: string, work: (scratch: string) => Promise<R>): Promise<R> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const scratch = mkdtempSync(join(folder, '.work-'))
  try {
    return await work(scratch)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/**
 * Keeps the documents of the service in one encrypted file, while it goes on. Its key and its audit log are not in it: those are kept with the whole
 * console, on the host.
 */
export function backUpService(state: ServiceState, to: string, made: Made, say: (told: Told) => void): Promise<Backup> {
  const { part, folder, locks, encryptionKeys } = state
  return inScratch(folder, async (scratch) => {
    await copyStore(state, join(scratch, storeFile))
    return makeBackup({ sources: [{ part, folder: scratch, encryptionKey: encryptionKeys[0] }], to, lock: locks[0], made, onProgress: say })
  })
}

/** One moment of a file; of a hosted store, each document as it was when its turn came. */
async function copyStore({ settings, store, owner, declarations }: ServiceState, target: string): Promise<void> {
  if (settings.driver === 'sqlite') return snapshotSqlite(settings.file, target)
  await exportStore(store, { owner, declarations, file: target })
}

/**
 * Restores a backup into an empty store, exports that again and compares the two by counts and digests of every line. Nothing of it stays.
 * @throws Error with what differs, or why it could not be restored
 */
export async function drillBackup(
  { folder, locks, encryptionKeys }: ServiceState,
  file: string,
  say: (told: Told) => void,
): Promise<{ readonly documents: number }> {
  return inScratch(folder, async (scratch) => {
    const head = await headOf(file)
    const targets = head.parts.map((part) => {
      const encryptionKey = encryptionKeys.find((key) => keyId(key) === head.keys[part])
      return { part: part as KeptPart, folder: join(scratch, 'restored', part), ...(encryptionKey !== undefined && { encryptionKey }) }
    })
    const seen = { read: 0, written: 0 }
    const { manifest } = await restoreBackup({
      file,
      locks,
      targets,
      onDocument(step) {
        seen[step] += 1
        say({ step: step === 'read' ? 'reading it' : 'restoring it', done: seen[step], of: step === 'read' ? null : seen.read })
      },
    })
    const again = await makeBackup({
      sources: targets,
      to: join(scratch, 'again.backup'),
      lock: locks[0],
      made: head.made,
      onProgress: ({ step, ...told }) => say({ step: step === 'writing it' ? 'exporting it again' : 'reading that again', ...told }),
    })
    if (JSON.stringify(again.manifest) !== JSON.stringify(manifest))
      throw new Error('What was restored and exported again is not what the backup holds.')
    return { documents: manifest.documents.reduce((sum, { count }) => sum + count, 0) }
  })
}

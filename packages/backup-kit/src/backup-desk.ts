import { existsSync, mkdirSync, statfsSync, statSync } from 'node:fs'
import { openPlain } from '@console/backups/read-backup'
import { BackupRefused } from '@console/backups/refused'
import { backupName } from '@console/backups/retention'
import type { Backup, BackupRules, BackupRulesChange, BackupsState } from '@console/contracts/backups/schemas'
import type { ActorRef } from '@console/contracts/shapes'
import type { Context } from '@console/http-kit/context'
import { AppError } from '@console/http-kit/problem'
import { type BackupDoc, openBackupBook, viewOf } from './backup-book.ts'
import { type BackupDeskDeps, refOf } from './desk-deps.ts'
import { keptFree } from './kept-free.ts'
import { keyOf, stateOf, type Told } from './list-backups.ts'
import { createRestoreDesk } from './restore-desk.ts'
import { backUpService, drillBackup } from './service-backup.ts'
import { createWorkDesk } from './work-desk.ts'

export type BackupDesk = Awaited<ReturnType<typeof openBackupDesk>>

/** Backups of one service's state: made, tried, handed out and put back, one thing at a time. */
export async function openBackupDesk(deps: BackupDeskDeps) {
  const { folder, now, locks } = deps
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const book = openBackupBook(deps)
  const desk = createWorkDesk(deps, book)
  const { free, admit, say } = desk
  const isoNow = (): string => new Date(now()).toISOString()

  const known = async (id: string): Promise<{ readonly doc: BackupDoc; readonly file: string }> => {
    const doc = await book.one(id)
    if (doc?.state !== 'made' || !existsSync(book.fileOf(id)))
      throw new AppError('BACKUP_NOT_FOUND', 404, `There is no backup ${id} in the folder of backups.`)
    return { doc, file: book.fileOf(id) }
  }
  const told: Told = (id, doc, keptFor = null) => viewOf(id, doc, { present: existsSync(book.fileOf(id)), ...keyOf(doc, locks), keptFor })
  const newId = (): string => {
    for (let ms = now(); ; ms += 1_000) {
      const id = backupName(deps.part, ms).replace(/\.backup$/, '')
      if (!existsSync(book.fileOf(id))) return id
    }
  }
  /** @throws AppError DISK_UNAVAILABLE where it would not fit, before anything is begun */
  const roomFor = (copies: number): void => {
    const { bavail, blocks, bsize } = statfsSync(folder)
    const store = deps.settings.driver === 'sqlite' && existsSync(deps.settings.file) ? statSync(deps.settings.file).size : 0
    const needed = store * copies + keptFree(blocks * bsize)
    if (bavail * bsize < needed)
      throw new AppError(
        'DISK_UNAVAILABLE',
        503,
        `Nothing was begun: the disk has ${sizeOf(bavail * bsize)} free, and ${sizeOf(needed)} are needed.`,
      )
  }
  const makeNow = async (id: string, wish: { readonly by: ActorRef; readonly why: string | null }): Promise<BackupDoc> => {
    const doc: BackupDoc = {
      v: 1,
      kind: 'backup',
      state: 'making',
      madeAt: isoNow(),
      ...wish,
      version: deps.version,
      sizeBytes: null,
      documents: null,
      lock: null,
      check: null,
      problem: null,
    }
    await book.put(id, doc)
    return doc
  }
  const finish = async (
    id: string,
    doc: BackupDoc,
    spare?: string,
  ): Promise<{ readonly sizeBytes: number; readonly documents: number; readonly removed: readonly string[] }> => {
    say({ step: 'copying the store' })
    const who = [doc.by.name ?? doc.by.id, doc.why].filter(Boolean).join(': ').slice(0, 500)
    const { bytes, manifest } = await backUpService(deps, book.fileOf(id), { at: doc.madeAt, by: who, version: doc.version }, say)
    const made = { sizeBytes: bytes, documents: manifest.documents.reduce((sum, { count }) => sum + count, 0) }
    const [read] = manifest.hosted ?? []
    const hosted = read && { hosted: { readFrom: read.readFrom, readTo: read.readTo } }
    await book.put(id, { ...doc, ...made, ...hosted, state: 'made', lock: keyOf(null, locks).lock })
    return { ...made, removed: await book.prune(await book.rules(), { nowMs: now(), spare }) }
  }
  const failed = (id: string, doc: BackupDoc) => async (problem: string) => {
    await book.put(id, { ...doc, state: 'failed', problem })
    return null
  }

  const restores = createRestoreDesk({ deps, book, free, admit, known, roomFor, newId, makeNow, finish, failed, isoNow })
  const left = restores.cutShort()
  await book.takeStock(now(), left?.runId ?? null)
  if (left) await restores.carryOn(left)

  return {
    list: (): Promise<BackupsState> => stateOf({ deps, book, desk, told, nowMs: now() }),
    async make(ctx: Context, why: string | undefined): Promise<Backup> {
      free()
      roomFor(2)
      const by = refOf(ctx)
      const id = newId()
      return admit(
        { kind: 'backup', backupId: id, step: 'copying the store', by, reason: why ?? null, requestId: ctx.requestId },
        async () => {
          roomFor(2)
          const doc = await makeNow(id, { by, why: why ?? null })
          return {
            answer: told(id, doc),
            async work() {
              const { removed, ...made } = await finish(id, doc)
              return {
                outcome: `${counted(made.documents)} in ${sizeOf(made.sizeBytes)}, read again and found whole.`,
                // More than a row takes, once, where somebody lowers the rules: it names the beginning then, and the digest of all.
                details: { ...made, removedBackups: removed },
              }
            },
            failed: failed(id, doc),
          }
        },
      )
    },
    async verify(ctx: Context, id: string): Promise<Backup> {
      free()
      roomFor(3)
      const by = refOf(ctx)
      return admit({ kind: 'restore-drill', backupId: id, step: 'reading it', by, reason: null, requestId: ctx.requestId }, async () => {
        const { doc, file } = await known(id)
        const keptFor = book.keptOf(await book.all(), await book.rules(), { nowMs: now() }).get(id)
        const begun = performance.now()
        const check = (state: 'passed' | 'failed', problem: string | null) => ({
          state,
          at: isoNow(),
          by,
          tookMs: Math.round(performance.now() - begun),
          problem,
        })
        return {
          answer: told(id, doc, keptFor),
          async work() {
            const { documents } = await drillBackup(deps, file, say)
            await book.put(id, { ...doc, documents, check: check('passed', null) })
            return { outcome: `${counted(documents)} restored into an empty store and exported again: the same.`, details: { documents } }
          },
          async failed(problem) {
            await book.put(id, { ...doc, check: check('failed', problem) })
            return null
          },
        }
      })
    },
    /** The file of a backup as it lies on the disk. @throws AppError BACKUP_REFUSED where something else lies in its place */
    async openFile(id: string): Promise<{ readonly sizeBytes: number; readonly bytes: AsyncIterable<Uint8Array> }> {
      const { file } = await known(id)
      const handle = await openPlain(file).catch((error: unknown) => {
        if (error instanceof BackupRefused) throw new AppError('BACKUP_REFUSED', 409, error.message, { cause: error })
        throw error
      })
      const { size } = await handle.stat()
      return { sizeBytes: size, bytes: handle.createReadStream() as AsyncIterable<Uint8Array> }
    },
    async setRules(change: BackupRulesChange): Promise<BackupRules> {
      const { nights, weeks, months } = await book.rules()
      const rules = {
        ...change,
        nights: change.nights ?? nights,
        weeks: change.weeks ?? weeks,
        months: change.months ?? months,
      }
      await book.setRules(rules)
      return rules
    },
    async confirmKey(ctx: Context, keyId: string): Promise<void> {
      if (keyOf(null, locks).lock.keyId !== keyId)
        throw new AppError('BACKUP_KEY_UNKNOWN', 409, `New backups are locked with another key than ${keyId}. Look at the page again.`)
      await book.confirmKey(keyId, isoNow(), refOf(ctx))
    },
    /** Newest first. */
    runs: desk.runs,
    planRestore: restores.plan,
    changesOf: restores.changesOf,
    lackingOf: restores.lackingOf,
    runRestore: restores.run,
    idle: desk.idle,
  }
}

function counted(documents: number): string {
  return `${documents.toLocaleString('en-US')} ${documents === 1 ? 'object' : 'objects'}`
}

function sizeOf(bytes: number): string {
  return bytes < 1_048_576 ? `${(bytes / 1_024).toFixed(1)} KiB` : `${(bytes / 1_048_576).toFixed(bytes < 10 * 1_048_576 ? 1 : 0)} MiB`
}

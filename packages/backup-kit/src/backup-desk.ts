import { existsSync, mkdirSync, statfsSync, statSync } from 'node:fs'
import type { NewRow } from '@console/audit-chain/log'
import { backupName } from '@console/backups/retention'
import type { Backup, BackupRules, BackupsState, BackupWork } from '@console/contracts/backups/schemas'
import type { ActorRef } from '@console/contracts/shapes'
import type { Context } from '@console/http-kit/context'
import { AppError } from '@console/http-kit/problem'
import { type BackupDoc, openBackupBook, viewOf } from './backup-book.ts'
import { type BackupDeskDeps, type Job, refOf } from './desk-deps.ts'
import { keyOf, stateOf } from './list-backups.ts'
import { createRestoreDesk } from './restore-desk.ts'
import { backUpService, drillBackup } from './service-backup.ts'

export type BackupDesk = Awaited<ReturnType<typeof openBackupDesk>>

/** Backups of one service's state: made, tried, handed out and put back, one thing at a time. */
export async function openBackupDesk(deps: BackupDeskDeps) {
  const { folder, now, locks } = deps
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const book = openBackupBook(deps)
  let work: BackupWork | null = null
  let running: Promise<void> = Promise.resolve()
  const isoNow = (): string => new Date(now()).toISOString()

  const free = (): void => {
    if (work)
      throw new AppError('BACKUP_BUSY', 409, `${busyWith[work.kind]} is under way. One thing is done at a time; wait until it has ended.`)
  }
  /** Starts what goes on behind the answer. Whoever asks has seen that nothing else is under way. */
  const begin = ({ kind, backupId, step, by, requestId, ...job }: Job): void => {
    work = { kind, backupId, since: isoNow(), step, done: 0, of: null }
    const row = {
      action: `${deps.owner === 'do' ? 'backups' : 'platformBackups'}.work.end`,
      actor: actorOf(by),
      requestId,
      target: backupId,
    }
    running = job
      .work((told) => {
        if (work) work = { ...work, ...told }
      })
      .then(
        (details) => ({ ...row, outcome: 'done' as const, details: { kind, ...details } }),
        async (error: unknown) => {
          deps.alarm(`a ${kind} of a backup failed`, error)
          const problem = problemOf(error)
          await job.failed(problem).catch((lost: unknown) => deps.alarm('how it failed could not be kept', lost))
          return { ...row, outcome: 'failed' as const, code: codeOf(error), details: { kind, problem } }
        },
      )
      .then((ended) => deps.append(ended))
      .catch((error: unknown) => deps.alarm('the end of a backup could not be recorded', error))
      .then(() => {
        work = null
      })
  }
  const known = async (id: string): Promise<{ readonly doc: BackupDoc; readonly file: string }> => {
    const doc = await book.one(id)
    if (doc?.state !== 'made' || !existsSync(book.fileOf(id)))
      throw new AppError('BACKUP_NOT_FOUND', 404, `There is no backup ${id} in the folder of backups.`)
    return { doc, file: book.fileOf(id) }
  }
  const told = (id: string, doc: BackupDoc): Backup => viewOf(id, doc, { present: existsSync(book.fileOf(id)), ...keyOf(doc, locks) })
  const newId = (): string => {
    for (let ms = now(); ; ms += 1_000) {
      const id = backupName(deps.part, ms).replace(/\.backup$/, '')
      if (!existsSync(book.fileOf(id))) return id
    }
  }
  /** @throws AppError DISK_UNAVAILABLE where it would not fit, before anything is begun */
  const roomFor = (copies: number): void => {
    const { bavail, bsize } = statfsSync(folder)
    const store = deps.settings.driver === 'sqlite' && existsSync(deps.settings.file) ? statSync(deps.settings.file).size : 0
    const needed = store * copies + leastFreeBytes
    if (bavail * bsize < needed)
      throw new AppError(
        'DISK_UNAVAILABLE',
        503,
        `Nothing was begun: the disk has ${mib(bavail * bsize)} free, and ${mib(needed)} are needed.`,
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
  ): Promise<{ readonly sizeBytes: number; readonly documents: number }> => {
    const who = [doc.by.name ?? doc.by.id, doc.why].filter(Boolean).join(': ').slice(0, 500)
    const { bytes, manifest } = await backUpService(deps, book.fileOf(id), { at: doc.madeAt, by: who, version: doc.version })
    const made = { sizeBytes: bytes, documents: manifest.documents.reduce((sum, { count }) => sum + count, 0) }
    await book.put(id, { ...doc, ...made, state: 'made', lock: keyOf(null, locks).lock })
    await book.prune((await book.rules()).keep, spare)
    return made
  }
  const failed = (id: string, doc: BackupDoc) => (problem: string) => book.put(id, { ...doc, state: 'failed', problem })

  const desk = { deps, book, free, begin, known, roomFor, newId, makeNow, finish, failed, isoNow }
  const restores = createRestoreDesk(desk)
  await book.takeStock()
  restores.carryOn()

  return {
    list: (): Promise<BackupsState> => stateOf({ deps, book, work, told, nowMs: now() }),
    async make(ctx: Context, why: string | undefined): Promise<Backup> {
      free()
      roomFor(2)
      const id = newId()
      const by = refOf(ctx)
      const doc = await makeNow(id, { by, why: why ?? null })
      begin({
        kind: 'make',
        backupId: id,
        step: 'writing',
        by,
        requestId: ctx.requestId,
        work: () => finish(id, doc),
        failed: failed(id, doc),
      })
      return told(id, doc)
    },
    async verify(ctx: Context, id: string): Promise<Backup> {
      const { doc, file } = await known(id)
      free()
      roomFor(3)
      const by = refOf(ctx)
      const begun = performance.now()
      const ended = (state: 'passed' | 'failed', problem: string | null) => ({
        state,
        at: isoNow(),
        by,
        tookMs: Math.round(performance.now() - begun),
        problem,
      })
      begin({
        kind: 'verify',
        backupId: id,
        step: 'restoring it beside the living store',
        by,
        requestId: ctx.requestId,
        work: async () => {
          const { documents } = await drillBackup(deps, file)
          await book.put(id, { ...doc, documents, check: ended('passed', null) })
          return { documents }
        },
        failed: (problem) => book.put(id, { ...doc, check: ended('failed', problem) }),
      })
      return told(id, doc)
    },
    /** Where the file of a backup lies. */
    fileOf: async (id: string): Promise<string> => (await known(id)).file,
    async setRules(rules: BackupRules): Promise<BackupRules> {
      await book.setRules(rules)
      return rules
    },
    async confirmKey(ctx: Context, keyId: string): Promise<void> {
      if (keyOf(null, locks).lock.keyId !== keyId)
        throw new AppError('BACKUP_KEY_UNKNOWN', 409, `New backups are locked with another key than ${keyId}. Look at the page again.`)
      await book.confirmKey(keyId, isoNow(), refOf(ctx))
    },
    planRestore: restores.plan,
    runRestore: restores.run,
    /** Settles when nothing is under way. */
    idle: async (): Promise<void> => {
      while (work) await running
    },
  }
}

const leastFreeBytes = 16 * 1_048_576
const busyWith: Readonly<Record<BackupWork['kind'], string>> = { make: 'A backup', verify: 'A restore drill', restore: 'A restore' }

function actorOf({ kind, id, name }: ActorRef): NewRow['actor'] {
  return { kind, id, ...(name && { name }) }
}

/** For a person: what it was, and what to do. */
function problemOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (isFull(error)) return 'The disk is full. Nothing of it was kept; free space and try again.'
  return `${message || code || 'It failed.'}`.slice(0, 400)
}

function codeOf(error: unknown): string {
  if (isFull(error)) return 'DISK_UNAVAILABLE'
  const { reason, code } = error as { reason?: unknown; code?: unknown }
  return typeof reason === 'string' ? 'BACKUP_REFUSED' : typeof code === 'string' ? code : 'INTERNAL'
}

/** SQLite says it in words. */
function isFull(error: unknown): boolean {
  const { code, message } = error as NodeJS.ErrnoException
  return code === 'ENOSPC' || code === 'EDQUOT' || /database or disk is full/.test(message ?? '')
}

function mib(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(0)} MiB`
}

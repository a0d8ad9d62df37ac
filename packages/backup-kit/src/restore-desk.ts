import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { digestOfFile } from '@console/backups/read-backup'
import { BackupRefused } from '@console/backups/refused'
import type { RestoreChange, RestoreLack, RestoreObject, RestorePlan, RestoreReceipt } from '@console/contracts/backups/schemas'
import type { ActorRef } from '@console/contracts/shapes'
import type { Context } from '@console/http-kit/context'
import { AppError } from '@console/http-kit/problem'
import { canonical, type Plain } from '@console/verbs/canonical'
import type { BackupBook, BackupDoc } from './backup-book.ts'
import type { Told } from './backup-runs.ts'
import { carryOutRestore, changedSince, type RestoreCounts } from './carry-out-restore.ts'
import { type BackupDeskDeps, refOf } from './desk-deps.ts'
import { compareBackup, digestOfChanges, withRemovals } from './plan-restore.ts'
import { createPlanShelf, livesMs, type Page, pageOf } from './plan-shelf.ts'
import { forgetRestoring, noteRestoring, type Restoring, restoringIn } from './restoring.ts'
import type { WorkDesk } from './work-desk.ts'

type Desk = Pick<WorkDesk, 'free' | 'admit'> & {
  readonly deps: BackupDeskDeps
  readonly book: BackupBook
  readonly known: (id: string) => Promise<{ readonly doc: BackupDoc; readonly file: string }>
  readonly roomFor: (copies: number) => void
  readonly newId: () => string
  readonly makeNow: (id: string, wish: { readonly by: ActorRef; readonly why: string | null }) => Promise<BackupDoc>
  /** Makes room for it by the rules; `spare` stays whatever they say. */
  readonly finish: (id: string, doc: BackupDoc, spare?: string) => Promise<{ readonly removed: readonly string[] }>
  readonly failed: (id: string, doc: BackupDoc) => (problem: string) => Promise<null>
  readonly isoNow: () => string
}
type Pages = { readonly after?: number | undefined; readonly limit?: number | undefined }

const mostShown = 500
/** How many plans may wait for each other. */
const mostWaiting = 4
const none: RestoreCounts = { added: 0, replaced: 0, removed: 0, skipped: 0 }

/** Restores into the living store: planned object by object, confirmed as a whole, carried out after a backup of how things were. */
export function createRestoreDesk({ deps, book, free, admit, known, roomFor, newId, makeNow, finish, failed, isoNow }: Desk) {
  const { folder, part, locks, kinds } = deps
  const shelf = createPlanShelf(deps.now)
  let planning: Promise<unknown> = Promise.resolve()
  let waiting = 0

  const receipt = (of: Restoring, state: RestoreReceipt['state'], counts: RestoreCounts, problem: string | null) =>
    book.setReceipt({
      backupId: of.backupId,
      beforeId: existsSync(book.fileOf(of.beforeId)) ? of.beforeId : null,
      at: isoNow(),
      by: of.by,
      state,
      counts,
      problem,
    })
  /** From the note on disk on, whatever ends this process: the next one goes on with it. */
  const carryOut = async (of: Restoring, say: (told: Told) => void) => {
    const file = book.fileOf(of.backupId)
    if ((await digestOfFile(file)) !== of.sha256)
      throw new BackupRefused('damaged', 'The file of the backup was changed since it was planned.')
    let done = 0
    say({ step: 'putting objects back', of: of.changes.length })
    const counts = await carryOutRestore({ part, file, locks, kinds, changes: of.changes, onObject: () => say({ done: ++done }) })
    await receipt(of, 'done', counts, null)
    forgetRestoring(folder)
    deps.restored?.()
    return { outcome: wordsOf(counts, of.beforeId), details: { ...counts, beforeId: of.beforeId } }
  }
  /** What went wrong is wrong at the next start too, so that it is not begun again by itself. */
  const gaveUp = (of: Restoring) => async (problem: string) => {
    forgetRestoring(folder)
    deps.restored?.()
    const whole = `${problem} How things were before is in the backup ${of.beforeId}.`
    await receipt(of, 'failed', none, whole)
    return whole
  }
  const planNow = async (
    backupId: string,
    remove: readonly RestoreObject[],
  ): Promise<{ readonly plan: RestorePlan; readonly digest: string }> => {
    const { doc, file } = await known(backupId)
    free()
    const sha256 = await digestOfFile(file)
    const found = await compareBackup({ store: deps.store, part, file, locks, kinds })
    const { comparison, refused } = withRemovals(found, remove)
    if (refused)
      throw new AppError(
        'RESTORE_OBJECT_REFUSED',
        400,
        `body.remove: ${refused.kind} ${refused.id} is in the backup, is not here, or cannot be removed by a restore.`,
      )
    const { changes } = comparison
    const lacking = comparison.lacking.map(({ was: _, ...one }): RestoreLack => one)
    const plan: RestorePlan = {
      v: 1,
      planId: randomUUID(),
      service: part,
      hostId: 'local',
      backupId,
      madeAt: doc.madeAt,
      sha256,
      createdAt: isoNow(),
      expiresAt: new Date(deps.now() + livesMs).toISOString(),
      kinds: [...comparison.kinds],
      changes: changes.slice(0, mostShown),
      changesTotal: changes.length,
      changesSha256: digestOfChanges(changes),
      lacking: lacking.slice(0, mostShown),
      lackingTotal: lacking.length,
      untouched: [...comparison.untouched],
    }
    const digest = createHash('sha256')
      .update(canonical(plan as unknown as Plain))
      .digest('hex')
    shelf.put(digest, { plan, changes, lacking, used: false })
    return { plan, digest }
  }

  return {
    /** One after the other: each reads a backup to its end. */
    plan(backupId: string, remove: readonly RestoreObject[]): Promise<{ readonly plan: RestorePlan; readonly digest: string }> {
      if (waiting >= mostWaiting) throw new AppError('BACKUP_BUSY', 409, 'Other plans are being made. Wait a moment, then plan again.')
      waiting += 1
      const planned = planning.then(() => planNow(backupId, remove)).catch(refusedAsAnswer)
      planning = planned
        .catch(() => undefined)
        .then(() => {
          waiting -= 1
        })
      return planned
    },
    changesOf: (digest: string, page: Pages): Page<RestoreChange> => pageOf(shelf.living(digest).changes, page),
    lackingOf: (digest: string, page: Pages): Page<RestoreLack> => pageOf(shelf.living(digest).lacking, page),
    async run(
      ctx: Context,
      { digest, reason }: { readonly digest: string; readonly reason?: string | undefined },
    ): Promise<{ readonly backupId: string }> {
      const kept = shelf.fresh(digest)
      free()
      roomFor(2)
      const { plan, changes } = kept
      const { backupId, sha256 } = plan
      const by = refOf(ctx)
      const { requestId } = ctx
      return admit(
        { kind: 'restore', backupId, step: 'making a backup of now', by, reason: reason ?? null, requestId },
        async ({ id: runId }) => {
          roomFor(2)
          const { file } = await known(backupId)
          if ((await digestOfFile(file).catch(refusedAsAnswer)) !== sha256)
            throw new AppError(
              'PLAN_CHANGED',
              409,
              'Nothing was done: the file of the backup is another one than was planned with. Plan again.',
            )
          const changed = await changedSince(changes, kinds)
          const [first] = changed
          if (first)
            throw new AppError(
              'PLAN_CHANGED',
              409,
              `Nothing was done: ${first.name}${changed.length > 1 ? ` and ${changed.length - 1} more were` : ' was'} changed since the plan was made. Plan again.`,
            )
          kept.used = true
          ctx.tell({ backupId })
          const beforeId = newId()
          const of: Restoring = { runId, backupId, sha256, beforeId, by, requestId, changes }
          const before = await makeNow(beforeId, { by, why: 'before a restore' })
          let isMade = false
          return {
            answer: { backupId },
            async work(say) {
              const { removed } = await finish(beforeId, before, backupId)
              isMade = true
              noteRestoring(folder, of, deps.encryptionKeys)
              const { outcome, details } = await carryOut(of, say)
              return { outcome, details: { ...details, removedBackups: removed } }
            },
            async failed(problem) {
              if (isMade) return gaveUp(of)(problem)
              const whole = `Nothing was restored: the backup of how things are now could not be made. ${problem}`
              await failed(beforeId, before)(problem)
              await receipt(of, 'failed', none, whole)
              return whole
            },
          }
        },
      )
    },
    /** What the last process left. */
    cutShort(): Restoring | null {
      try {
        return restoringIn(folder, deps.encryptionKeys)
      } catch (error) {
        deps.alarm('a note of a restore is refused', error)
        return null
      }
    },
    /** A restore that was cut short is begun again, and comes to the same. */
    async carryOn(of: Restoring): Promise<void> {
      const { runId, backupId, by, requestId } = of
      const begun = (await book.runs()).find(({ id }) => id === runId)
      const step = 'going on after a start'
      await admit(begun ?? { kind: 'restore', backupId, step, by, reason: null, requestId }, async () => ({
        answer: undefined,
        async work(say) {
          say({ step })
          return carryOut(of, say)
        },
        failed: gaveUp(of),
      }))
    },
  }
}

/** A backup that is not what it should be is an answer, and no fault of the service. */
function refusedAsAnswer(error: unknown): never {
  if (error instanceof BackupRefused) throw new AppError('BACKUP_REFUSED', 409, error.message, { cause: error })
  throw error
}

function wordsOf({ added, replaced, removed, skipped }: RestoreCounts, beforeId: string): string {
  const left = skipped > 0 ? `, ${skipped} left as they were found` : ''
  return `${replaced} put back, ${added} brought back, ${removed} removed${left}. How things were before is in ${beforeId}.`
}

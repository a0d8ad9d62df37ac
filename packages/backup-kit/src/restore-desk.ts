import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { BackupRefused } from '@console/backups/refused'
import type { RestoreObject, RestorePlan, RestoreReceipt } from '@console/contracts/backups/schemas'
import type { ActorRef } from '@console/contracts/shapes'
import type { Context } from '@console/http-kit/context'
import { AppError } from '@console/http-kit/problem'
import { canonical, type Plain } from '@console/verbs/canonical'
import type { BackupBook, BackupDoc } from './backup-book.ts'
import { carryOutRestore, type RestoreCounts } from './carry-out-restore.ts'
import { type BackupDeskDeps, type Job, refOf } from './desk-deps.ts'
import { compareBackup, digestOfChanges, digestOfFile, withRemovals } from './plan-restore.ts'
import { forgetRestoring, noteRestoring, type PlannedChange, type Restoring, restoringIn } from './restoring.ts'

type Desk = {
  readonly deps: BackupDeskDeps
  readonly book: BackupBook
  readonly free: () => void
  readonly begin: (job: Job) => void
  readonly known: (id: string) => Promise<{ readonly doc: BackupDoc; readonly file: string }>
  readonly roomFor: (copies: number) => void
  readonly newId: () => string
  readonly makeNow: (id: string, wish: { readonly by: ActorRef; readonly why: string | null }) => Promise<BackupDoc>
  /** Makes room for it by the rules; `spare` stays whatever they say. */
  readonly finish: (id: string, doc: BackupDoc, spare?: string) => Promise<unknown>
  readonly failed: (id: string, doc: BackupDoc) => (problem: string) => Promise<void>
  readonly isoNow: () => string
}
type Kept = { readonly plan: RestorePlan; readonly changes: readonly PlannedChange[]; used: boolean }

const livesMs = 900_000
const mostPlans = 20
const mostShown = 500
const none: RestoreCounts = { added: 0, replaced: 0, removed: 0, skipped: 0 }

/** Restores into the living store: planned object by object, confirmed as a whole, carried out after a backup of how things were. */
export function createRestoreDesk({ deps, book, free, begin, known, roomFor, newId, makeNow, finish, failed, isoNow }: Desk) {
  const { folder, part, locks, kinds } = deps
  const plans = new Map<string, Kept>()

  const remember = (digest: string, kept: Kept): void => {
    for (const [old, { plan }] of plans) if (Date.parse(plan.expiresAt) + livesMs < deps.now()) plans.delete(old)
    const [oldest] = plans.keys()
    if (plans.size >= mostPlans && oldest !== undefined) plans.delete(oldest)
    plans.set(digest, kept)
  }
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
  const carryOut = async (of: Restoring, onObject: () => void): Promise<Readonly<Record<string, unknown>>> => {
    const file = book.fileOf(of.backupId)
    if ((await digestOfFile(file)) !== of.sha256)
      throw new BackupRefused('damaged', 'The file of the backup was changed since it was planned.')
    const counts = await carryOutRestore({ part, file, locks, kinds, changes: of.changes, onObject })
    await receipt(of, 'done', counts, null)
    forgetRestoring(folder)
    deps.restored?.()
    return { ...counts, beforeId: of.beforeId }
  }
  /** What went wrong is wrong at the next start too, so that it is not begun again by itself. */
  const gaveUp = (of: Restoring) => async (problem: string) => {
    forgetRestoring(folder)
    deps.restored?.()
    await receipt(of, 'failed', none, `${problem} How things were before is in the backup ${of.beforeId}.`)
  }

  return {
    async plan(backupId: string, remove: readonly RestoreObject[]): Promise<{ readonly plan: RestorePlan; readonly digest: string }> {
      const { doc, file } = await known(backupId)
      free()
      const sha256 = await digestOfFile(file)
      const found = await compareBackup({ store: deps.store, part, file, locks, kinds }).catch((error: unknown) => {
        if (error instanceof BackupRefused) throw new AppError('BACKUP_REFUSED', 409, error.message, { cause: error })
        throw error
      })
      const { comparison, refused } = withRemovals(found, remove)
      if (refused)
        throw new AppError(
          'RESTORE_OBJECT_REFUSED',
          400,
          `body.remove: ${refused.kind} ${refused.id} is in the backup, is not here, or cannot be removed by a restore.`,
        )
      const { changes, lacking } = comparison
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
        changes: changes.slice(0, mostShown).map((one) => ({ ...one })),
        changesTotal: changes.length,
        changesSha256: digestOfChanges(changes),
        lacking: lacking.slice(0, mostShown).map((one) => ({ ...one })),
        lackingTotal: lacking.length,
        untouched: [...comparison.untouched],
      }
      const digest = createHash('sha256')
        .update(canonical(plan as unknown as Plain))
        .digest('hex')
      remember(digest, { plan, changes, used: false })
      return { plan, digest }
    },
    async run(ctx: Context, digest: string): Promise<{ readonly backupId: string }> {
      const kept = plans.get(digest)
      if (!kept) throw new AppError('PLAN_NOT_FOUND', 409, 'This service knows no such plan. Plan again.')
      if (kept.used) throw new AppError('PLAN_USED', 409, 'The plan was carried out already.')
      if (Date.parse(kept.plan.expiresAt) <= deps.now())
        throw new AppError('PLAN_EXPIRED', 409, 'The plan is older than 15 minutes. Plan again.')
      free()
      roomFor(2)
      kept.used = true
      const { backupId, sha256 } = kept.plan
      ctx.tell({ backupId })
      const by = refOf(ctx)
      const beforeId = newId()
      const of: Restoring = { backupId, sha256, beforeId, by, requestId: ctx.requestId, changes: kept.changes }
      const before = await makeNow(beforeId, { by, why: 'before a restore' })
      let isMade = false
      begin({
        kind: 'restore',
        backupId,
        step: 'making a backup of now',
        by,
        requestId: ctx.requestId,
        work: async (say) => {
          await finish(beforeId, before, backupId)
          isMade = true
          noteRestoring(folder, of)
          let done = 0
          say({ step: 'putting objects back', of: of.changes.length })
          return carryOut(of, () => {
            done += 1
            say({ done })
          })
        },
        failed: async (problem) => {
          if (!isMade) {
            await failed(beforeId, before)(problem)
            await receipt(of, 'failed', none, `Nothing was restored: the backup of how things are now could not be made. ${problem}`)
          } else await gaveUp(of)(problem)
        },
      })
      return { backupId }
    },
    /** A restore that was cut short is begun again, and comes to the same. */
    carryOn(): void {
      const of = restoringIn(folder)
      if (!of) return
      const { backupId, by, requestId } = of
      begin({ kind: 'restore', backupId, step: 'going on', by, requestId, work: () => carryOut(of, () => undefined), failed: gaveUp(of) })
    },
  }
}

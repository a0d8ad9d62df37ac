import type { NewRow } from '@console/audit-chain/log'
import type { BackupRun } from '@console/contracts/backups/schemas'
import type { ActorRef } from '@console/contracts/shapes'
import { AppError } from '@console/http-kit/problem'
import type { BackupBook } from './backup-book.ts'
import { ended, further, newRun, type Told, type Wish } from './backup-runs.ts'
import type { BackupDeskDeps, Job } from './desk-deps.ts'

export type WorkDesk = ReturnType<typeof createWorkDesk>

/** Carries out one thing at a time behind the answer. Each is a run that is on disk before it begins, and its end is a row. */
export function createWorkDesk(deps: Pick<BackupDeskDeps, 'owner' | 'part' | 'now' | 'append' | 'alarm'>, book: BackupBook) {
  let work: BackupRun | null = null
  let running: Promise<void> = Promise.resolve()
  let writing: Promise<void> = Promise.resolve()
  const isoNow = (): string => new Date(deps.now()).toISOString()

  const free = (): void => {
    if (work)
      throw new AppError('BACKUP_BUSY', 409, `${busyWith[work.kind]} is under way. One thing is done at a time; wait until it has ended.`)
  }
  /** One after the other. A run that cannot be written down goes on; its end is a row as well. */
  const keep = (run: BackupRun): Promise<void> => {
    writing = writing
      .then(() => book.putRun(run))
      .catch((error: unknown) => deps.alarm('how far the work on a backup is could not be kept', error))
    return writing
  }
  const say = (told: Told): void => {
    if (!work) return
    const before = work.steps.length
    work = further(work, told, isoNow())
    if (work.steps.length > before) void keep(work)
  }
  const carry = async (job: Job): Promise<void> => {
    const [state, outcome, row] = await job.work(say).then(
      (done) => ['succeeded', done.outcome, { outcome: 'done', details: done.details }] as const,
      async (error: unknown) => {
        deps.alarm(`the work on a backup failed: ${work?.kind}`, error)
        const problem = problemOf(error)
        const more = await job.failed(problem).catch((lost: unknown) => deps.alarm('how it failed could not be kept', lost))
        return ['failed', more ?? problem, { outcome: 'failed', code: codeOf(error), details: { problem } }] as const
      },
    )
    if (!work) return
    const run = ended(work, state, outcome, isoNow())
    const { id: runId, kind, backupId, actor, requestId } = run
    await keep(run)
    await book.pruneRuns().catch((error: unknown) => deps.alarm('older runs could not be forgotten', error))
    const action = `${deps.owner === 'do' ? 'backups' : 'platformBackups'}.work.end`
    await deps
      .append({ ...row, action, actor: actorOf(actor), requestId, target: backupId, details: { kind, runId, ...row.details } })
      .catch((error: unknown) => deps.alarm('the end of a backup could not be recorded', error))
  }

  return {
    free,
    work: (): BackupRun | null => work,
    /** Newest first, what is under way as far as it is. */
    runs: async (): Promise<BackupRun[]> => (await book.runs()).map((run) => (run.id === work?.id ? work : run)),
    say,
    /**
     * Nothing else begins from the moment of the call on. What fails in `prepare` is told to whoever asks, and was no run.
     * @throws AppError BACKUP_BUSY
     */
    admit<R>(wish: Wish | BackupRun, prepare: (run: BackupRun) => Promise<Job & { readonly answer: R }>): Promise<R> {
      free()
      const run = 'id' in wish ? wish : newRun(wish, deps.part, deps.now())
      work = run
      const prepared = (async () => {
        await book.putRun(run)
        return prepare(run).catch(async (error: unknown) => {
          await book.dropRun(run.id).catch((lost: unknown) => deps.alarm('a run that was not begun could not be forgotten', lost))
          throw error
        })
      })()
      running = prepared
        .then(carry, () => undefined)
        .then(() => {
          work = null
        })
      return prepared.then(({ answer }) => answer)
    },
    /** Settles when nothing is under way. */
    idle: async (): Promise<void> => {
      while (work) await running
    },
  }
}

const busyWith: Readonly<Record<BackupRun['kind'], string>> = {
  backup: 'A backup',
  'restore-drill': 'A restore drill',
  restore: 'A restore',
}

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

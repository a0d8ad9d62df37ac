import { randomBytes } from 'node:crypto'
import type { BackupRun } from '@console/contracts/backups/schemas'
import type { ActorRef } from '@console/contracts/shapes'

/** Work that is asked for. */
export type Wish = {
  readonly kind: BackupRun['kind']
  readonly backupId: string
  readonly step: string
  readonly by: ActorRef
  readonly reason: string | null
  readonly requestId: string
}
/** How far it is. Another step begins its counting anew. */
export type Told = { readonly step?: string; readonly done?: number; readonly of?: number | null }

export function newRun({ kind, backupId, step, by, reason, requestId }: Wish, service: string, nowMs: number): BackupRun {
  const at = new Date(nowMs).toISOString()
  return {
    id: `${kind}-${nowMs.toString(36)}-${randomBytes(6).toString('hex')}`,
    kind,
    service,
    state: 'running',
    backupId,
    actor: by,
    reason,
    startedAt: at,
    endedAt: null,
    steps: [{ name: step, at }],
    done: 0,
    of: null,
    outcome: null,
    requestId,
  }
}

export function further(run: BackupRun, { step, done, of }: Told, at: string): BackupRun {
  const isNew = step !== undefined && step !== run.steps.at(-1)?.name
  return {
    ...run,
    ...(isNew && { steps: [...run.steps, { name: step, at }] }),
    done: done ?? (isNew ? 0 : run.done),
    of: of === undefined ? (isNew ? null : run.of) : of,
  }
}

export function ended(run: BackupRun, state: Exclude<BackupRun['state'], 'running'>, outcome: string, at: string): BackupRun {
  return { ...run, state, endedAt: at, outcome }
}

/** What an end without a word of its own meant: the process was gone. */
export const interruptedWords: Readonly<Record<BackupRun['kind'], string>> = {
  backup: 'The service ended while it was made. Nothing of it was kept: make another one.',
  'restore-drill': 'The service ended while it was tried. Nothing of the drill stays: run it again.',
  restore: 'The service ended before the first object was put back. Nothing was restored.',
}

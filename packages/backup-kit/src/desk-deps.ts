import type { NewRow } from '@console/audit-chain/log'
import type { ActorRef } from '@console/contracts/shapes'
import type { Context } from '@console/http-kit/context'
import type { Told } from './backup-runs.ts'
import type { RestorableKind } from './kinds.ts'
import type { ServiceState } from './service-backup.ts'

export type BackupDeskDeps = ServiceState & {
  /** What a backup holds, in words. */
  readonly holds: string
  readonly kinds: readonly RestorableKind[]
  /** Of the console. */
  readonly version: string
  /** The file that holds the key, as the service sees it; null where none does. */
  readonly keyFile: string | null
  readonly append: (row: NewRow) => Promise<unknown>
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly alarm: (what: string, error: unknown) => void
  /** After a restore: what the service keeps in memory of its store may be old. */
  readonly restored?: () => void
}
/** Work that goes on when its request is answered; how it ends stands in its run and is a row. */
export type Job = {
  readonly work: (say: (told: Told) => void) => Promise<{
    /** What came of it, in one sentence. */
    readonly outcome: string
    /** What the row tells of it. */
    readonly details: Readonly<Record<string, unknown>>
  }>
  /** What is remembered where it failed. @returns what came of it; null where the problem alone says it */
  readonly failed: (problem: string) => Promise<string | null>
}
export function refOf({ actor }: Context): ActorRef {
  return { kind: actor.kind, id: actor.id, name: actor.name || null }
}

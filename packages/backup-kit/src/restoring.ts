import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeDurably } from '@console/audit-chain/write-durably'
import type { ActorRef } from '@console/contracts/shapes'

export type Change = 'add' | 'replace' | 'remove'
export type PlannedChange = {
  readonly kind: string
  readonly pk: string
  readonly id: string
  readonly name: string
  readonly change: Change
}
/** A restore that was begun: with it one that was cut short is carried on. */
export type Restoring = {
  readonly backupId: string
  readonly sha256: string
  readonly beforeId: string
  readonly by: ActorRef
  readonly requestId: string
  readonly changes: readonly PlannedChange[]
}

const placeIn = (folder: string): string => join(folder, 'restoring.json')

/** On disk before the first object is written. */
export function noteRestoring(folder: string, restoring: Restoring): void {
  writeDurably(placeIn(folder), JSON.stringify(restoring), 0o600)
}

/** Null where none was cut short. */
export function restoringIn(folder: string): Restoring | null {
  try {
    return JSON.parse(readFileSync(placeIn(folder), 'utf8')) as Restoring
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

export function forgetRestoring(folder: string): void {
  rmSync(placeIn(folder), { force: true })
}

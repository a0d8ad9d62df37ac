import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
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
  const place = placeIn(folder)
  const fd = openSync(`${place}.part`, 'w', 0o600)
  try {
    const bytes = Buffer.from(JSON.stringify(restoring))
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  renameSync(`${place}.part`, place)
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

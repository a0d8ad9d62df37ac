import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import { readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeDurably } from '@console/audit-chain/write-durably'
import type { RestoreChange } from '@console/contracts/backups/schemas'
import type { ActorRef } from '@console/contracts/shapes'

/** A restore that was begun: with it one that was cut short is carried on. */
export type Restoring = {
  readonly runId: string
  readonly backupId: string
  readonly sha256: string
  readonly beforeId: string
  readonly by: ActorRef
  readonly requestId: string
  readonly changes: readonly RestoreChange[]
}

const placeIn = (folder: string): string => join(folder, 'restoring.json')

/**
 * On disk before the first object is written. What it says is done without asking anybody again, so that it is sealed by a key of the service: whoever
 * may write into the folder begins no restore by it.
 */
export function noteRestoring(folder: string, restoring: Restoring, [key]: readonly [string, ...string[]]): void {
  const text = JSON.stringify(restoring)
  writeDurably(placeIn(folder), `${sealOf(text, key)}\n${text}`, 0o600)
}

/** Null where none was cut short. What the service did not write is put aside. @throws Error that says so */
export function restoringIn(folder: string, keys: readonly string[]): Restoring | null {
  let whole: string
  try {
    whole = readFileSync(placeIn(folder), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  const end = whole.indexOf('\n')
  const [seal, text] = [whole.slice(0, Math.max(0, end)), whole.slice(end + 1)]
  if (keys.some((key) => isSame(seal, sealOf(text, key)))) return JSON.parse(text) as Restoring
  renameSync(placeIn(folder), `${placeIn(folder)}.refused`)
  throw new Error(`${placeIn(folder)} was not written by this service: it is put aside, and nothing of it is done.`)
}

export function forgetRestoring(folder: string): void {
  rmSync(placeIn(folder), { force: true })
}

function sealOf(text: string, encryptionKey: string): string {
  const key = Buffer.from(hkdfSync('sha256', encryptionKey, 'bytelyst', 'restore under way v1', 32))
  return createHmac('sha256', key).update(text).digest('hex')
}

function isSame(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
}

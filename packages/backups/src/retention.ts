import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** `console-20260102T030405Z.backup`: names sort as times do. */
export function backupName(prefix: string, nowMs: number): string {
  return `${prefix}-${new Date(nowMs).toISOString().replaceAll(/[-:]|\.[0-9]+/g, '')}.backup`
}

/** The backups of a folder, newest first. */
export function backupsIn(folder: string, prefix: string): string[] {
  const form = new RegExp(`^${prefix}-[0-9]{8}T[0-9]{6}Z\\.backup$`)
  return readdirSync(folder)
    .filter((name) => form.test(name))
    .sort()
    .reverse()
}

/** Removes all but the newest. @returns the names of those that went */
export function removeOldBackups(folder: string, prefix: string, keep: number): string[] {
  const old = backupsIn(folder, prefix).slice(Math.max(1, keep))
  for (const name of old) rmSync(join(folder, name))
  return old
}

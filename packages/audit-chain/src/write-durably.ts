import { closeSync, fchmodSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** Replaces a file whole and on disk, or not at all: a crash leaves the old one or the new one. */
export function writeDurably(path: string, content: string | Buffer, mode: number): void {
  const part = `${path}.${process.pid}.part`
  const fd = openSync(part, 'w', mode)
  try {
    // Whatever the umask of the process takes away: others may have to read it.
    fchmodSync(fd, mode)
    writeFileSync(fd, content)
    fsyncSync(fd)
  } catch (error) {
    rmSync(part, { force: true })
    throw error
  } finally {
    closeSync(fd)
  }
  renameSync(part, path)
  syncFolder(dirname(path))
}

/** Until then a name that came or went may be as before, once the power was lost. */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

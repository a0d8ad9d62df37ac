import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A file system in memory, of a size that a test can fill. Only root can make one. */
export type SmallDisk = {
  readonly path: string
  /** Leaves less room than one page. */
  fill(): void
  makeRoom(): void
  /** Makes a folder on it read-only where it is, for what opens a file from now on; what is open stays as it is. */
  freeze(folder: string): void
  thaw(folder: string): void
  remove(): void
}

export function mountSmallDisk(size = '400m'): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), 'console-disk-'))
  const ballast = join(path, 'ballast')
  const frozen = new Set<string>()
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path])
  const thaw = (folder: string): void => {
    if (frozen.delete(folder)) execFileSync('umount', [folder])
  }
  return {
    path,
    fill() {
      mkdirSync(ballast, { recursive: true })
      for (const bytes of [1 << 20, 4_096]) for (let index = 0; wrote(join(ballast, `${bytes}-${index}`), bytes); ) index += 1
    },
    makeRoom: () => rmSync(ballast, { recursive: true, force: true }),
    freeze(folder) {
      execFileSync('mount', ['--bind', folder, folder])
      frozen.add(folder)
      execFileSync('mount', ['-o', 'remount,ro,bind', folder])
    },
    thaw,
    remove() {
      for (const folder of frozen) thaw(folder)
      // A run that is just ending may still hold a file open: the rest is the kernel's to finish.
      if (existsSync(path) && readFileSync('/proc/mounts', 'utf8').includes(` ${path} `)) execFileSync('umount', ['--lazy', path])
      rmSync(path, { recursive: true, force: true })
    },
  }
}

function wrote(file: string, bytes: number): boolean {
  try {
    writeFileSync(file, Buffer.alloc(bytes))
    return true
  } catch {
    return false
  }
}

import { constants, fdatasync, fstatSync, readSync, statfsSync, writeSync } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { promisify } from 'node:util'

/** An open file of a log. Everything rejects with the system's error. */
export type AuditFile = {
  /** all bytes at this position; not yet durable */
  readonly write: (bytes: Buffer, position: number) => Promise<void>
  readonly datasync: () => Promise<void>
  readonly truncate: (size: number) => Promise<void>
  readonly stat: () => Promise<{ size: number; links: number }>
  /** whether the byte at this position is there and zero, as in room that was made and not yet used */
  readonly blankAt: (position: number) => Promise<boolean>
  readonly close: () => Promise<void>
}

/** What the log asks of the file system: an argument, so that a test can make any single step fail. */
export type AuditFs = {
  readonly makeFolder: (path: string) => Promise<void>
  readonly list: (path: string) => Promise<string[]>
  readonly read: (path: string) => Promise<Buffer>
  readonly size: (path: string) => Promise<number>
  /** for reading and writing; `any` makes a missing file */
  readonly open: (path: string, how: 'existing' | 'any') => Promise<AuditFile>
  readonly rename: (from: string, to: string) => Promise<void>
  readonly remove: (path: string) => Promise<void>
  readonly syncFolder: (path: string) => Promise<void>
  readonly freeBytes: (path: string) => Promise<number>
}

const datasync = promisify(fdatasync)
const { O_RDWR, O_CREAT, O_NOFOLLOW } = constants
const flags = { existing: O_RDWR | O_NOFOLLOW, any: O_RDWR | O_CREAT | O_NOFOLLOW }

/** The real file system. Files are made 0600, folders 0700. */
export const nodeFs: AuditFs = {
  makeFolder: async (path) => {
    await mkdir(path, { recursive: true, mode: 0o700 })
  },
  list: (path) => readdir(path),
  read: (path) => readFile(path),
  size: async (path) => (await stat(path)).size,
  open: async (path, how) => {
    const handle = await open(path, flags[how], 0o600)
    return {
      // Into the page cache without a trip through the thread pool; the wait is in datasync, which does take that trip.
      write: async (bytes, position) => {
        for (let done = 0; done < bytes.length; ) done += writeSync(handle.fd, bytes, done, bytes.length - done, position + done)
      },
      datasync: () => datasync(handle.fd),
      truncate: (size) => handle.truncate(size),
      stat: async () => {
        const { size, nlink } = fstatSync(handle.fd)
        return { size, links: nlink }
      },
      blankAt: async (position) => {
        const byte = Buffer.alloc(1, 1)
        return readSync(handle.fd, byte, 0, 1, position) === 1 && byte[0] === 0
      },
      close: () => handle.close(),
    }
  },
  rename: (from, to) => rename(from, to),
  remove: (path) => rm(path, { force: true }),
  syncFolder: async (path) => {
    const handle = await open(path, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  },
  freeBytes: async (path) => {
    // A question to the kernel's own tables: the trip to another thread would take ten times as long.
    const { bavail, bsize } = statfsSync(path)
    return bavail * bsize
  },
}

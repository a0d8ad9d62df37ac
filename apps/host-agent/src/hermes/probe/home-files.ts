import { closeSync, constants, type Dirent, fstatSync, lstatSync, opendirSync, openSync, readlinkSync, readSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { type Budget, Unreadable } from './section.ts'

/** The files of one home. No link is followed, no pipe waited for, and what lies elsewhere is not read, whatever the way there looked like. */
export type HomeFiles = {
  readonly at: (name: string) => string
  /** The whole text. @throws Unreadable too_big over `mostBytes` */
  text(name: string, mostBytes: number): string
  /** The beginning of a file, and whether that is all. */
  head(name: string, bytes: number): { readonly bytes: Buffer; readonly whole: boolean }
  /** @throws Unreadable where it is no ordinary file */
  file(name: string): Stats
  /** What there is, links and all; null for nothing. */
  look(name: string): Stats | null
  /** Names in a folder that is no link, of the first `most` entries, sorted; fewer when time is over, or where not all are `wanted`. */
  names(
    name: string,
    most: number,
    budget: Budget,
    wanted?: (entry: Dirent) => boolean,
  ): { readonly names: string[]; readonly cut: boolean }
}

// A pipe in the place of a file would hold a plain open for ever.
const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** @throws Unreadable not_installed, or link where the home itself is one */
export function openHome(home: string): HomeFiles {
  const info = lstatSync(home, { throwIfNoEntry: false })
  if (!info) throw new Unreadable('not_installed')
  if (info.isSymbolicLink()) throw new Unreadable('link')
  if (!info.isDirectory()) throw new Unreadable('not_a_file')
  const top = openSync(home, flags | constants.O_DIRECTORY)
  const real = realOf(top)
  closeSync(top)
  const at = (name: string): string => join(home, name)

  const opened = <T>(name: string, more: number, use: (fd: number, info: Stats) => T): T => {
    const fd = openSync(at(name), flags | more)
    try {
      const where = realOf(fd)
      if (where !== real && !where.startsWith(`${real}/`)) throw new Unreadable('outside')
      return use(fd, fstatSync(fd))
    } finally {
      closeSync(fd)
    }
  }
  const head = (name: string, bytes: number): { bytes: Buffer; whole: boolean } =>
    opened(name, 0, (fd, found) => {
      if (!found.isFile()) throw new Unreadable('not_a_file')
      const buffer = Buffer.alloc(Math.min(found.size, bytes))
      let size = 0
      while (size < buffer.length) {
        const got = readSync(fd, buffer, size, buffer.length - size, size)
        if (got === 0) break
        size += got
      }
      return { bytes: buffer.subarray(0, size), whole: found.size <= bytes }
    })
  return {
    at,
    head,
    text(name, mostBytes) {
      const { bytes, whole } = head(name, mostBytes)
      if (!whole) throw new Unreadable('too_big')
      return bytes.toString('utf8')
    },
    file: (name) =>
      opened(name, 0, (_, found) => {
        if (!found.isFile()) throw new Unreadable('not_a_file')
        return found
      }),
    look: (name) => lstatSync(at(name), { throwIfNoEntry: false }) ?? null,
    names(name, most, budget, wanted = () => true) {
      // Asked for as a folder, a link would only be said to be none.
      if (lstatSync(at(name)).isSymbolicLink()) throw new Unreadable('link')
      opened(name, constants.O_DIRECTORY, () => undefined)
      const folder = opendirSync(at(name))
      const names: string[] = []
      let seen = 0
      try {
        for (let entry = folder.readSync(); entry !== null; entry = folder.readSync()) {
          if (seen >= most || !budget.left()) return { names: names.sort(), cut: true }
          seen += 1
          if (wanted(entry)) names.push(entry.name)
        }
        return { names: names.sort(), cut: false }
      } finally {
        folder.closeSync()
      }
    },
  }
}

/** Where an open file lies in truth, whatever its path said. */
function realOf(fd: number): string {
  return readlinkSync(`/proc/self/fd/${fd}`)
}

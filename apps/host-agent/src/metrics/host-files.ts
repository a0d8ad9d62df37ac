import { closeSync, constants, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'

/** What could not be read, and why, in words for a person. */
export type Unknown = { readonly unknown: string }
export type Known<T> = T | Unknown
export const unknown = (why: string): Unknown => ({ unknown: why })
export const isUnknown = (value: object): value is Unknown => 'unknown' in value

/**
 * Files of the kernel below a root: `/` on a machine, a recorded tree in a test. Nothing throws: what is missing, or longer than its
 * bound, is told as unknown. A symbolic link in the last part of a path is not followed, so that a name planted in a tree that others can write
 * to leads nowhere.
 */
export type HostFiles = {
  /** The whole text; unknown where it is over `mostBytes`, since half a file is no measurement. */
  text(path: string, mostBytes?: number): Known<{ readonly text: string }>
  /** Folders in a folder, links left out; empty where there is none. At most `most` names. */
  folders(path: string, most?: number): string[]
  /** Names in a folder of `/sys`, whose entries are links of the kernel's own. */
  names(path: string, most?: number): string[]
  /** Where a path of the host lies from here. */
  at(path: string): string
}

const usualBytes = 65_536
const usualNames = 4_096
// A pipe planted in the place of a file would hold a plain open for ever.
const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

export function openHostFiles(root = '/'): HostFiles {
  const at = (path: string): string => join(root, path)
  return {
    at,
    text(path, mostBytes = usualBytes) {
      let file: number
      try {
        file = openSync(at(path), flags)
      } catch (error) {
        return unknown(`${path}: ${wordsFor(error)}`)
      }
      try {
        return readWhole(file, path, mostBytes)
      } catch (error) {
        return unknown(`${path}: ${wordsFor(error)}`)
      } finally {
        closeSync(file)
      }
    },
    folders(path, most = usualNames) {
      try {
        const entries = readdirSync(at(path), { withFileTypes: true })
        return entries
          .filter((entry) => entry.isDirectory())
          .map(({ name }) => name)
          .slice(0, most)
      } catch {
        return []
      }
    },
    names(path, most = usualNames) {
      try {
        return readdirSync(at(path)).slice(0, most)
      } catch {
        return []
      }
    },
  }
}

// One buffer for all reads, which are synchronous: hundreds of files every few seconds need not make hundreds of buffers.
let buffer = Buffer.allocUnsafe(usualBytes)

function readWhole(file: number, path: string, mostBytes: number): Known<{ readonly text: string }> {
  if (buffer.length <= mostBytes) buffer = Buffer.allocUnsafe(mostBytes + 1)
  let size = 0
  // Files of /proc say no size and give a part at a time.
  for (;;) {
    const got = readSync(file, buffer, size, mostBytes + 1 - size, null)
    if (got === 0) return { text: buffer.toString('utf8', 0, size) }
    size += got
    if (size > mostBytes) return unknown(`${path}: longer than ${mostBytes} bytes`)
  }
}

function wordsFor(error: unknown): string {
  const { code = 'unreadable' } = error as NodeJS.ErrnoException
  const words: Readonly<Record<string, string>> = {
    ENOENT: 'is not there',
    ENOTDIR: 'is not there',
    EACCES: 'may not be read by this account',
    EPERM: 'may not be read by this account',
    ELOOP: 'is a symbolic link',
    EISDIR: 'is a folder',
  }
  return words[code] ?? code
}

/** `Name: value kB` and `name value` lines as a table; what is no number is left out. */
export function numbersOf(text: string): ReadonlyMap<string, number> {
  const table = new Map<string, number>()
  for (const line of text.split('\n')) {
    const match = /^([^\s:]{1,64}):?\s+([0-9]{1,20})(?:\s+kB)?\s*$/.exec(line)
    if (match?.[1] && match[2]) table.set(match[1], Number(match[2]))
  }
  return table
}

/** A file that holds one whole number; `max` is no number. */
export function numberIn(files: HostFiles, path: string): number | null {
  const read = files.text(path, 4_096)
  if (isUnknown(read)) return null
  const text = read.text.trim()
  return /^[0-9]{1,20}$/.test(text) ? Number(text) : null
}

/** A name that others chose, as it may be shown: no control characters, and not endless. */
export function plainName(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return name.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '?').slice(0, 200)
}

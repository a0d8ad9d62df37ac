import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'

/** A file as it was read, and who may have written it. */
export type PlainFile = { readonly text: string; readonly uid: number; readonly mode: number; readonly links: number }
export type NoFile = { readonly missing: boolean; readonly why: string }

const words: Readonly<Record<string, string>> = {
  ELOOP: 'It is a symbolic link, which is not followed.',
  EACCES: 'This account may not read it.',
  EPERM: 'This account may not read it.',
}

/** Reads an ordinary file by descriptor, through no link in its last part; a pipe or a device in its place holds nothing up. Never throws. */
export function readPlainFile(path: string, mostBytes: number): PlainFile | NoFile {
  let fd: number
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    return { missing: code === 'ENOENT' || code === 'ENOTDIR', why: words[code] ?? `It cannot be opened: ${code}.` }
  }
  try {
    const info = fstatSync(fd)
    if (!info.isFile()) return { missing: false, why: 'It is no ordinary file.' }
    if (info.size > mostBytes) return { missing: false, why: `It is longer than ${Math.round(mostBytes / 1_024)} KiB.` }
    const buffer = Buffer.alloc(info.size)
    const size = readSync(fd, buffer, 0, info.size, 0)
    return { text: buffer.toString('utf8', 0, size), uid: info.uid, mode: info.mode & 0o7777, links: info.nlink }
  } catch (error) {
    return { missing: false, why: `It cannot be read: ${(error as NodeJS.ErrnoException).code}.` }
  } finally {
    closeSync(fd)
  }
}

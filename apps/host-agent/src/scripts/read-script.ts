import { createHash } from 'node:crypto'
import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync, readSync } from 'node:fs'
import { dirname, sep } from 'node:path'

/** The bytes of a script as they were at one moment, and their hash; or why the file is not taken. */
export type ReadScript =
  | { readonly ok: true; readonly bytes: Buffer; readonly sha256: string; readonly ownerUid: number }
  | { readonly ok: false; readonly reason: string; readonly missing: boolean }

const mostBytes = 1_048_576
const groupOrOtherWrite = 0o022
const setIds = 0o6000

/**
 * Reads a script by descriptor: opened without following a link, found where it was looked for, and judged on the open file, so that
 * what was judged is what was read. Owner of file and every folder above must be root or `ownerUid`; nobody else may write them. With
 * null it does not matter whose they are: that is for bytes whose hash was known before.
 */
export function readScript(path: string, { root, ownerUid }: { readonly root: string; readonly ownerUid: number | null }): ReadScript {
  const refuse = (reason: string, missing = false): ReadScript => ({ ok: false, reason, missing })
  const folder = ownerUid === null ? null : folderTrouble(dirname(path), ownerUid)
  if (folder) return refuse(folder)
  let fd: number
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return refuse('The file is gone.', true)
    return refuse(code === 'ELOOP' ? `${path} is a symbolic link.` : `${path} cannot be opened: ${code}.`)
  }
  try {
    const real = readlinkSync(`/proc/self/fd/${fd}`)
    if (real !== path || !real.startsWith(root + sep)) return refuse(`${path} leads out of ${root}.`)
    const info = fstatSync(fd)
    if (!info.isFile()) return refuse(`${path} is no ordinary file.`)
    if (ownerUid !== null && info.uid !== 0 && info.uid !== ownerUid)
      return refuse(`${path} belongs to account ${info.uid}. Its owner must be root or account ${ownerUid}.`)
    if (ownerUid !== null && (info.mode & groupOrOtherWrite) !== 0) return refuse(`${path} can be written by others. Set it to 0755.`)
    if ((info.mode & setIds) !== 0) return refuse(`${path} is setuid or setgid.`)
    if (info.size === 0) return refuse(`${path} is empty.`)
    if (info.size > mostBytes) return refuse(`${path} is over 1 MiB.`)
    const bytes = readAll(fd)
    if (bytes.length > mostBytes) return refuse(`${path} is over 1 MiB.`)
    if (bytes.includes(0)) return refuse(`${path} holds NUL bytes: it is no script.`)
    if (bytes.includes('\r\n')) return refuse(`${path} has Windows line ends. Convert them.`)
    return { ok: true, bytes, sha256: createHash('sha256').update(bytes).digest('hex'), ownerUid: info.uid }
  } finally {
    closeSync(fd)
  }
}

/** What is wrong with a folder or one above it, up to `/`; a sticky one that others may write (as /tmp is) lets nobody else replace what we own. */
export function folderTrouble(path: string, ownerUid: number): string | null {
  for (let folder = path; ; folder = dirname(folder)) {
    const info = lstatSync(folder, { throwIfNoEntry: false })
    if (!info) return `${folder} is gone.`
    if (info.isSymbolicLink()) return `${folder} is a symbolic link.`
    if (info.uid !== 0 && info.uid !== ownerUid)
      return `${folder} belongs to account ${info.uid}. Its owner must be root or account ${ownerUid}.`
    if ((info.mode & groupOrOtherWrite) !== 0 && (info.mode & 0o1000) === 0) return `${folder} can be written by others. Set it to 0755.`
    if (folder === '/') return null
  }
}

function readAll(fd: number): Buffer {
  const chunks: Buffer[] = []
  let position = 0
  for (;;) {
    const chunk = Buffer.alloc(65_536)
    const read = readSync(fd, chunk, 0, chunk.length, position)
    if (read === 0 || position > mostBytes) return Buffer.concat(chunks)
    chunks.push(chunk.subarray(0, read))
    position += read
  }
}

import {
  chownSync,
  closeSync,
  constants,
  copyFileSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  lchownSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
} from 'node:fs'
import { join, normalize } from 'node:path'
import { mountOf, type OpenProject } from './open-project.ts'

type CopyBounds = { readonly mostFiles: number; readonly mostBytes: number; readonly deepest: number }
export type Copied = {
  readonly files: number
  readonly bytes: number
  /** What was not taken: links that lead out, other file systems, files of other accounts, sockets and devices. */
  readonly left: number
}
type Order = {
  readonly project: OpenProject
  /** A folder that is there, empty, and entered by nobody else yet. */
  readonly into: string
  readonly owner: { readonly uid: number; readonly gid: number } | null
  readonly bounds: CopyBounds
  readonly stopped: () => boolean
}

/** History is no source, and its files may hold the credentials of a remote. */
const neverTaken = new Set(['.git'])
const pauseEvery = 500
const othersRead = 0o004
const dirFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW
const fileFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/**
 * Copies a project, each folder and file by the descriptor of the folder that holds it, so that nothing that is swapped meanwhile leads
 * elsewhere. Links are copied as links where they stay inside by their text, and are never followed. What belongs to another account than the
 * project must be readable by everybody: another name of somebody's own file is no part of a project.
 * @throws Error in words where it is over a bound, or was stopped
 */
export async function copyTree({ project, into, owner, bounds, stopped }: Order): Promise<Copied> {
  const tally = { files: 0, bytes: 0, left: 0 }
  const own = (path: string): void => {
    if (owner) chownSync(path, owner.uid, owner.gid)
  }
  const leave = (): void => {
    tally.left += 1
  }
  let seen = 0

  const takeFile = (from: string, to: string): void => {
    const fd = openOrNull(from, fileFlags)
    if (fd === null) {
      leave()
      return
    }
    try {
      const info = fstatSync(fd)
      const foreign = info.uid !== project.uid && (info.mode & othersRead) === 0
      if (!info.isFile() || foreign || mountOf(fd) !== project.mount) {
        leave()
        return
      }
      tally.files += 1
      tally.bytes += info.size
      assertWithin(tally, bounds)
      copyFileSync(`/proc/self/fd/${fd}`, to, constants.COPYFILE_EXCL)
      settle(to, { mode: info.mode & 0o777, owner })
    } finally {
      closeSync(fd)
    }
  }
  const takeLink = (from: string, to: string, folder: string): void => {
    const target = linkTextOrNull(from)
    if (target === null) {
      leave()
      return
    }
    const leadsTo = normalize(join(folder, target))
    if (target.startsWith('/') || leadsTo === '..' || leadsTo.startsWith('../')) {
      leave()
      return
    }
    symlinkSync(target, to)
    if (owner) lchownSync(to, owner.uid, owner.gid)
  }
  const takeFolder = async (fd: number, to: string, folder: string, depth: number): Promise<void> => {
    if (depth > bounds.deepest) throw new Error(`The project is more than ${bounds.deepest} folders deep.`)
    for (const entry of readdirSync(`/proc/self/fd/${fd}`, { withFileTypes: true })) {
      seen += 1
      if (seen > bounds.mostFiles * 2) throw tooMany(bounds)
      if (seen % pauseEvery === 0) await new Promise((resolve) => setImmediate(resolve))
      if (stopped()) throw new Error('The copy was stopped.')
      if (neverTaken.has(entry.name)) continue
      const from = `/proc/self/fd/${fd}/${entry.name}`
      const copy = join(to, entry.name)
      if (entry.isSymbolicLink()) takeLink(from, copy, folder)
      else if (entry.isFile()) takeFile(from, copy)
      else if (entry.isDirectory()) {
        const inner = openOrNull(from, dirFlags)
        if (inner === null) leave()
        else if (mountOf(inner) !== project.mount) {
          closeSync(inner)
          leave()
        } else {
          mkdirSync(copy, { mode: 0o755 })
          own(copy)
          await takeFolder(inner, copy, join(folder, entry.name), depth + 1).finally(() => closeSync(inner))
        }
      } else leave()
    }
  }
  own(into)
  await takeFolder(project.fd, into, '', 0)
  return tally
}

function assertWithin({ files, bytes }: Copied, bounds: CopyBounds): void {
  if (files > bounds.mostFiles) throw tooMany(bounds)
  if (bytes > bounds.mostBytes) throw new Error(`The project is larger than ${Math.round(bounds.mostBytes / 1_048_576)} MiB.`)
}

function tooMany({ mostFiles }: CopyBounds): Error {
  return new Error(`The project holds more than ${mostFiles} files.`)
}

/** Null for what is gone, has become a link, or is not ours to read. */
function openOrNull(path: string, flags: number): number | null {
  try {
    return openSync(path, flags)
  } catch {
    return null
  }
}

/** The same for what was a link when the folder was listed. */
function linkTextOrNull(path: string): string | null {
  try {
    return readlinkSync(path)
  } catch {
    return null
  }
}

/** Without the bits that change who runs it. */
function settle(path: string, { mode, owner }: { readonly mode: number; readonly owner: Order['owner'] }): void {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    if (owner) fchownSync(fd, owner.uid, owner.gid)
    fchmodSync(fd, mode | 0o600)
  } finally {
    closeSync(fd)
  }
}

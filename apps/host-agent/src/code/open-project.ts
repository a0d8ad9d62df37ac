import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, readlinkSync } from 'node:fs'
import { normalize, sep } from 'node:path'
import { DaemonError } from '@console/verb-kit/problem'

/** A folder that is held open: what is read by the descriptor is this folder, whatever becomes of its name. */
export type OpenProject = {
  readonly fd: number
  readonly path: string
  readonly root: string
  readonly uid: number
  readonly mount: string
}

/**
 * Opens a project by descriptor: no link in its name, below an allowed root, on the same mount as that, and a folder with a package.json.
 * Whoever opens it closes it.
 * @throws DaemonError CODE_PROJECT_REFUSED
 */
export function openProject(path: string, roots: readonly string[]): OpenProject {
  const root = roots.find((one) => path.startsWith(one + sep))
  if (root === undefined || path.includes('\0') || normalize(path) !== path || path.endsWith(sep))
    throw refused(`Projects lie under ${roots.join(', ') || 'no folder: CODE_ROOTS is empty'}.`)
  let fd: number
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
  } catch (error) {
    throw refused(`It cannot be opened as a folder: ${(error as NodeJS.ErrnoException).code}.`)
  }
  try {
    const real = readlinkSync(`/proc/self/fd/${fd}`)
    if (real !== path) throw refused('Its name leads through a link to another folder.')
    const mount = mountOf(fd)
    if (mount !== mountAt(root)) throw refused('Something else is mounted there.')
    if (!lstatSync(`/proc/self/fd/${fd}/package.json`, { throwIfNoEntry: false })?.isFile()) throw refused('It holds no package.json.')
    return { fd, path, root, uid: fstatSync(fd).uid, mount }
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

/** Which mount an open file lies on: the device alone does not tell a bound folder from its surroundings. */
export function mountOf(fd: number): string {
  const info = readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')
  return /^mnt_id:\s*([0-9]+)$/m.exec(info)?.[1] ?? ''
}

function mountAt(path: string): string {
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
  try {
    return mountOf(fd)
  } finally {
    closeSync(fd)
  }
}

function refused(why: string): DaemonError {
  return new DaemonError('CODE_PROJECT_REFUSED', 403, `The project was not opened. ${why}`)
}

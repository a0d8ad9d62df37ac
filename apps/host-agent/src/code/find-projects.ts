import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { type CheckName, checkNames } from '@console/verbs/code'

type Project = { readonly path: string; readonly name: string | null; readonly checks: CheckName[] }

const deepest = 4
const mostProjects = 200
const mostFolders = 5_000
const packageBytes = 262_144
const passedOver = /^(node_modules|\..*)$/

/** Folders below the roots that hold a package.json, and which of the four scripts each has. Links are not followed. */
export function findProjects(roots: readonly string[]): { items: Project[]; left: number } {
  const items: Project[] = []
  let folders = 0
  let left = 0
  const look = (path: string, depth: number): void => {
    folders += 1
    if (folders > mostFolders) left += 1
    const fd = folders > mostFolders ? null : openFolder(path)
    if (fd === null) return
    try {
      const project = depth === 0 ? null : readProject(fd, path)
      if (project && items.length >= mostProjects) left += 1
      else if (project) items.push(project)
      if (depth >= deepest) return
      const inner = readdirSync(`/proc/self/fd/${fd}`, { withFileTypes: true }).filter(
        (one) => one.isDirectory() && !passedOver.test(one.name),
      )
      for (const { name } of inner.sort((a, b) => (a.name < b.name ? -1 : 1))) look(join(path, name), depth + 1)
    } catch {
      // Not ours to read, or gone meanwhile.
    } finally {
      closeSync(fd)
    }
  }
  for (const root of roots) look(root, 0)
  return { items, left }
}

function openFolder(path: string): number | null {
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
    if (readlinkSync(`/proc/self/fd/${fd}`) === path) return fd
    closeSync(fd)
  } catch {
    // As above.
  }
  return null
}

function readProject(folder: number, path: string): Project | null {
  let fd: number
  try {
    fd = openSync(`/proc/self/fd/${folder}/package.json`, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch {
    return null
  }
  try {
    const info = fstatSync(fd)
    if (!info.isFile()) return null
    const told = info.size > packageBytes ? null : (JSON.parse(readFileSync(fd, 'utf8')) as { name?: unknown; scripts?: unknown } | null)
    const scripts = typeof told?.scripts === 'object' && told.scripts !== null ? told.scripts : {}
    return {
      path,
      name: typeof told?.name === 'string' ? told.name.slice(0, 214) : null,
      checks: checkNames.filter((name) => Object.hasOwn(scripts, name)),
    }
  } catch {
    return { path, name: null, checks: [] }
  } finally {
    closeSync(fd)
  }
}

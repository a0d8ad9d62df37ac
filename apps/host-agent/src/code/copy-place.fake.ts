import { chmodSync, closeSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect } from 'vitest'
import { copyTree } from './copy-tree.ts'
import { openProject } from './open-project.ts'

type Over = Partial<Omit<Parameters<typeof copyTree>[0], 'project' | 'into'>>

export const bounds = { mostFiles: 100, mostBytes: 1_048_576, deepest: 5 }

/** A project with a package.json and an empty folder for its copy, made anew for each test of the file. */
export function copyPlace() {
  const place = { base: '', from: '', into: '' }
  const emptied = (): void => {
    rmSync(place.into, { recursive: true, force: true })
    mkdirSync(place.into)
  }
  const put = (path: string, text = 'x', mode = 0o644): string => {
    const file = join(place.from, path)
    mkdirSync(join(file, '..'), { recursive: true })
    writeFileSync(file, text)
    chmodSync(file, mode)
    return file
  }
  /** What of ours is open: other tests open and close their own in the same process. */
  const openFiles = (): number =>
    readdirSync('/proc/self/fd').filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).startsWith(place.base)
      } catch {
        return false
      }
    }).length
  /** Copies, and leaves nothing open. */
  const copied = async (over: Over = {}) => {
    const project = openProject(place.from, [place.base])
    const before = openFiles()
    try {
      return await copyTree({ project, into: place.into, owner: null, bounds, stopped: () => false, ...over })
    } finally {
      expect(openFiles()).toBe(before)
      closeSync(project.fd)
    }
  }
  beforeEach(() => {
    place.base = realpathSync(mkdtempSync(join(tmpdir(), 'copy-tree-')))
    place.from = join(place.base, 'shop')
    place.into = join(place.base, 'copy')
    emptied()
    put('package.json', '{}')
  })
  afterEach(() => rmSync(place.base, { recursive: true, force: true }))
  return { place, put, copied, emptied, openFiles }
}

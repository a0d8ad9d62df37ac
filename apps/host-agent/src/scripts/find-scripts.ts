import { type Dirent, lstatSync, readdirSync, realpathSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { FORBIDDEN_VARIABLE, VARIABLE } from '@console/verbs/patterns'
import type { Approval } from './approvals.ts'
import { folderTrouble, readScript } from './read-script.ts'

export type ScriptRow = {
  scriptId: string
  path: string
  root: string
  status: 'approved' | 'changed' | 'new' | 'refused' | 'missing'
  sha256: string | null
  approvedSha256: string | null
  approvedBy: string | null
  approvedAt: string | null
  user: string
  workingDirectory: string
  timeoutSec: number
  variables: string[]
  reason: string | null
  sizeBytes: number | null
}

const mostFiles = 2_000
const mostDepth = 6
const timeoutByDefault = 600

type RowInput = { root: string; path: string; scriptId: string; approval: Approval | undefined; uid: number; ownUser: string }

/** What is shown of a script file, and how it stands to its approval. */
export function rowOf({ root, path, scriptId, approval, uid, ownUser }: RowInput): ScriptRow {
  const read = readScript(path, { root, ownerUid: uid })
  const hints = read.ok ? hintsIn(read.bytes.toString('utf8')) : { variables: [], timeoutSec: timeoutByDefault, user: null }
  const status = !read.ok
    ? read.missing
      ? 'missing'
      : 'refused'
    : !approval
      ? 'new'
      : approval.sha256 === read.sha256 && approval.path === path
        ? 'approved'
        : 'changed'
  return {
    scriptId,
    path,
    root,
    status,
    sha256: read.ok ? read.sha256 : null,
    approvedSha256: approval?.sha256 ?? null,
    approvedBy: approval?.approvedBy ?? null,
    approvedAt: approval?.approvedAt ?? null,
    user: approval?.user ?? hints.user ?? ownUser,
    workingDirectory: approval?.workingDirectory ?? dirname(path),
    timeoutSec: approval?.timeoutSec ?? hints.timeoutSec,
    variables: approval?.variables ?? hints.variables,
    reason: read.ok ? null : read.reason,
    sizeBytes: read.ok ? read.bytes.length : null,
  }
}

/** What a script proposes of itself in its first lines; only an approval makes it count. */
function hintsIn(text: string): { variables: string[]; timeoutSec: number; user: string | null } {
  const head = text.slice(0, 4_000)
  const variables = (/^# variables: ([A-Z0-9_ ]+)$/m.exec(head)?.[1] ?? '')
    .split(' ')
    .filter((name) => VARIABLE.test(name) && !FORBIDDEN_VARIABLE.test(name))
  const timeoutSec = Number(/^# timeout: ([0-9]{1,5})$/m.exec(head)?.[1] ?? timeoutByDefault)
  const user = /^# user: ([a-z_][a-z0-9_-]{0,31})$/m.exec(head)?.[1] ?? null
  return { variables, timeoutSec: timeoutSec > 0 ? timeoutSec : timeoutByDefault, user }
}

/**
 * Paths of what may be a script, in order; what goes away or cannot be opened meanwhile is passed over. A root that has come since the start is looked at as
 * one of then was: in a link's place, or below one, nothing is found.
 */
export function scriptsUnder(root: string): string[] {
  const found: string[] = []
  const walk = (folder: string, depth: number): void => {
    for (const entry of entriesOf(folder)) {
      if (found.length >= mostFiles || entry.name.startsWith('.') || entry.name === 'node_modules') continue
      const path = join(folder, entry.name)
      if (entry.isDirectory() && depth < mostDepth) walk(path, depth + 1)
      else if (entry.name.endsWith('.sh') && !entry.isDirectory()) found.push(path)
    }
  }
  if (isFolderItself(root)) walk(root, 0)
  return found.sort()
}

/** Why nothing under a root is taken as it stands now; null where something may be. */
export function rootTrouble(root: string, ownerUid: number): string | null {
  if (!lstatSync(root, { throwIfNoEntry: false }))
    return `${root} of the script roots is not there. What is put under it is found once somebody has made it.`
  const why = isFolderItself(root) ? folderTrouble(root, ownerUid) : 'It is no folder, or a symbolic link, or lies below one.'
  return why && `Nothing is taken from ${root} of the script roots. ${why}`
}

function isFolderItself(path: string): boolean {
  try {
    return lstatSync(path).isDirectory() && realpathSync(path) === path
  } catch {
    return false
  }
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}

/** `hello-process/deploy.sh` under a root is `hello-process-deploy`. */
export function idOf(root: string, path: string): string {
  return relative(root, path)
    .replace(/\.sh$/, '')
    .replaceAll(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 100)
}

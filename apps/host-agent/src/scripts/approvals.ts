import { createHash } from 'node:crypto'
import { closeSync, constants, fstatSync, lstatSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { writeDurably } from '@console/audit-chain/write-durably'
import { FORBIDDEN_VARIABLE, ID, VARIABLE } from '@console/verbs/patterns'

/** An approval, as it lies in `scripts.d/<scriptId>.json`. */
export type Approval = {
  v: 1
  scriptId: string
  path: string
  sha256: string
  user: string
  workingDirectory: string
  timeoutSec: number
  variables: string[]
  approvedBy: string
  approvedAt: string
}
/** A row that somebody else than the agent wrote, changed (its approval) or removed (null). */
export type Edit = { readonly scriptId: string; readonly approval: Approval | null }
export type Approvals = {
  /** Rows that do not load are told and left out; the others count. */
  read(): { approvals: Map<string, Approval>; warnings: string[] }
  write(approval: Approval, bytes: Buffer): void
  remove(scriptId: string): void
  /** The agent's own copy of approved bytes. */
  copyOf(sha256: string): string
}

const groupOrOtherWrite = 0o022
const mostRowBytes = 65_536
const longestSec = 86_400

/** @param edited told of each edit by another hand, when it is first seen and before it counts */
export function openApprovals(
  dir: string,
  { ownerUid, edited }: { readonly ownerUid: number; readonly edited: (edit: Edit) => void },
): Approvals {
  const folder = join(dir, 'scripts.d')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const load = (): { approvals: Map<string, Approval>; warnings: string[] } => {
    const trouble = troubleOf(lstatSync(folder), ownerUid)
    if (trouble || !lstatSync(folder).isDirectory())
      return { approvals: new Map(), warnings: [`scripts.d is not used: ${trouble ?? 'it is no folder'}.`] }
    const approvals = new Map<string, Approval>()
    const warnings: string[] = []
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
      const row = loadApproval(join(folder, file), file.slice(0, -5), ownerUid)
      if (typeof row === 'string') warnings.push(`scripts.d/${file} is not used: ${row}.`)
      else approvals.set(row.scriptId, row)
    }
    return { approvals, warnings }
  }
  const known = new Map([...load().approvals].map(([scriptId, approval]) => [scriptId, JSON.stringify(approval)]))
  const notice = (approvals: ReadonlyMap<string, Approval>): void => {
    for (const [scriptId, approval] of approvals) {
      const text = JSON.stringify(approval)
      if (known.get(scriptId) === text) continue
      known.set(scriptId, text)
      edited({ scriptId, approval })
    }
    for (const scriptId of [...known.keys()].filter((one) => !approvals.has(one))) {
      known.delete(scriptId)
      edited({ scriptId, approval: null })
    }
  }
  return {
    read() {
      const read = load()
      notice(read.approvals)
      return read
    },
    write(approval, bytes) {
      writeDurably(join(folder, `${approval.sha256}.sh`), bytes, 0o444)
      writeDurably(join(folder, `${approval.scriptId}.json`), `${JSON.stringify(approval, null, 2)}\n`, 0o600)
      known.set(approval.scriptId, JSON.stringify(approval))
    },
    remove(scriptId) {
      rmSync(join(folder, `${scriptId}.json`))
      known.delete(scriptId)
    },
    copyOf: (sha256) => join(folder, `${sha256}.sh`),
  }
}

export function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function troubleOf({ uid, mode }: { uid: number; mode: number }, ownerUid: number): string | null {
  if (uid !== 0 && uid !== ownerUid) return `it belongs to account ${uid}`
  return (mode & groupOrOtherWrite) === 0 ? null : 'others may write it'
}

/** The row, or why it does not load. Judged on the open file, so that what was judged is what is read. */
function loadApproval(path: string, scriptId: string, ownerUid: number): Approval | string {
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const info = fstatSync(fd)
      if (!info.isFile() || info.size > mostRowBytes) return 'it is no ordinary file of at most 64 KiB'
      return troubleOf(info, ownerUid) ?? approvalIn(readFileSync(fd, 'utf8'), scriptId)
    } finally {
      closeSync(fd)
    }
  } catch {
    return 'it cannot be read'
  }
}

function approvalIn(text: string, named: string): Approval | string {
  const { v, scriptId, path, sha256, user, workingDirectory, timeoutSec, variables, approvedBy, approvedAt } = JSON.parse(text) as Approval
  const texts = [path, user, workingDirectory, approvedBy, approvedAt, ...(Array.isArray(variables) ? variables : [null])]
  if (v !== 1 || scriptId !== named || !ID.test(scriptId) || texts.some((one) => typeof one !== 'string'))
    return 'a field is not as it must be'
  const bad = variables.find((name) => !VARIABLE.test(name) || FORBIDDEN_VARIABLE.test(name))
  if (bad !== undefined) return `the variable ${bad} is not allowed`
  const plain = [path, workingDirectory].every((one) => one.startsWith('/') && resolve(one) === one)
  if (!plain || !/^[a-f0-9]{64}$/.test(sha256) || !Number.isSafeInteger(timeoutSec) || timeoutSec < 1 || timeoutSec > longestSec)
    return 'a field is not as it must be'
  return { v, scriptId, path, sha256, user, workingDirectory, timeoutSec, variables, approvedBy, approvedAt }
}

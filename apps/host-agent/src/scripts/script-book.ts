import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { userInfo } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { DaemonError } from '@console/verb-kit/problem'
import { canonical, type Plain } from '@console/verbs/canonical'
import { FORBIDDEN_VARIABLE, ID, VARIABLE } from '@console/verbs/patterns'
import { writeDurably } from '../write-durably.ts'
import { readScript } from './read-script.ts'

/** An approval, as it lies in `scripts.d/<scriptId>.json`. */
type Approval = {
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
type ScriptRow = {
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
type ScriptPlan = {
  v: 1
  verb: 'scripts.approve'
  hostId: 'local'
  planId: string
  createdAt: string
  expiresAt: string
  scriptId: string
  path: string
  sha256: string
  previousSha256: string | null
  user: string
  workingDirectory: string
  timeoutSec: number
  variables: string[]
  text: string
  previousText: string | null
}
type Wish = { scriptId: string; user?: string; timeoutSec?: number; variables?: string[] }
type Options = { readonly dir: string; readonly roots: readonly string[]; readonly uid: number; readonly now: () => Date }
/** What may be run. The backend never writes here: approving is this daemon's own verb. */
export type ScriptBook = {
  list(): { items: ScriptRow[]; canChangeUser: boolean; warnings: string[] }
  plan(wish: Wish): { plan: ScriptPlan; digest: string }
  approve(digest: string, by: string): ScriptRow
  revoke(scriptId: string): void
  /** The approved bytes, if the file still holds exactly them. @throws DaemonError */
  admit(scriptId: string): { approval: Approval; copyPath: string }
}

const planLifeMs = 15 * 60_000
const mostPlans = 200
const mostFiles = 2_000
const mostDepth = 6
const timeoutByDefault = 600

export function openScriptBook({ dir, roots, uid, now }: Options): ScriptBook {
  const folder = join(dir, 'scripts.d')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const plans = new Map<string, { plan: ScriptPlan; used: boolean }>()
  const ownUser = userInfo().username

  const rows = (): ScriptRow[] => {
    const { approvals } = readApprovals(folder)
    const found = roots.flatMap((root) => scriptsUnder(root).map((path) => ({ root, path, scriptId: idOf(root, path) })))
    const listed = found.map(({ root, path, scriptId }) => rowOf({ root, path, scriptId, approval: approvals.get(scriptId), uid, ownUser }))
    const known = new Set(found.map(({ scriptId }) => scriptId))
    for (const [scriptId, approval] of approvals)
      if (!known.has(scriptId))
        listed.push({
          ...rowOf({ root: dirname(approval.path), path: approval.path, scriptId, approval, uid, ownUser }),
          status: 'missing',
          reason: 'The file is no longer under the script roots.',
        })
    return listed
  }
  const rowFor = (scriptId: string): ScriptRow => {
    const row = ID.test(scriptId) ? rows().find((one) => one.scriptId === scriptId) : undefined
    if (!row) throw new DaemonError('SCRIPT_NOT_FOUND', 404, `There is no script ${scriptId.slice(0, 100)} under the script roots.`)
    return row
  }
  const readNow = (row: ScriptRow) => {
    const read = readScript(row.path, { root: row.root, ownerUid: uid })
    if (!read.ok) throw new DaemonError(read.missing ? 'SCRIPT_NOT_FOUND' : 'SCRIPT_REFUSED', read.missing ? 404 : 403, read.reason)
    return read
  }

  return {
    list: () => ({
      items: rows(),
      canChangeUser: uid === 0,
      warnings: readApprovals(folder).warnings.concat(
        uid === 0 ? [] : [`Scripts run as ${ownUser}: the agent is not root, so it can choose no other account.`],
      ),
    }),
    plan({ scriptId, user, timeoutSec, variables }) {
      const row = rowFor(scriptId)
      const read = readNow(row)
      if (user !== undefined && user !== ownUser && uid !== 0)
        throw new DaemonError('SCRIPT_REFUSED', 403, `The agent runs as ${ownUser} and cannot start a script as ${user}.`)
      const wished = variables ?? row.variables
      for (const name of wished) assertVariable(name)
      const approval = readApprovals(folder).approvals.get(scriptId)
      const at = now()
      const previous = approval && approval.sha256 !== read.sha256 ? join(folder, `${approval.sha256}.sh`) : null
      const plan: ScriptPlan = {
        v: 1,
        verb: 'scripts.approve',
        hostId: 'local',
        planId: randomUUID(),
        createdAt: at.toISOString(),
        expiresAt: new Date(at.getTime() + planLifeMs).toISOString(),
        scriptId,
        path: row.path,
        sha256: read.sha256,
        previousSha256: approval?.sha256 ?? null,
        user: user ?? row.user,
        workingDirectory: row.workingDirectory,
        timeoutSec: timeoutSec ?? row.timeoutSec,
        variables: [...new Set(wished)],
        text: read.bytes.toString('utf8').toWellFormed(),
        previousText: previous && existsSync(previous) ? readFileSync(previous, 'utf8').toWellFormed() : null,
      }
      const digest = digestOf(plan)
      plans.set(digest, { plan, used: false })
      const [oldest] = plans.keys()
      if (plans.size > mostPlans && oldest !== undefined) plans.delete(oldest)
      return { plan, digest }
    },
    approve(digest, by) {
      const kept = plans.get(digest)
      if (!kept || digestOf(kept.plan) !== digest)
        throw new DaemonError('PLAN_NOT_FOUND', 409, 'This plan is not known here. Look at the script again.')
      if (kept.used) throw new DaemonError('PLAN_USED', 409, 'This plan was carried out already.')
      if (now().toISOString() > kept.plan.expiresAt)
        throw new DaemonError('PLAN_EXPIRED', 409, 'This plan is older than 15 minutes. Look at the script again.')
      const { plan } = kept
      const read = readNow(rowFor(plan.scriptId))
      if (read.sha256 !== plan.sha256)
        throw new DaemonError('SCRIPT_CHANGED', 409, 'The file changed after it was shown. Look at the difference and approve that.')
      kept.used = true
      writeDurably(join(folder, `${read.sha256}.sh`), read.bytes, 0o444)
      const { scriptId, path, sha256, user, workingDirectory, timeoutSec, variables } = plan
      const approval: Approval = {
        v: 1,
        scriptId,
        path,
        sha256,
        user,
        workingDirectory,
        timeoutSec,
        variables,
        approvedBy: by,
        approvedAt: now().toISOString(),
      }
      writeDurably(join(folder, `${scriptId}.json`), `${JSON.stringify(approval, null, 2)}\n`, 0o600)
      return rowFor(scriptId)
    },
    revoke(scriptId) {
      if (!ID.test(scriptId) || !readApprovals(folder).approvals.has(scriptId))
        throw new DaemonError('SCRIPT_NOT_FOUND', 404, `Nothing is approved as ${scriptId.slice(0, 100)}.`)
      rmSync(join(folder, `${scriptId}.json`))
    },
    admit(scriptId) {
      const row = rowFor(scriptId)
      const approval = readApprovals(folder).approvals.get(scriptId)
      if (!approval)
        throw new DaemonError('SCRIPT_NOT_APPROVED', 409, `${scriptId} was never approved. An admin approves it in Settings → Scripts.`)
      if (!roots.some((root) => row.path.startsWith(`${root}/`)))
        throw new DaemonError('SCRIPT_REFUSED', 403, `${row.path} is not under the script roots.`)
      const read = readNow(row)
      if (read.sha256 !== approval.sha256 || row.path !== approval.path)
        throw new DaemonError(
          'SCRIPT_CHANGED',
          409,
          `${scriptId} differs from what was approved. Look at the difference and approve it in Settings → Scripts.`,
          { details: { scriptId, approvedSha256: approval.sha256, sha256: read.sha256 } },
        )
      const copyPath = join(folder, `${approval.sha256}.sh`)
      if (createHash('sha256').update(readFileSync(copyPath)).digest('hex') !== approval.sha256)
        throw new DaemonError('SCRIPT_CHANGED', 409, 'The agent’s own copy of the script was changed. Approve the script again.')
      return { approval, copyPath }
    },
  }
}

function digestOf(plan: ScriptPlan): string {
  return createHash('sha256')
    .update(canonical(plan as unknown as Plain))
    .digest('hex')
}

function assertVariable(name: string): void {
  if (!VARIABLE.test(name) || FORBIDDEN_VARIABLE.test(name))
    throw new DaemonError('INPUT_INVALID', 400, `${name.slice(0, 64)} may not be a script’s variable.`, {
      errors: [{ field: 'variables', rule: 'name', message: 'capitals, digits and _; none that changes what programs load' }],
    })
}

/** Rows that do not load are told and left out; the others count. */
function readApprovals(folder: string): { approvals: Map<string, Approval>; warnings: string[] } {
  const approvals = new Map<string, Approval>()
  const warnings: string[] = []
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
    const why = loadApproval(join(folder, file), file.slice(0, -5), approvals)
    if (why) warnings.push(`scripts.d/${file} is not used: ${why}.`)
  }
  return { approvals, warnings }
}

function loadApproval(path: string, scriptId: string, into: Map<string, Approval>): string | null {
  try {
    const row = JSON.parse(readFileSync(path, 'utf8')) as Approval
    const wrong = [
      row.v === 1,
      row.scriptId === scriptId && ID.test(scriptId),
      /^[a-f0-9]{64}$/.test(row.sha256),
      row.path.startsWith('/'),
      Number.isSafeInteger(row.timeoutSec) && row.timeoutSec > 0,
    ].includes(false)
    if (wrong) return 'a field is not as it must be'
    const bad = row.variables.find((name) => !VARIABLE.test(name) || FORBIDDEN_VARIABLE.test(name))
    if (bad) return `the variable ${bad} is not allowed`
    into.set(scriptId, row)
    return null
  } catch {
    return 'it cannot be read'
  }
}

type RowInput = { root: string; path: string; scriptId: string; approval: Approval | undefined; uid: number; ownUser: string }

function rowOf({ root, path, scriptId, approval, uid, ownUser }: RowInput): ScriptRow {
  const read = readScript(path, { root, ownerUid: uid })
  const hints = read.ok ? hintsIn(read.bytes.toString('utf8')) : { variables: [], timeoutSec: timeoutByDefault }
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
    user: approval?.user ?? ownUser,
    workingDirectory: approval?.workingDirectory ?? dirname(path),
    timeoutSec: approval?.timeoutSec ?? hints.timeoutSec,
    variables: approval?.variables ?? hints.variables,
    reason: read.ok ? null : read.reason,
    sizeBytes: read.ok ? read.bytes.length : null,
  }
}

/** What a script proposes of itself in its first lines; only an approval makes it count. */
function hintsIn(text: string): { variables: string[]; timeoutSec: number } {
  const head = text.slice(0, 4_000)
  const variables = (/^# variables: ([A-Z0-9_ ]+)$/m.exec(head)?.[1] ?? '')
    .split(' ')
    .filter((name) => VARIABLE.test(name) && !FORBIDDEN_VARIABLE.test(name))
  const timeoutSec = Number(/^# timeout: ([0-9]{1,5})$/m.exec(head)?.[1] ?? timeoutByDefault)
  return { variables, timeoutSec: timeoutSec > 0 ? timeoutSec : timeoutByDefault }
}

function scriptsUnder(root: string): string[] {
  const found: string[] = []
  const walk = (folder: string, depth: number): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (found.length >= mostFiles || entry.name.startsWith('.') || entry.name === 'node_modules') continue
      const path = join(folder, entry.name)
      if (entry.isDirectory() && depth < mostDepth) walk(path, depth + 1)
      else if (entry.name.endsWith('.sh') && !entry.isDirectory()) found.push(path)
    }
  }
  walk(root, 0)
  return found.sort()
}

/** `hello-process/deploy.sh` under a root is `hello-process-deploy`. */
function idOf(root: string, path: string): string {
  return relative(root, path)
    .replace(/\.sh$/, '')
    .replaceAll(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 100)
}

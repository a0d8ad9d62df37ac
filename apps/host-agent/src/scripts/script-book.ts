import { createHash, randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { dirname } from 'node:path'
import { openPlanShelf } from '@console/verb-kit/plan-shelf'
import { DaemonError } from '@console/verb-kit/problem'
import { canonical, type Plain } from '@console/verbs/canonical'
import { FORBIDDEN_VARIABLE, ID, VARIABLE } from '@console/verbs/patterns'
import { accountOf } from '../runs/script-account.ts'
import { type Approval, type Edit, openApprovals, sha256Of } from './approvals.ts'
import { idOf, rootTrouble, rowOf, type ScriptRow, scriptsUnder } from './find-scripts.ts'
import { readScript } from './read-script.ts'

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
type Options = {
  readonly dir: string
  readonly roots: readonly string[]
  readonly uid: number
  /** Whether a script may run as root. */
  readonly rootAllowed: boolean
  readonly now: () => Date
  readonly edited: (edit: Edit) => void
}
/** What may be run. The backend never writes here: approving is this daemon's own verb. */
export type ScriptBook = {
  list(): { items: ScriptRow[]; canChangeUser: boolean; warnings: string[] }
  plan(wish: Wish): { plan: ScriptPlan; digest: string }
  approve(digest: string, by: string): ScriptRow
  /** The script that a plan is for, as the audit log names it; the digest where no such plan is known. */
  plannedFor(digest: string): string
  revoke(scriptId: string): void
  /** The approved bytes, if the file still holds exactly them. @throws DaemonError */
  admit(scriptId: string): { approval: Approval; copyPath: string }
}

const planLifeMs = 15 * 60_000

export function openScriptBook({ dir, roots, uid, rootAllowed, now, edited }: Options): ScriptBook {
  const book = openApprovals(dir, { ownerUid: uid, edited })
  const plans = openPlanShelf<ScriptPlan>(dir, digestOf)
  const ownUser = userInfo().username

  const rows = (): ScriptRow[] => {
    const { approvals } = book.read()
    const found = roots.flatMap((root) => scriptsUnder(root).map((path) => ({ root, path, scriptId: idOf(root, path) })))
    const known = new Map<string, string>()
    const listed = found.map(({ root, path, scriptId }): ScriptRow => {
      const row = rowOf({ root, path, scriptId, approval: approvals.get(scriptId), uid, ownUser })
      const first = known.get(scriptId)
      if (first === undefined) known.set(scriptId, path)
      return first === undefined ? row : { ...row, status: 'refused', reason: `${first} has the same id ${scriptId}. Rename one of them.` }
    })
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
  const assertUser = (user: string): void => {
    accountOf(user, uid)
    if (!rootAllowed && user === 'root')
      throw new DaemonError(
        'SCRIPT_REFUSED',
        403,
        'In production no script runs as root. Name an account in its first lines: “# user: NAME”.',
      )
  }

  return {
    list: () => ({
      items: rows(),
      canChangeUser: uid === 0,
      warnings: book.read().warnings.concat(
        roots.flatMap((root) => rootTrouble(root, uid) ?? []),
        uid === 0
          ? rootAllowed
            ? ['A script that names no account runs as root.']
            : []
          : [`Scripts run as ${ownUser}: the agent is not root, so it can choose no other account.`],
      ),
    }),
    plan({ scriptId, user, timeoutSec, variables }) {
      const row = rowFor(scriptId)
      const read = readNow(row)
      if (user !== undefined && user !== ownUser && uid !== 0)
        throw new DaemonError('SCRIPT_REFUSED', 403, `The agent runs as ${ownUser} and cannot start a script as ${user}.`)
      assertUser(user ?? row.user)
      const wished = variables ?? row.variables
      for (const name of wished) assertVariable(name)
      const approval = book.read().approvals.get(scriptId)
      const at = now()
      const previous = approval && approval.sha256 !== read.sha256 ? book.copyOf(approval.sha256) : null
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
      plans.keep(digest, plan)
      return { plan, digest }
    },
    approve(digest, by) {
      const kept = plans.find(digest)
      if (!kept) throw new DaemonError('PLAN_NOT_FOUND', 409, 'This plan is not known here. Look at the script again.')
      if (kept.used) throw new DaemonError('PLAN_USED', 409, 'This plan was carried out already.')
      if (now().toISOString() > kept.plan.expiresAt)
        throw new DaemonError('PLAN_EXPIRED', 409, 'This plan is older than 15 minutes. Look at the script again.')
      const { plan } = kept
      const read = readNow(rowFor(plan.scriptId))
      if (read.sha256 !== plan.sha256)
        throw new DaemonError('SCRIPT_CHANGED', 409, 'The file changed after it was shown. Look at the difference and approve that.')
      plans.use(digest)
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
      book.write(approval, read.bytes)
      return rowFor(scriptId)
    },
    plannedFor: (digest) => plans.find(digest)?.plan.scriptId ?? digest,
    revoke(scriptId) {
      if (!ID.test(scriptId) || !book.read().approvals.has(scriptId))
        throw new DaemonError('SCRIPT_NOT_FOUND', 404, `Nothing is approved as ${scriptId.slice(0, 100)}.`)
      book.remove(scriptId)
    },
    admit(scriptId) {
      const row = rowFor(scriptId)
      const approval = book.read().approvals.get(scriptId)
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
      assertUser(approval.user)
      const copyPath = book.copyOf(approval.sha256)
      if (!existsSync(copyPath) || sha256Of(readFileSync(copyPath)) !== approval.sha256)
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

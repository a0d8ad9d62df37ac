import { DaemonError } from '@console/verb-kit/problem'
import type { CheckDesk } from '../code/check-desk.ts'
import type { Approval } from '../scripts/approvals.ts'
import type { ChildSpec } from './run-child.ts'
import type { queuedRecord, RunRecord } from './run-record.ts'
import { accountOf, environmentOf } from './script-account.ts'
import type { WaitingValues } from './seal-values.ts'

/** The scripts that a run may be of, as they are approved now. */
export type Scripts = { admit(scriptId: string): { approval: Approval; copyPath: string; args?: readonly string[] } }
type Deps = {
  readonly scripts: Scripts
  readonly checks: CheckDesk | undefined
  readonly values: WaitingValues
  readonly uid: number
  readonly folder: string
}
type Work = Pick<ChildSpec, 'copyPath' | 'args' | 'cwd' | 'env' | 'secrets' | 'uid' | 'gid' | 'check'>

/** What is known of a run when it is taken; the supervisor adds who asked, when, and its place in line. */
export type Admitted = Omit<Parameters<typeof queuedRecord>[0], 'actor' | 'queuedAt' | 'order'>

/** No id of a service has a dot: checks of code wait for each other and for nothing else. */
const checkLane = 'code.quality'

/** @throws DaemonError where the script is not approved, or a variable is none of its own */
export function admitScript(
  scripts: Scripts,
  wish: Pick<Admitted, 'runId' | 'scriptId' | 'serviceId' | 'reason'> & { readonly variables: Readonly<Record<string, string>> },
): Admitted {
  const { runId, scriptId, serviceId, reason } = wish
  const { approval, copyPath } = scripts.admit(scriptId)
  const variables = Object.keys(wish.variables)
  const unknown = variables.find((name) => !approval.variables.includes(name))
  if (unknown)
    throw new DaemonError(
      'SCRIPT_VARIABLE_UNKNOWN',
      400,
      `${scriptId} does not declare the variable ${unknown}. Remove it, or approve the script with it.`,
    )
  const { sha256: scriptSha256, user, workingDirectory, timeoutSec } = approval
  return { runId, scriptId, serviceId, reason, scriptSha256, copyPath, user, workingDirectory, variables, timeoutSec }
}

/** @throws DaemonError where the project is refused, or nothing can be contained */
export function admitCheck(
  checks: CheckDesk | undefined,
  { runId, projectPath, checks: names }: { readonly runId: string; readonly projectPath: string; readonly checks: readonly string[] },
): Admitted {
  const { user, names: chosen, limitSec } = deskOf(checks).admit(projectPath, names)
  return {
    runId,
    scriptId: 'code-check',
    serviceId: checkLane,
    reason: chosen.join(', '),
    scriptSha256: null,
    copyPath: '',
    user,
    workingDirectory: '/',
    variables: [],
    timeoutSec: limitSec,
    check: { projectPath, names: chosen },
  }
}

/**
 * What a run that is about to begin does, looked at once more: much may have changed while it waited.
 * @throws DaemonError where it may not begin any more
 */
export function workOf(record: RunRecord, { scripts, checks, values, uid, folder }: Deps): Work {
  if (record.check) {
    const desk = deskOf(checks)
    desk.admit(record.check.projectPath, record.check.names)
    return { copyPath: '', args: [], cwd: '/', env: {}, secrets: [], uid: null, gid: null, check: desk.workOf(record.check) }
  }
  const { approval, copyPath, args = [] } = scripts.admit(record.scriptId)
  if (approval.sha256 !== record.scriptSha256) throw new DaemonError('SCRIPT_CHANGED', 409, 'approved anew')
  const given = values.take(folder)
  if (!given) throw new Error('the values of its variables are gone')
  const account = accountOf(record.user, uid)
  return {
    copyPath,
    args,
    cwd: record.workingDirectory,
    env: environmentOf({ ...record, home: account.home }, given.values),
    secrets: given.secretNames.flatMap((name) => given.values[name] ?? []),
    uid: account.uid,
    gid: account.gid,
    check: null,
  }
}

function deskOf(checks: CheckDesk | undefined): CheckDesk {
  if (!checks) throw new Error('no code is checked here')
  return checks
}

import { closeSync } from 'node:fs'
import { userInfo } from 'node:os'
import { DaemonError } from '@console/verb-kit/problem'
import { type CheckName, checkNames } from '@console/verbs/code'
import { accountOf } from '../runs/script-account.ts'
import { containTrouble, findNpm, type Ids } from './contain.ts'
import { findProjects } from './find-projects.ts'
import { openProject } from './open-project.ts'

/** What the wrapper of a run needs to check a project; the folder is opened anew there, by the same rules. */
export type CheckWork = {
  readonly projectPath: string
  readonly roots: readonly string[]
  readonly names: readonly CheckName[]
  readonly node: string
  readonly npm: string
  readonly account: Ids | null
  /** Mebibytes that all of it may take together, where runs are units of systemd. */
  readonly memoryMb: number
}
export type CheckDesk = {
  /** @throws DaemonError where the project is refused, or nothing can be contained here */
  admit(projectPath: string, names: readonly string[]): { readonly user: string; readonly names: CheckName[]; readonly limitSec: number }
  workOf(wish: { readonly projectPath: string; readonly names: readonly CheckName[] }): CheckWork
  projects(): object
}
type Options = {
  readonly roots: readonly string[]
  readonly uid: number
  /** The account that checks run as where the agent is root. */
  readonly account: string
  readonly npm: string | null
  readonly memoryMb: number
  readonly limitSec: number
  /** Runs are transient units of systemd here, so their memory can be bounded. */
  readonly inUnits: boolean
}

/** What could not be contained may be so after a setting was changed; asking starts a program. */
const askAgainMs = 30_000

/** Who checks code here, where, and how well it is held. */
export function createCheckDesk({ roots, uid, account, npm: wantedNpm, memoryMb, limitSec, inUnits }: Options): CheckDesk {
  const node = process.execPath
  const npm = findNpm(node, wantedNpm)
  const isRoot = uid === 0
  let known: { readonly why: string | null; readonly at: number } | undefined
  const idsOf = (): Ids | null => {
    if (!isRoot) return null
    const ids = accountOf(account, uid)
    if (ids.uid === null || ids.gid === null)
      throw new DaemonError('CODE_NOT_CONTAINED', 503, `Code must not be checked as ${account}: it is root.`)
    return { uid: ids.uid, gid: ids.gid }
  }
  const trouble = (): string | null => {
    if (npm === null) return 'npm was not found. Set NPM_DIR to its folder.'
    if (known === undefined || (known.why !== null && performance.now() - known.at > askAgainMs))
      known = { why: containTrouble({ isRoot, inUnits }), at: performance.now() }
    if (known.why !== null) return known.why
    try {
      idsOf()
      return null
    } catch {
      return `There is no account ${account} to run checks as. Make one: useradd --system --shell /usr/sbin/nologin ${account}`
    }
  }
  return {
    admit(projectPath, names) {
      const chosen = checkNames.filter((name) => names.includes(name))
      if (chosen.length === 0 || chosen.length !== names.length)
        throw new DaemonError('INPUT_INVALID', 400, 'Name each check once, and at least one.', {
          errors: [{ field: 'checks', rule: 'distinct', message: 'must name each check once, and at least one.' }],
        })
      closeSync(openProject(projectPath, roots).fd)
      const why = trouble()
      if (why !== null) throw new DaemonError('CODE_NOT_CONTAINED', 503, `Nothing was run: it could not be contained. ${why}`)
      return { user: isRoot ? account : userInfo().username, names: chosen, limitSec }
    },
    workOf: ({ projectPath, names }) => ({ projectPath, roots, names, node, npm: npm ?? '', account: idsOf(), memoryMb }),
    projects() {
      const why = trouble()
      const runsAs = isRoot ? account : userInfo().username
      const limits = inUnits ? 'cgroup' : 'processes'
      const memoryBytes = inUnits ? memoryMb * 1_048_576 : null
      return { roots, ...findProjects(roots), runsAs, ownAccount: isRoot, limits, memoryBytes, limitSec, trouble: why }
    },
  }
}

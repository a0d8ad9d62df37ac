import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { CheckName } from '@console/verbs/code'

export type Ids = { readonly uid: number; readonly gid: number }
/** What one check runs with; all of it is the agent's own choice but the name, which is one of four. */
export type ContainedCheck = {
  /** An empty folder to build the new root in. */
  readonly root: string
  /** The copy of the project. */
  readonly copy: string
  readonly node: string
  readonly npm: string
  /** Null where the agent is no root: then it is its own account, as root of a namespace that holds nothing. */
  readonly account: Ids | null
  readonly check: CheckName
}

const unshare = '/usr/bin/unshare'
const script = join(import.meta.dirname, 'contain.sh')
const namespaces = ['--mount', '--net', '--pid', '--ipc', '--uts', '--fork', '--kill-child=KILL'] as const
const asMyself = ['--user', '--map-root-user'] as const
/** Programs and threads of one account: an ordinary account has others of its own beside them. */
const mostProcesses = { own: 2_048, shared: 4_096 } as const

/** The argument vector of a check: programs by absolute path, no shell reads anything that somebody sent. */
export function containedCommand({ root, copy, node, npm, account, check }: ContainedCheck): {
  readonly file: string
  readonly args: string[]
} {
  const ids = account ?? { uid: 0, gid: 0 }
  const inside = [root, copy, node, npm, String(ids.uid), String(ids.gid), account ? 'clear' : 'keep']
  const bound = String(account ? mostProcesses.own : mostProcesses.shared)
  return {
    file: unshare,
    args: [...(account ? [] : asMyself), ...namespaces, '--', '/bin/bash', '--noprofile', '--norc', script, ...inside, bound, check],
  }
}

/** Why nothing can be contained here; null when it can. It starts a program, where runs are started: the agent's own unit may do less than theirs. */
export function containTrouble({ isRoot, inUnits }: { readonly isRoot: boolean; readonly inUnits: boolean }): string | null {
  const missing = [unshare, '/bin/bash', '/usr/bin/setpriv', '/usr/bin/env'].find((path) => !existsSync(path))
  if (missing) return `${missing} is missing: install util-linux.`
  const trial = [unshare, ...(isRoot ? [] : asMyself), ...namespaces, '--', '/bin/true']
  const [file = '', ...args] = inUnits ? ['/usr/bin/systemd-run', '--wait', '--collect', '--quiet', '--', ...trial] : trial
  const tried = spawnSync(file, args, { env: { PATH: '/usr/bin:/bin' }, cwd: '/', stdio: 'ignore', timeout: 10_000 })
  if (tried.status === 0) return null
  return isRoot
    ? 'This machine does not let root make namespaces.'
    : 'This machine does not let an ordinary account make namespaces. Run host-agent as root.'
}

/** The folder of npm: beside the Node that runs this, where the installer lays it and where Node's own archive has it, or where systems put it. */
export function findNpm(node: string, wanted: string | null): string | null {
  const candidates =
    wanted === null
      ? [
          join(dirname(node), 'npm'),
          join(dirname(node), '../lib/node_modules/npm'),
          '/usr/local/lib/node_modules/npm',
          '/usr/lib/node_modules/npm',
          '/usr/share/nodejs/npm',
        ]
      : [wanted]
  return candidates.map((path) => resolve(path)).find((path) => existsSync(join(path, 'bin/npm-cli.js'))) ?? null
}

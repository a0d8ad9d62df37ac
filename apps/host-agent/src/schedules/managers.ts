import { existsSync, lstatSync, readdirSync } from 'node:fs'
import { type Order, type Ran, runProgram } from '../programs/run-program.ts'
import type { Account, Accounts } from './accounts.ts'

/** The manager of the system, or that of an account which keeps it while nobody is signed in. */
export type Manager = { readonly kind: 'system' | 'user'; readonly account: Account }
export type AskManager = (manager: Manager, args: readonly string[]) => Promise<Ran>

const mostManagers = 20
const lingering = '/var/lib/systemd/linger'
const fixed = { program: '/usr/bin/systemctl', timeoutMs: 8_000, mostBytes: 1_048_576 } as const

/**
 * The managers that can be asked: the system's, and those of accounts that linger. An account other than root asks its own alone.
 * @param uid the agent's own
 */
export function managersOf(accounts: Accounts, uid: number): readonly Manager[] {
  if (!existsSync('/run/systemd/system')) return []
  const system = accounts.byUid(0)
  const users = namesIn(lingering)
    .map((name) => accounts.byName(name))
    .filter((account) => account !== null && account.uid !== 0 && (uid === 0 || uid === account.uid) && runs(account))
    .slice(0, mostManagers)
  return [
    ...(system ? [{ kind: 'system' as const, account: system }] : []),
    ...users.map((account) => ({ kind: 'user' as const, account: account as Account })),
  ]
}

/**
 * Asks systemctl with fixed arguments, and names after `--`, in an environment from scratch. A manager of an account is asked as that
 * account: what answers there is a program of its own, which may say what it likes about itself, for as long and as much as is let.
 * Times are told in UTC, so that they read the same on every machine.
 */
export function askManagers(uid: number, run: (order: Order) => Promise<Ran> = runProgram): AskManager {
  return ({ kind, account }, args) => {
    const env = { PATH: '/usr/bin:/bin', LANG: 'C', LC_ALL: 'C', TZ: 'UTC', SYSTEMD_PAGER: '', SYSTEMD_COLORS: '0' }
    if (kind === 'system') return run({ ...fixed, args: ['--no-pager', ...args], env, account: null })
    const own = { ...env, HOME: account.home, XDG_RUNTIME_DIR: runtimeFolder(account) }
    return run({ ...fixed, args: ['--user', '--no-pager', ...args], env: own, account: uid === 0 ? account : null })
  }
}

const runtimeFolder = ({ uid }: Account): string => `/run/user/${uid}`

/** The socket is in a folder that systemd gives to the account alone. */
function runs(account: Account): boolean {
  const folder = lstatSync(runtimeFolder(account), { throwIfNoEntry: false })
  return folder?.isDirectory() === true && folder.uid === account.uid && existsSync(`${runtimeFolder(account)}/systemd`)
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}

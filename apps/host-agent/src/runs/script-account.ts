import { spawnSync } from 'node:child_process'
import { DaemonError } from '@console/verb-kit/problem'
import { runMark } from './processes.ts'

type Account = { readonly uid: number | null; readonly gid: number | null; readonly home: string }

/** The whole environment of a script, from scratch: nothing of the agent's own reaches it, and no value replaces what is set here. */
export function environmentOf(
  { runId, serviceId, user, home }: { readonly runId: string; readonly serviceId: string; readonly user: string; readonly home: string },
  values: Readonly<Record<string, string>>,
): Record<string, string> {
  return {
    ...values,
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: home,
    LANG: 'C.UTF-8',
    USER: user,
    SERVICE_ID: serviceId,
    RUN_ID: runId,
    [runMark]: runId,
  }
}

/**
 * The account of a script; null ids where it is the agent's own.
 * @throws DaemonError SCRIPT_REFUSED for one that is not there, or that the agent cannot change to
 */
export function accountOf(user: string, uid: number): Account {
  const entry = /^[a-z_][a-z0-9_-]{0,31}$/.test(user)
    ? spawnSync('/usr/bin/getent', ['passwd', user], { encoding: 'utf8', timeout: 5_000 }).stdout.trim().split(':')
    : []
  if (entry.length < 7 || entry[0] !== user)
    throw new DaemonError('SCRIPT_REFUSED', 403, `There is no account ${user.slice(0, 100)} on this host.`)
  const account = { uid: Number(entry[2]), gid: Number(entry[3]), home: entry[5] ?? '/' }
  if (uid !== 0 && account.uid !== uid) throw new DaemonError('SCRIPT_REFUSED', 403, `The agent cannot start a script as ${user}.`)
  return uid === 0 && account.uid !== 0 ? account : { uid: null, gid: null, home: account.home }
}

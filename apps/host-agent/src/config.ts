import { lstatSync, realpathSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'
import { type DaemonConfig, readDaemonConfig } from '@console/verb-kit/daemon-config'

export type Config = DaemonConfig & {
  readonly scriptRoots: readonly string[]
  readonly probe: { readonly origins: readonly string[] | null; readonly consolePorts: readonly number[] }
  /** Milliseconds between TERM and KILL. */
  readonly graceMs: number
  /** Below which `/proc`, `/sys` and `/var/log` of the host lie. */
  readonly hostRoot: string
  readonly uid: number
  readonly warnings: readonly string[]
}

/** Reads the environment of host-agent. @throws Error, one line a problem */
export function readConfig(env: NodeJS.ProcessEnv, { uid }: { readonly uid: number }): Config {
  const problems: string[] = []
  const warnings: string[] = []
  const shared = readDaemonConfig('host-agent', env, problems)
  const { production } = shared
  const scriptRoots = (env.SCRIPT_ROOTS ?? '/opt/bytelyst')
    .split(':')
    .map((root) => rootOf(root, problems, warnings))
    .filter((root) => root !== null)
  if (uid !== 0)
    (production ? problems : warnings).push(
      'host-agent does not run as root, so scripts run as its own account and no other can be chosen.',
    )
  const origins =
    env.PROBE_ORIGINS === undefined
      ? production
        ? []
        : null
      : env.PROBE_ORIGINS.split(',')
          .map((origin) => origin.trim())
          .filter(Boolean)
  for (const origin of origins ?? [])
    if (!URL.canParse(origin)) problems.push(`PROBE_ORIGINS: ${origin} is no origin such as http://127.0.0.1:8080`)
  const config: Config = {
    ...shared,
    scriptRoots,
    probe: {
      origins,
      consolePorts: (env.CONSOLE_PORTS ?? '')
        .split(',')
        .map(Number)
        .filter((port) => port > 0),
    },
    graceMs: 5_000,
    hostRoot: hostRootOf(env.HOST_ROOT ?? '/', problems),
    uid,
    warnings,
  }
  if (problems.length > 0) throw new Error(problems.join('\n'))
  return config
}

function hostRootOf(root: string, problems: string[]): string {
  if (!isAbsolute(root) || !lstatSync(root, { throwIfNoEntry: false })?.isDirectory())
    problems.push(`HOST_ROOT: ${root === '' ? 'an empty text' : root} must be an absolute folder that is there`)
  return resolve(root)
}

/** A folder that may hold scripts: absolute, real, and not the whole disk. One that is missing is passed over with a warning. */
function rootOf(root: string, problems: string[], warnings: string[]): string | null {
  const name = `SCRIPT_ROOTS: ${root === '' ? 'an empty entry' : root}`
  if (root === '' || !isAbsolute(root) || resolve(root) === '/') {
    problems.push(`${name} must be an absolute folder that is not /`)
    return null
  }
  const info = lstatSync(root, { throwIfNoEntry: false })
  if (!info) {
    warnings.push(`${name} is not there, so no script is found under it.`)
    return null
  }
  if (!info.isDirectory() || realpathSync(root) !== resolve(root)) {
    problems.push(`${name} must be a folder and no symbolic link, nor lie below one`)
    return null
  }
  return resolve(root)
}

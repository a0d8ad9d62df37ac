import { lstatSync, realpathSync } from 'node:fs'
import { userInfo } from 'node:os'
import { isAbsolute, resolve } from 'node:path'
import { type DaemonConfig, readDaemonConfig } from '@console/verb-kit/daemon-config'
import { type Instance, readInstances } from './hermes/instances.ts'
import type { OllamaConfig } from './ollama/ollama-verbs.ts'

export type Config = DaemonConfig & {
  readonly scriptRoots: readonly string[]
  readonly probe: { readonly origins: readonly string[] | null; readonly consolePorts: readonly number[] }
  /** Milliseconds between TERM and KILL. */
  readonly graceMs: number
  /** Below which `/proc`, `/sys` and `/var/log` of the host lie. */
  readonly hostRoot: string
  /** Always on this host's loopback; `registries` are the hosts that a pull may name. */
  readonly ollama: OllamaConfig
  /** The agents of Hermes on this host. */
  readonly hermes: readonly Instance[]
  /** Where projects lie whose code may be checked, as whom where the agent is root, and npm's folder where it is not found. */
  readonly code: {
    readonly roots: readonly string[]
    readonly account: string
    readonly npm: string | null
    /** What the checks of one run may take together: mebibytes of memory, and seconds. */
    readonly memoryMb: number
    readonly limitSec: number
  }
  readonly uid: number
  readonly warnings: readonly string[]
}

/** Reads the environment of host-agent. @throws Error, one line a problem */
export function readConfig(env: NodeJS.ProcessEnv, { uid }: { readonly uid: number }): Config {
  const problems: string[] = []
  const warnings: string[] = []
  const shared = readDaemonConfig('host-agent', env, problems)
  const { production } = shared
  const rootsOf = (name: string, text: string): string[] =>
    text
      .split(':')
      .map((root) => rootOf(root, { name, problems, warnings }))
      .filter((root) => root !== null)
  const numberOf = (name: string, text: string, { least, most }: { readonly least: number; readonly most: number }): number => {
    const count = /^[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN
    if (!(count >= least && count <= most))
      problems.push(`${name}: ${text === '' ? 'an empty text' : text} is no whole number from ${least} to ${most}`)
    return count
  }
  const scriptRoots = rootsOf('SCRIPT_ROOTS', env.SCRIPT_ROOTS ?? '/opt/bytelyst')
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
    code: {
      roots: env.CODE_ROOTS === undefined ? scriptRoots : rootsOf('CODE_ROOTS', env.CODE_ROOTS),
      account: env.CODE_ACCOUNT ?? 'bytelyst-run',
      npm: env.NPM_DIR ?? null,
      memoryMb: numberOf('CODE_MEMORY_MB', env.CODE_MEMORY_MB ?? '4096', { least: 64, most: 1_048_576 }),
      limitSec: numberOf('CODE_LIMIT_SEC', env.CODE_LIMIT_SEC ?? '1200', { least: 1, most: 86_400 }),
    },
    graceMs: 5_000,
    hostRoot: hostRootOf(env.HOST_ROOT ?? '/', problems),
    ollama: {
      port: portOf(env.OLLAMA_PORT ?? '11434', problems),
      registries: registriesOf(env.OLLAMA_REGISTRIES ?? 'registry.ollama.ai,hf.co', problems),
    },
    hermes: hermesOf(env.HERMES_INSTANCES, uid, problems),
    uid,
    warnings,
  }
  if (problems.length > 0) throw new Error(problems.join('\n'))
  return config
}

function hermesOf(path: string | undefined, uid: number, problems: string[]): readonly Instance[] {
  try {
    return readInstances(path, { uid, user: accountName() })
  } catch (error) {
    problems.push((error as Error).message)
    return []
  }
}

/** An account may have a number alone, as in a container. */
function accountName(): string {
  try {
    return userInfo().username
  } catch {
    return 'root'
  }
}

function portOf(text: string, problems: string[]): number {
  const port = /^[1-9][0-9]{0,4}$/.test(text) ? Number(text) : 0
  if (port < 1 || port > 65_535) problems.push(`OLLAMA_PORT: ${text === '' ? 'an empty text' : text} is no port`)
  return port
}

function registriesOf(text: string, problems: string[]): string[] {
  const hosts = text
    .split(',')
    .map((host) => host.trim().toLowerCase())
    .filter(Boolean)
  for (const host of hosts)
    if (!/^[a-z0-9.-]+(:[0-9]{1,5})?$/.test(host)) problems.push(`OLLAMA_REGISTRIES: ${host} is no host such as registry.ollama.ai`)
  return hosts
}

function hostRootOf(root: string, problems: string[]): string {
  if (!isAbsolute(root) || !lstatSync(root, { throwIfNoEntry: false })?.isDirectory())
    problems.push(`HOST_ROOT: ${root === '' ? 'an empty text' : root} must be an absolute folder that is there`)
  return resolve(root)
}

/** A folder that may hold scripts or projects: absolute, real, and not the whole disk. One that is missing is passed over with a warning. */
function rootOf(
  root: string,
  { name: variable, problems, warnings }: { readonly name: string; readonly problems: string[]; readonly warnings: string[] },
): string | null {
  const name = `${variable}: ${root === '' ? 'an empty entry' : root}`
  if (root === '' || !isAbsolute(root) || resolve(root) === '/') {
    problems.push(`${name} must be an absolute folder that is not /`)
    return null
  }
  const info = lstatSync(root, { throwIfNoEntry: false })
  if (!info) {
    warnings.push(`${name} is not there, so nothing is found under it until it is.`)
    return resolve(root)
  }
  if (!info.isDirectory() || realpathSync(root) !== resolve(root)) {
    problems.push(`${name} must be a folder and no symbolic link, nor lie below one`)
    return null
  }
  return resolve(root)
}

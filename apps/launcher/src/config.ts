import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

export type LaunchConfig = {
  readonly root: string
  readonly dataDir: string
  readonly keysDir: string
  readonly socketDir: string
  readonly ports: { readonly devopsWeb: number; readonly adminWeb: number; readonly platform: number; readonly backend: number }
  readonly dockerSocket: string
  readonly reload: boolean
  /** What the parts inherit besides what the launcher sets; a part reads its own names only. */
  readonly env: NodeJS.ProcessEnv
}

/** A unix socket's path holds at most 107 bytes; a deep DATA_DIR gets a short folder of its own instead. */
const longestSocketDir = 107 - '/docker-proxy.sock'.length

/** Reads the launcher's environment. @throws Error that names every wrong variable at once. */
export function readConfig(env: NodeJS.ProcessEnv, args: readonly string[], root: string): LaunchConfig {
  const problems: string[] = []
  const port = (name: string, fallback: number): number => {
    const text = env[name]
    if (text === undefined || text === '') return fallback
    if (/^[1-9][0-9]{0,4}$/.test(text) && Number(text) <= 65_535) return Number(text)
    problems.push(`${name} must be a port from 1 to 65535, not "${text}"`)
    return fallback
  }
  for (const arg of args) if (arg !== '--reload') problems.push(`there is no option ${arg}; the only one is --reload`)
  const dataDir = resolve(root, env.DATA_DIR ?? 'data')
  const config: LaunchConfig = {
    root,
    dataDir,
    keysDir: resolve(root, env.KEYS_DIR ?? join(dataDir, 'keys')),
    socketDir: resolve(root, env.SOCKET_DIR ?? shortSocketDir(join(dataDir, 'run'))),
    ports: {
      devopsWeb: port('DEVOPS_WEB_PORT', 3000),
      adminWeb: port('ADMIN_WEB_PORT', 3001),
      platform: port('PLATFORM_PORT', 4003),
      backend: port('BACKEND_PORT', 4004),
    },
    dockerSocket: env.DOCKER_SOCKET ?? '/var/run/docker.sock',
    reload: args.includes('--reload'),
    env,
  }
  if (problems.length > 0) throw new Error(problems.join('\n'))
  return config
}

function shortSocketDir(wanted: string): string {
  if (Buffer.byteLength(wanted) <= longestSocketDir) return wanted
  return join(tmpdir(), `console-${createHash('sha256').update(wanted).digest('hex').slice(0, 12)}`)
}

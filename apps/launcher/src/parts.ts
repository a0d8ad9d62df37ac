import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LaunchConfig } from './config.ts'

/** A process of the console. A part that is not `needed` may be away: its pages say what is missing. */
export type Part = {
  readonly name: string
  readonly entry: string
  /** Options of Node itself. */
  readonly flags?: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** The loopback port it listens on; null for unix sockets. */
  readonly port: number | null
  readonly needed: boolean
  /** Sources that `--reload` watches. */
  readonly watch: readonly string[]
}

/** The parts in the order in which they are started; none waits for another. */
export function partsOf(config: LaunchConfig): readonly Part[] {
  const { root, dataDir, keysDir, socketDir, ports } = config
  const at = (path: string) => join(root, path)
  const devopsWeb = `http://localhost:${ports.devopsWeb}`
  const adminWeb = `http://localhost:${ports.adminWeb}`
  const platform = `http://localhost:${ports.platform}`
  const backend = `http://localhost:${ports.backend}`
  const shared = { DATA_DIR: dataDir, KEYS_DIR: keysDir }
  const sockets = { DOCKER_PROXY_SOCKET: join(socketDir, 'docker-proxy.sock'), HOST_AGENT_SOCKET: join(socketDir, 'host-agent.sock') }
  const origins = { ALLOWED_ORIGINS: `${devopsWeb},${adminWeb}` }
  const dashboard = {
    NEXT_PUBLIC_DEVOPS_API_URL: `${backend}/api/devops`,
    NEXT_PUBLIC_PLATFORM_URL: `${platform}/platform/api`,
    NEXT_PUBLIC_ADMIN_WEB_URL: adminWeb,
    NEXT_PUBLIC_DEVOPS_WEB_URL: devopsWeb,
  }
  const consolePorts = Object.values(ports).join(',')
  const packages = at('packages')
  const app = (name: string) => ({
    name,
    entry: at(`apps/${name}/src/main.ts`),
    flags: flagsOf(at(`apps/${name}`)),
    watch: [at(`apps/${name}/src`), packages],
  })
  const web = (name: string, port: number): Part => ({
    name,
    entry: at('packages/web-host/src/main.ts'),
    env: { ...dashboard, WEB_ROOT: at(`apps/${name}/out`), PORT: String(port) },
    port,
    needed: true,
    watch: [at('packages/web-host/src')],
  })
  return [
    {
      ...app('platform-service'),
      env: { ...shared, ...origins, ...dashboard, PORT: String(ports.platform) },
      port: ports.platform,
      needed: true,
    },
    {
      ...app('docker-proxy'),
      env: { ...shared, SOCKET_DIR: socketDir, DOCKER_SOCKET: config.dockerSocket },
      port: null,
      needed: false,
    },
    {
      ...app('host-agent'),
      env: {
        ...shared,
        SOCKET_DIR: socketDir,
        CONSOLE_PORTS: consolePorts,
        SCRIPT_ROOTS: config.env.SCRIPT_ROOTS ?? at('examples'),
      },
      port: null,
      needed: false,
    },
    {
      ...app('devops-backend'),
      env: { ...shared, ...origins, ...sockets, PLATFORM_SERVICE_URL: platform, PORT: String(ports.backend) },
      port: ports.backend,
      needed: true,
    },
    web('devops-web', ports.devopsWeb),
    web('admin-web', ports.adminWeb),
  ]
}

/**
 * Options of Node that a part asks for in its package.json, where the tests find them too. Young objects get room that grows with the rate
 * at which they are made; a small one reads as fast, and leaves some twenty MiB to others. And Node takes memory as long as there is some:
 * docker-proxy needs little, and a log that floods must not take it from the others.
 */
function flagsOf(folder: string): readonly string[] {
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { nodeFlags?: readonly string[] }).nodeFlags ?? []
}

import { execFile, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { type People, peopleOf } from './people.ts'
import { type Program, startProgram } from './program.ts'
import { freePorts, root } from './start-console.ts'
import { certificateFor } from './tls-front.ts'

export const deployedParts = ['platform-service', 'devops-backend', 'docker-proxy', 'devops-web', 'admin-web', 'gateway'] as const
export type DeployedPart = (typeof deployedParts)[number]
export type Ran = { readonly status: number; readonly said: string; readonly seconds: number }
/** How it differs from a console of this checkout with a gateway of its own. */
export type Wanted = {
  readonly gateway?: 'certificate' | 'acme' | 'behind' | 'proxy' | 'local'
  /** The deploy.sh of a bundle. */
  readonly command?: string
  /** Files of its `secrets` that are there beforehand, by name. */
  readonly secrets?: Readonly<Record<string, string>>
  /** More of its settings. Browsers are led from port 443 to the gateway’s unless PUBLIC_HTTPS_PORT says otherwise; an empty one is none. */
  readonly settings?: Readonly<Record<string, string | number>>
  /** Where a gateway that is not the console's will speak TLS, on loopback. */
  readonly port?: number
  /** The authority of the certificates that will be shown there; the test's own certificate is believed where it is not given. */
  readonly ca?: string
}
export type DeployedConsole = {
  readonly dir: string
  readonly domain: string
  /** The port of the gateway that speaks TLS, on every address of this machine. */
  readonly port: number
  /** That of its gateway which leads to https. */
  readonly httpPort: number
  /** What bringing it up printed. */
  readonly upSaid: string
  /** The only authority that clients of the test believe. */
  readonly ca: string
  readonly network: string
  readonly people: People
  nameOf(part: DeployedPart): string
  pidOf(part: DeployedPart): number
  secret(name: string): string
  /** deploy/deploy.sh with this console's folder. */
  deploy(...args: readonly string[]): Promise<Ran>
  /** One request through the gateway; the path goes out as it is written. */
  get(host: string, path: string, headers?: Readonly<Record<string, string>>): Promise<{ status: number; body: string }>
  remove(): Promise<void>
}

let deployedBefore = 0

/**
 * A console that deploy/deploy.sh brought up on this machine's engine from this checkout, behind its own gateway, with names and a
 * certificate of its own, beside any other console of the host. Nothing is left of it where it fails, or once it is removed.
 */
export async function deployConsole(wanted: Wanted = {}): Promise<DeployedConsole> {
  const home = mkdtempSync('/var/tmp/deployed-console-')
  // Traefik and the parts run as their own account and come to what they need from here.
  chmodSync(home, 0o755)
  deployedBefore += 1
  const id = `${process.pid}-${deployedBefore}`
  const [name, domain] = [`deployed-${id}`, `console-${id}.test`]
  const dir = join(home, 'console')
  const [http = 0, own = 0] = await freePorts(2)
  const port = wanted.port ?? own
  const { key, cert } = certificateFor(['devops', 'admin', 'api'].map((host) => `${host}.${domain}`))
  const giveTo = (folder: string, files: Readonly<Record<string, string>>): void => {
    mkdirSync(join(dir, folder), { recursive: true })
    for (const [file, text] of Object.entries(files)) {
      writeFileSync(join(dir, folder, file), text, { mode: 0o400 })
      chownSync(join(dir, folder, file), 1001, 1001)
    }
  }
  giveTo('tls', { 'certificate.pem': cert, 'key.pem': key })
  giveTo('secrets', wanted.secrets ?? {})
  const settings = {
    DOMAIN: domain,
    GATEWAY: wanted.gateway ?? 'certificate',
    GATEWAY_HTTP_PORT: http,
    GATEWAY_HTTPS_PORT: port,
    PUBLIC_HTTPS_PORT: 443 as string | number,
    CONSOLE_NETWORK: name,
    CONSOLE_KEYS_DIR: join(home, 'keys'),
    AGENT_SOCKET_DIR: join(home, 'agent'),
    CONSOLE_PREFIX: `${name}-`,
    CONSOLE_PROJECT: name,
    ...wanted.settings,
  }
  writeFileSync(
    join(dir, '.env'),
    Object.entries(settings)
      .map(([setting, value]) => `${setting}=${value}\n`)
      .join(''),
  )
  const deploy = (...args: readonly string[]) => run(wanted.command ?? join(root, 'deploy/deploy.sh'), [...args, '--dir', dir, '--yes'])
  const remove = async (): Promise<void> => {
    await deploy('uninstall', '--purge')
    spawnSync('docker', ['network', 'rm', name], { stdio: 'ignore' })
    rmSync(home, { recursive: true, force: true })
  }
  const nameOf = (part: DeployedPart): string => `${name}-${part}`
  const up = await deploy('up')
  if (up.status !== 0) {
    await remove()
    throw new Error(up.said)
  }
  const ca = wanted.ca ?? cert
  const over = { host: `api.${domain}`, ca }
  const atPort = settings.PUBLIC_HTTPS_PORT === 443 ? '' : `:${settings.PUBLIC_HTTPS_PORT || port}`
  return {
    dir,
    domain,
    port,
    httpPort: http,
    upSaid: up.said,
    ca,
    network: name,
    people: peopleOf({ devopsPort: port, platformPort: port, origin: `https://devops.${domain}${atPort}`, over }),
    nameOf,
    pidOf: (part) => Number(docker('inspect', '--format', '{{.State.Pid}}', nameOf(part))),
    secret: (file) => readFileSync(join(dir, 'secrets', file), 'utf8').trim(),
    deploy,
    get: (host, path, headers = {}) => get({ port, host: `${host}.${domain}`, path, headers, ca }),
    remove,
  }
}

/** Where the keys and the socket of host-agent lie for a deployed console. */
export const placesOfAgent = ({ dir }: DeployedConsole) => ({ sockets: join(dir, '../agent'), keys: join(dir, '../keys') })

/** Starts host-agent of this checkout beside a deployed console, with the group of the socket that devops-backend was given, as its unit does. */
export function startAgentBeside(deployed: DeployedConsole, env: Readonly<Record<string, string>>): Promise<Program> {
  const { sockets, keys } = placesOfAgent(deployed)
  const group = docker('inspect', '--format', '{{index .HostConfig.GroupAdd 0}}', deployed.nameOf('devops-backend'))
  chownSync(sockets, 0, Number(group))
  const own = { SOCKET_DIR: sockets, KEYS_DIR: keys, PRODUCT_ID: 'bytelyst-devops', ...env }
  return startProgram('apps/host-agent/src/main.ts', own, ['setpriv', '--regid', group, '--keep-groups'])
}

/** What the engine's client printed. @throws Error with its complaint */
export function docker(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('docker', args, { encoding: 'utf8', maxBuffer: 64 * 1_048_576 })
  if (status !== 0) throw new Error(stderr)
  return stdout.trim()
}

function run(program: string, args: readonly string[]): Promise<Ran> {
  const started = performance.now()
  return new Promise((resolve) => {
    execFile(program, args, { maxBuffer: 64 * 1_048_576 }, (error, stdout, stderr) =>
      resolve({
        status: error ? Number(error.code ?? 1) : 0,
        said: `${stdout}${stderr}`,
        seconds: (performance.now() - started) / 1_000,
      }),
    )
  })
}

type Get = { port: number; host: string; path: string; headers: Readonly<Record<string, string>>; ca: string }

function get({ port, host, path, headers, ca }: Get): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    // A name that is no part's has no certificate either; what matters there is the answer.
    const trust = /^(devops|admin|api)\./.test(host) ? { ca } : { rejectUnauthorized: false }
    const where = { host: '127.0.0.1', port, servername: host, path, headers: { host, ...headers }, agent: false, ...trust }
    const call = request(where, (reply) => {
      const chunks: Buffer[] = []
      reply.on('data', (chunk: Buffer) => chunks.push(chunk))
      reply.once('error', reject)
      reply.once('end', () => resolve({ status: reply.statusCode ?? 0, body: Buffer.concat(chunks).toString() }))
    })
    call.once('error', reject)
    call.end()
  })
}

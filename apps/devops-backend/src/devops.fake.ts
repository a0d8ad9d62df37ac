import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultLimits, type LimitTable } from '@console/http-kit/limits'
import { listenOn } from '@console/http-kit/server'
import type { Browser } from '@console/testkit/browser'
import { dockerSocket } from '@console/testkit/machine'
import { type Person, peopleOf } from '@console/testkit/people'
import { type Program, startProgram } from '@console/testkit/program'
import { freePorts } from '@console/testkit/start-console'
import { createApp } from './app.ts'
import { type Config, readConfig } from './config.ts'

export { aService, type Person } from '@console/testkit/people'

type Part = 'platform-service' | 'docker-proxy' | 'host-agent'
/** devops-backend in this process on a real socket, and the parts it needs as programs of their own. */
export type Devops = {
  readonly folder: string
  readonly port: number
  readonly config: Config
  /** Every line that devops-backend logged. */
  readonly lines: string[]
  readonly parts: Map<Part, Program>
  start(part: Part): Promise<void>
  /** The first admin, signed in. */
  setUp(): Promise<Person>
  /** A colleague who came by an invite, signed in. */
  invite(admin: Person, role: 'viewer' | 'operator' | 'admin'): Promise<Person>
  /** The browser of somebody who signed in before a restart. */
  again(person: Person): Promise<Person>
  /** A page where nobody is signed in. */
  stranger(): Browser
  /** Ends everything and leaves the folder as it is. */
  stop(): Promise<void>
  close(): Promise<void>
}
type Row = { readonly action: string; readonly outcome: string; readonly code?: string; readonly target: string; readonly of?: number }

const origin = 'http://localhost:3000'
const plenty = { none: 100_000, read: 100_000, change: 100_000, destroy: 100_000 }

export async function startDevops({
  parts: wanted,
  folder = mkdtempSync(join(tmpdir(), 'devops-')),
  env = {},
  monotonic,
  limits = {},
  platformPort: given,
}: {
  readonly parts: readonly Part[]
  readonly folder?: string
  readonly env?: Readonly<Record<string, string>>
  readonly monotonic?: () => number
  /** Other numbers in the table; every hook stays on. */
  readonly limits?: Partial<LimitTable>
  /** Of a platform-service that the test runs itself, on the same folder. */
  readonly platformPort?: number
}): Promise<Devops> {
  const [free = 0] = given === undefined ? await freePorts(1) : []
  const platformPort = given ?? free
  const shared = { NODE_ENV: 'test', DATA_DIR: folder, KEYS_DIR: join(folder, 'keys') }
  const sockets = { SOCKET_DIR: join(folder, 'run') }
  mkdirSync(sockets.SOCKET_DIR, { recursive: true, mode: 0o750 })
  const settings: Record<Part, Record<string, string>> = {
    'platform-service': { ...shared, PORT: String(platformPort), ALLOWED_ORIGINS: origin, ...env },
    'docker-proxy': { ...shared, ...sockets, DOCKER_SOCKET: dockerSocket, ...env },
    'host-agent': { ...shared, ...sockets, ...env },
  }
  const parts: Devops['parts'] = new Map()
  const start = async (part: Part): Promise<void> => {
    parts.set(part, await startProgram(`apps/${part}/src/main.ts`, settings[part]))
  }
  await Promise.all(wanted.map(start))
  const lines: string[] = []
  const config = readConfig({
    ...shared,
    ALLOWED_ORIGINS: origin,
    PLATFORM_SERVICE_URL: `http://localhost:${platformPort}`,
    DOCKER_PROXY_SOCKET: join(folder, 'run/docker-proxy.sock'),
    HOST_AGENT_SOCKET: join(folder, 'run/host-agent.sock'),
    ...env,
  })
  const { app, close } = await createApp(config, {
    write: (line) => lines.push(line),
    ...(monotonic && { monotonic }),
    limits: { ...defaultLimits, addressPerMinute: 100_000, refusalsPerMinute: 100_000, perMinute: plenty, ...limits },
  })
  await listenOn(app, ['127.0.0.1'], 0)
  const { port } = app.server.address() as AddressInfo
  const people = peopleOf({ devopsPort: port, platformPort, origin })
  const stop = async (): Promise<void> => {
    await close()
    await Promise.all([...parts.values()].map((part) => part.stop()))
  }
  return {
    folder,
    port,
    config,
    lines,
    parts,
    start,
    again: people.again,
    stranger: () => people.stranger().devops,
    setUp: () => people.setUp(setupTokenIn(parts.get('platform-service')?.output ?? [])),
    invite: people.invite,
    stop,
    async close() {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Rows of the audit log of devops-backend as they lie on disk, oldest first; but for those of checkpoints, which come at their own times. */
export function rowsOf({ folder }: Pick<Devops, 'folder'>): Row[] {
  const dir = join(folder, 'devops/audit')
  return readdirSync(dir)
    .filter((file) => file.endsWith('.log'))
    .sort()
    .flatMap((file) => readFileSync(join(dir, file), 'utf8').split('\n'))
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Row)
    .filter(({ action }) => action !== 'audit.checkpoint.witnessed')
}

function setupTokenIn(output: readonly string[]): string {
  return output.map((line) => /^setup token: (\S+)/.exec(line)?.[1]).find(Boolean) ?? ''
}

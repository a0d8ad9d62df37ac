import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultLimits, type LimitTable } from '@console/http-kit/limits'
import { listenOn } from '@console/http-kit/server'
import { type Answer, type Browser, newBrowser } from '@console/testkit/browser'
import { dockerSocket } from '@console/testkit/machine'
import { type Program, startProgram } from '@console/testkit/program'
import { freePorts } from '@console/testkit/start-console'
import { createApp } from './app.ts'
import { type Config, readConfig } from './config.ts'

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
/** One person's browser, as it meets the two APIs. */
export type Person = {
  readonly devops: Browser
  readonly platform: Browser
  grant(verb: string, digest: string): Promise<string>
}
type Row = { readonly action: string; readonly outcome: string; readonly code?: string; readonly target: string; readonly of?: number }

const origin = 'http://localhost:3000'
const password = 'violet harbor quartz ninety'
const plenty = { none: 100_000, read: 100_000, change: 100_000, destroy: 100_000 }

export async function startDevops({
  parts: wanted,
  folder = mkdtempSync(join(tmpdir(), 'devops-')),
  env = {},
  monotonic,
  limits = {},
}: {
  readonly parts: readonly Part[]
  readonly folder?: string
  readonly env?: Readonly<Record<string, string>>
  readonly monotonic?: () => number
  /** Other numbers in the table; every hook stays on. */
  readonly limits?: Partial<LimitTable>
}): Promise<Devops> {
  const [platformPort = 0] = await freePorts(1)
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
  const browserOf = (jar?: Browser['jar']): Person => {
    const platform = newBrowser({ port: platformPort, prefix: '/platform/api', origin }, jar)
    return {
      platform,
      devops: newBrowser({ port, prefix: '/api/devops', origin }, platform.jar),
      grant: async (verb, digest) => String(good(await platform.post('/auth/grants', { verb, digest }), 201).body.grant),
    }
  }
  const signedIn = async (person: Person): Promise<Person> => {
    good(await person.platform.get('/auth/session'), 200)
    good(await person.devops.get('/csrf-token'), 200)
    return person
  }
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
    again: (person) => signedIn(browserOf(person.platform.jar)),
    stranger: () => browserOf().devops,
    async setUp() {
      const person = browserOf()
      const token = parts
        .get('platform-service')
        ?.output.map((line) => /^setup token: (\S+)/.exec(line)?.[1])
        .find(Boolean)
      good(await person.platform.post('/setup', { token, email: 'first@example.net', password, name: 'First Admin' }), 201)
      return signedIn(person)
    },
    async invite(admin, role) {
      const memberships = [{ productId: 'bytelyst-devops', role }]
      const made = good(await admin.platform.post('/invites', { email: `${role}@example.net`, memberships }), 201)
      const person = browserOf()
      const token = String(made.body.link).split('#')[1]
      good(await person.platform.post('/invites/accept', { token, name: role, password }), 201)
      return signedIn(person)
    },
    stop,
    async close() {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Approves a script as the dialog does: reads the plan, confirms its digest. */
export async function approve({ devops, grant }: Person, scriptId: string): Promise<void> {
  const { digest } = good(await devops.post(`/scripts/${scriptId}/plan`, {}), 200).body
  const headers = { 'x-grant': await grant('scripts.approve', String(digest)) }
  good(await devops.post(`/scripts/${scriptId}/approve`, { digest }, headers), 200)
}

/** What a form sends for a service without checks, containers or variables. */
export function aService(name: string, scriptId: string | null = null): object {
  return {
    name,
    description: '',
    environment: 'internal',
    tags: [],
    owner: '',
    url: null,
    repository: null,
    checks: [],
    scriptId,
    containers: { by: 'none' },
    onBusy: 'refuse',
    approval: 'none',
    verifyWindowSec: 5,
  }
}

/** Rows of the audit log of devops-backend as they lie on disk, oldest first. */
export function rowsOf({ folder }: Pick<Devops, 'folder'>): Row[] {
  const dir = join(folder, 'devops/audit')
  return readdirSync(dir)
    .filter((file) => file.endsWith('.log'))
    .sort()
    .flatMap((file) => readFileSync(join(dir, file), 'utf8').split('\n'))
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Row)
}

function good(answer: Answer, status: number): Answer {
  if (answer.status !== status) throw new Error(`expected ${status}, got ${answer.status}: ${answer.text}`)
  return answer
}

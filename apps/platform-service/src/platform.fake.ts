import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SignInSettings } from '@console/contracts/sign-in-settings/schemas'
import { defaultLimits } from '@console/http-kit/limits'
import { listenOn } from '@console/http-kit/server'
import { openStore } from '@console/store/open-store'
import { type Answer, type Browser as ApiBrowser, newBrowser as apiBrowser, type Call, send as sendTo } from '@console/testkit/browser'
import { loadOrCreateServiceKey } from '@console/tokens/key-files'
import { signServiceToken } from '@console/tokens/service-token'
import { type AppOptions, buildApp, type PlatformApp } from './app.ts'
import { type Collections, openCollections, partition } from './collections.ts'
import { type Config, readConfig } from './config.ts'
import { createPasswordScorer } from './identity/password-scorer.ts'

/** The whole service on a real socket, with a folder of its own, a clock that the test moves and cheap hashes. */
export type Platform = {
  readonly app: PlatformApp
  readonly folder: string
  readonly port: number
  readonly config: Config
  /** Every line that was logged. */
  readonly lines: string[]
  readonly clock: { ms: number }
  /** What lies in the store. */
  readonly collections: Collections
  readonly setupToken: string
  /** A browser of its own. */
  browser(): Browser
  /** A call of one of our programs. */
  service(name: string, path: string, body?: object, token?: string): Promise<Answer>
  /** Ends this process's part and starts another on the same folder. */
  restart(more?: Partial<AppOptions>, env?: Record<string, string>): Promise<Platform>
  close(): Promise<void>
}
export type { Answer, Call }
/** A page of the dashboards with its cookies. */
export type Browser = ApiBrowser & { signIn(email: string, password: string): Promise<Answer> }

const origin = 'http://localhost:3001'
const prefix = '/platform/api'
export const goodPassword = 'violet harbor quartz ninety'
/** One for all tests of a file: what it costs to start is not what they are about. */
const sharedScorer = { ...createPasswordScorer(), close: async () => undefined }
const cheap = { memoryKiB: 256, passes: 1, lanes: 1 }
/** Most tests are about something else than the second factor of admins, and sign them in by the password alone. */
const easyRules: Partial<SignInSettings> = { secondFactor: 'choice' }

/** @param more.rules what somebody chose in the sign-in settings before; null for a console where nobody chose anything yet */
export async function startPlatform(
  { rules = easyRules, ...more }: Partial<AppOptions> & { readonly rules?: Partial<SignInSettings> | null } = {},
  env: Record<string, string> = {},
  given?: { folder: string; clock: { ms: number } },
): Promise<Platform> {
  const folder = given?.folder ?? mkdtempSync(join(tmpdir(), 'platform-'))
  const clock = given?.clock ?? { ms: Date.now() }
  const lines: string[] = []
  const config = readConfig({ DATA_DIR: folder, ...env })
  const store = await openStore(config.store, 'pf')
  if (rules && !given) {
    const doc = { v: 1, kind: 'sign-in-settings', settings: rules, at: new Date(clock.ms).toISOString(), by: 'Ada King' } as const
    await openCollections(store).system.insert(partition, 'sign-in-settings', doc)
  }
  const app = await buildApp({
    config,
    store,
    write: (line) => lines.push(line),
    now: () => clock.ms,
    cost: cheap,
    scorer: sharedScorer,
    auditReserveBytes: 0,
    limits: {
      ...defaultLimits,
      addressPerMinute: 100_000,
      refusalsPerMinute: 100_000,
      perMinute: { none: 100_000, read: 100_000, change: 100_000, destroy: 100_000 },
    },
    throttleRules: { account: { max: 10, windowMs: 900_000 }, address: { max: 1_000, windowMs: 60_000 } },
    ...more,
  })
  await listenOn(app.server, ['127.0.0.1'], 0)
  const { port } = app.server.server.address() as AddressInfo
  return {
    app,
    folder,
    port,
    config,
    lines,
    clock,
    collections: app.collections,
    setupToken: app.setupToken ?? '',
    browser: () => newBrowser(port),
    service: (name, path, body = {}, token) => {
      const key = loadOrCreateServiceKey({ dir: join(folder, name), keysDir: config.keysDir, name })
      const shown = token ?? signServiceToken(key, { name, audience: 'platform-service', nowMs: clock.ms })
      return send(port, 'POST', path, { body, headers: { authorization: `Bearer ${shown}` } })
    },
    restart: async (again = {}, otherEnv = env) => {
      await app.close()
      return startPlatform({ ...more, ...again }, otherEnv, { folder, clock })
    },
    close: async () => {
      await app.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The first admin, signed in. */
export async function setUp(platform: Platform, email = 'ada@example.com'): Promise<Browser> {
  const browser = platform.browser()
  const answer = await browser.post('/setup', { token: platform.setupToken, email, password: goodPassword, name: 'Ada King' })
  if (answer.status !== 201) throw new Error(`setup answered ${answer.status}: ${answer.text}`)
  return browser
}

/** A colleague who came by an invite, signed in. */
export async function invited(
  platform: Platform,
  admin: Browser,
  email: string,
  memberships: readonly { productId: string; role: string; expiresAt?: string }[],
): Promise<{ browser: Browser; id: string }> {
  const made = await admin.post('/invites', { email, memberships })
  if (made.status !== 201) throw new Error(`the invite answered ${made.status}: ${made.text}`)
  const browser = platform.browser()
  const token = String(made.body.link).split('#')[1]
  const answer = await browser.post('/invites/accept', { token, name: email.split('@')[0] ?? '', password: goodPassword })
  if (answer.status !== 201) throw new Error(`accepting answered ${answer.status}: ${answer.text}`)
  browser.csrf = String((await browser.get('/auth/session')).body.csrfToken)
  return { browser, id: String(answer.body.userId) }
}

export type LoggedRow = {
  readonly seq: number
  readonly action: string
  readonly outcome: string
  readonly target: string
  readonly actor: { readonly kind: string; readonly id: string }
  readonly code?: string
  readonly count?: number
  readonly of?: number
  readonly details?: Readonly<Record<string, unknown>>
}

/** Rows of the audit log as they lie on disk, oldest first. */
export function rowsOf({ folder }: Platform): LoggedRow[] {
  const dir = join(folder, 'platform/audit')
  return readdirSync(dir)
    .filter((file) => file.endsWith('.log'))
    .sort()
    .flatMap((file) => readFileSync(join(dir, file), 'utf8').split('\n'))
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as LoggedRow)
}

function newBrowser(port: number): Browser {
  const browser = apiBrowser({ port, prefix, origin })
  return Object.assign(browser, { signIn: (email: string, password: string) => browser.post('/auth/login', { email, password }) })
}

/** One request to the service; what is undefined among the headers is left out. */
export function send(port: number, method: string, path: string, call: Omit<Call, 'cookies'> = {}): Promise<Answer> {
  return sendTo(port, method, path.startsWith('/platform') || path === '/health' ? path : `${prefix}${path}`, call)
}

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadOrCreateServiceKey } from '@console/tokens/key-files'
import { signingKeyFrom } from '@console/tokens/keys'
import { type Answer, type Browser, newBrowser } from './browser.ts'
import { type Program, startProgram } from './program.ts'
import { type Authenticators, enrol, enrolIfAsked, postOf, signInWhole } from './second-factor.ts'
import { freePorts } from './start-console.ts'

export type PartName = 'platform-service' | 'host-agent' | 'docker-proxy' | 'devops-backend'
/** One person’s browser, as it meets the two APIs: one jar, and a CSRF token of each. */
export type Person = { readonly email: string; readonly id: string; readonly platform: Browser; readonly devops: Browser }
export type LoggedRow = {
  readonly seq: number
  readonly at: string
  readonly action: string
  readonly outcome: string
  readonly target: string
  readonly requestId: string
  readonly actor: { readonly kind: string; readonly id: string }
  readonly code?: string
  readonly count?: number
  readonly details?: Readonly<Record<string, unknown>>
}
type Role = 'viewer' | 'operator' | 'admin'
export type RunningParts = Awaited<ReturnType<typeof startParts>>

export const goodPassword = 'violet harbor quartz ninety'
/** Known here, so that tests can sign what an attacker could not, with one thing wrong. */
const jwtSecret = 'uR3kq9vX2mLw8ZtY5bNc7JdP1sGhQ4fA'
const folderOf: Record<PartName, string> = {
  'platform-service': 'platform',
  'devops-backend': 'devops',
  'host-agent': 'host-agent',
  'docker-proxy': 'docker-proxy',
}

/** The real programs of some parts, on free ports and a folder of their own. The scripts lie where only this account may write. */
export async function startParts({
  parts,
  origins = ['http://localhost:3000', 'http://localhost:3001'],
  env = {},
  home = homedir(),
}: {
  readonly parts: readonly PartName[]
  readonly origins?: readonly string[]
  readonly env?: Partial<Record<PartName | 'all', Readonly<Record<string, string>>>>
  /** Where the folder of scripts is made: one that another account must reach lies in no private home. */
  readonly home?: string
}) {
  const folder = mkdtempSync(join(tmpdir(), 'console-parts-'))
  const keysDir = join(folder, 'keys')
  const scriptRoot = mkdtempSync(join(home, '.console-parts-'))
  mkdirSync(join(folder, 'run'), { mode: 0o750 })
  const [platformPort = 0, backendPort = 0] = await freePorts(2)
  const shared = { NODE_ENV: 'test', DATA_DIR: folder, ALLOWED_ORIGINS: origins.join(','), ...env.all }
  const own: Record<PartName, Record<string, string>> = {
    'platform-service': { PORT: String(platformPort), JWT_SECRET: jwtSecret },
    'devops-backend': { PORT: String(backendPort), PLATFORM_SERVICE_URL: `http://localhost:${platformPort}` },
    'host-agent': { SCRIPT_ROOTS: scriptRoot },
    'docker-proxy': {},
  }
  const running = new Map<PartName, Program>()
  const start = async (part: PartName, more: Readonly<Record<string, string>> = {}): Promise<void> => {
    running.set(part, await startProgram(`apps/${part}/src/main.ts`, { ...shared, ...own[part], ...env[part], ...more }))
  }
  await Promise.all(parts.map((part) => start(part)))

  const [origin = ''] = origins
  const newPage = () => {
    const platform = newBrowser({ port: platformPort, prefix: '/platform/api', origin })
    return { platform, devops: newBrowser({ port: backendPort, prefix: '/api/devops', origin }, platform.jar) }
  }
  const setupToken = () =>
    running
      .get('platform-service')
      ?.output.map((line) => /^setup token: (\S+)/.exec(line)?.[1])
      .find(Boolean)
  const authenticators: Authenticators = new Map()
  const arrived = async (email: string, page: ReturnType<typeof newPage>): Promise<Person> => {
    const { body } = good(await enrolIfAsked(page.platform, email, authenticators), 200)
    if (running.has('devops-backend')) good(await page.devops.get('/csrf-token'), 200)
    return { email, id: String(body.user?.id), ...page }
  }
  return {
    folder,
    keysDir,
    scriptRoot,
    platformPort,
    backendPort,
    origin,
    running,
    start,
    newPage,
    setupToken,
    /** The pair with which platform-service signs. */
    tokenKey: signingKeyFrom(jwtSecret),
    serviceKey: (name: PartName) => loadOrCreateServiceKey({ dir: join(folder, folderOf[name]), keysDir, name }),
    socketOf: (daemon: 'host-agent' | 'docker-proxy') => join(folder, 'run', `${daemon}.sock`),
    /** The first admin of both products, signed in. */
    async setUp(): Promise<Person> {
      const page = newPage()
      const token = setupToken()
      const email = 'first@example.net'
      good(await page.platform.post('/setup', { token, email, password: goodPassword, name: 'First Admin' }), 201)
      return arrived(email, page)
    },
    /** A colleague who came by an invite, signed in. */
    async invite(admin: Person, email: string, roles: Readonly<Record<string, Role>>): Promise<Person> {
      const memberships = Object.entries(roles).map(([productId, role]) => ({ productId, role }))
      const made = good(await admin.platform.post('/invites', { email, memberships }), 201)
      const page = newPage()
      const token = String(made.body.link).split('#')[1]
      good(await page.platform.post('/invites/accept', { token, name: email.split('@')[0] ?? '', password: goodPassword }), 201)
      return arrived(email, page)
    },
    /** Gives somebody an authenticator, so that they can sign in again beside this session. */
    async enrol({ email, platform }: Person): Promise<void> {
      authenticators.set(email, await enrol(postOf(platform)))
    },
    /** The next recovery code of somebody who has an authenticator. */
    recoveryCode: (email: string) => authenticators.get(email)?.recoveryCodes.pop() ?? '',
    /** The same person in another browser; an admin without an authenticator gets one, which ends the other sessions. */
    async signIn(email: string): Promise<Person> {
      const page = newPage()
      good(await signInWhole(page.platform, { email, password: goodPassword }, authenticators), 200)
      return arrived(email, page)
    },
    /** A script under the script roots, which nobody has approved. */
    writeScript: (name: string, text: string) => writeFileSync(join(scriptRoot, `${name}.sh`), `#!/bin/bash\n${text}\n`, { mode: 0o755 }),
    /** Rows of one part's log as they lie on disk, oldest first. */
    rows: (part: PartName): LoggedRow[] => rowsIn(join(folder, folderOf[part], 'audit')),
    async stop(): Promise<void> {
      await Promise.all([...running.values()].map((program) => program.stop()))
      for (const made of [folder, scriptRoot]) rmSync(made, { recursive: true, force: true })
    },
  }
}

function rowsIn(dir: string): LoggedRow[] {
  return readdirSync(dir)
    .filter((file) => file.endsWith('.log'))
    .sort()
    .flatMap((file) => readFileSync(join(dir, file), 'utf8').split('\n'))
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as LoggedRow)
}

function good(answer: Answer, status: number): Answer {
  if (answer.status !== status) throw new Error(`expected ${status}: ${answer.status} ${answer.text}`)
  return answer
}

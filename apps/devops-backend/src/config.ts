import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { locksOf, passphraseProblems } from '@console/backup-kit/backup-locks'
import type { Lock } from '@console/backups/backup-keys'
import { inNetworks, networkOf } from '@console/http-kit/networks'
import { vaultSettings } from '@console/http-kit/vault-settings'
import { type StoreSettings, storeSettingsOf } from '@console/store/open-store'
import { azureIdentityOf } from '@console/tokens/azure-identity'
import { assertSecret } from '@console/tokens/keys'
import { withSecretFiles } from '@console/tokens/secret-files'
import { z } from 'zod'

const Port = z
  .string()
  .regex(/^[1-9][0-9]{0,4}$/)
  .transform(Number)
const List = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean),
)

/** Every variable that devops-backend reads; the reference page is made from the descriptions. */
export const Environment = z.object({
  NODE_ENV: z.string().optional().describe('`production` makes every start-up check strict.'),
  PORT: Port.default(4004).describe('Port of the API.'),
  HOST: z.string().optional().describe('Address to listen on; 127.0.0.1 and ::1 where it is not set.'),
  DATA_DIR: z.string().default('data').describe('Folder for the store, the audit log, streams and the service key.'),
  KEYS_DIR: z.string().optional().describe('Folder of the public keys of all parts; `DATA_DIR/keys` where it is not set.'),
  STORE: z.enum(['sqlite', 'cosmos']).optional().describe('Document store; `sqlite` unless the Cosmos settings are given.'),
  COSMOS_ENDPOINT: z.string().min(1).optional().describe('Account of Cosmos DB (NoSQL API), `https://ACCOUNT.documents.azure.com`.'),
  COSMOS_KEY: z.string().optional().describe('A read-write key of that account.'),
  COSMOS_KEY_FILE: z.string().optional().describe('A file with COSMOS_KEY, in place of it.'),
  COSMOS_AUTH: z
    .enum(['key', 'entra'])
    .default('key')
    .describe(
      '`entra`: no key, but a token of Entra ID for the client of `AZURE_CLIENT_ID`, or for the identity of the machine or container.',
    ),
  COSMOS_DATABASE: z.string().min(1).default('bytelyst-platform').describe('Database in that account; both services share it.'),
  PLATFORM_SERVICE_URL: z.url().default('http://localhost:4003').describe('Where platform-service answers.'),
  DOCKER_PROXY_SOCKET: z.string().optional().describe('Socket of docker-proxy; `DATA_DIR/run/docker-proxy.sock` where it is not set.'),
  HOST_AGENT_SOCKET: z.string().optional().describe('Socket of host-agent; `DATA_DIR/run/host-agent.sock` where it is not set.'),
  ALLOWED_ORIGINS: List.optional().describe(
    'Exact origins of the dashboards, separated by commas; derived from DOMAIN where it is not set.',
  ),
  TRUSTED_PROXY: List.optional().describe('Addresses whose X-Forwarded-For is believed.'),
  PRIVATE_NETWORKS: List.optional().describe(
    'Networks to which the gateway answers what is of agents, separated by commas; pages opened from elsewhere do not ask for it. All, where it is not set.',
  ),
  HERMES_PUBLIC: z
    .enum(['true', 'false'])
    .default('false')
    .describe('`true`: the gateway answers that to all, whatever PRIVATE_NETWORKS says.'),
  DOMAIN: z.string().default('bytelyst.com').describe('Domain from which public addresses are derived.'),
  PRODUCT_ID: z.string().default('bytelyst-devops').describe('The product whose memberships count here.'),
  PRODUCT_NAME: z.string().default('ByteLyst DevOps Dashboard').describe('Name shown to people.'),
  CSRF_SECRET: z.string().optional().describe('Key of CSRF tokens, at least 32 bytes; made and kept outside production.'),
  ENCRYPTION_KEY: z.string().optional().describe('Key of secret variables, at least 32 bytes; made and kept outside production.'),
  ENCRYPTION_KEY_PREVIOUS: z.string().optional().describe('The key before, so that what it encrypted can still be read.'),
  CSRF_SECRET_FILE: z.string().optional().describe('A file with CSRF_SECRET, in place of it.'),
  ENCRYPTION_KEY_FILE: z.string().optional().describe('A file with ENCRYPTION_KEY, in place of it.'),
  ENCRYPTION_KEY_PREVIOUS_FILE: z.string().optional().describe('A file with ENCRYPTION_KEY_PREVIOUS, in place of it.'),
  BACKUP_PASSPHRASE: z
    .string()
    .optional()
    .describe('Locks backups in place of ENCRYPTION_KEY, for people to keep; at least 16 characters.'),
  BACKUP_PASSPHRASE_FILE: z.string().optional().describe('A file with BACKUP_PASSPHRASE, in place of it.'),
  CONSOLE_VERSION: z.string().default('development').describe('The version of the console, as it stands in backups; set by deploy.sh.'),
  ...vaultSettings('CSRF-SECRET'),
  CHECKPOINT_WEBHOOK_URL: z.url().optional().describe('Address to which signed checkpoints of all four audit logs are posted each minute.'),
  CHECKPOINT_WEBHOOK_URL_FILE: z.string().optional().describe('A file with that address, in place of it.'),
  HOST_NAME: z.string().optional().describe('What the host is called on the pages; the machine’s own name where it is not set.'),
  CHECK_HOSTS: List.optional().describe(
    'Further hosts that health checks may reach, beside DOMAIN and loopback; a leading dot takes every host below.',
  ),
  JWT_SECRET: z.string().optional().describe('Must not be set here: whoever holds it can sign anything.'),
  COOKIE_SECURE: z.enum(['true', 'false']).default('true').describe('`false` drops the Secure flag, for loopback origins only.'),
})

/** Secrets that may lie in a file, or in Key Vault. */
export const fromFiles = [
  'CSRF_SECRET',
  'ENCRYPTION_KEY',
  'ENCRYPTION_KEY_PREVIOUS',
  'BACKUP_PASSPHRASE',
  'COSMOS_KEY',
  'CHECKPOINT_WEBHOOK_URL',
]

export type Config = {
  readonly production: boolean
  readonly port: number
  readonly listenOn: readonly string[]
  readonly dataDir: string
  readonly keysDir: string
  readonly store: StoreSettings
  readonly platformUrl: string
  readonly dockerProxySocket: string
  readonly hostAgentSocket: string
  readonly allowedOrigins: readonly string[]
  readonly hosts: readonly string[]
  readonly trustedProxy: readonly string[]
  readonly productId: string
  readonly productName: string
  readonly csrfSecret: string
  /** The current key first, then the one before. */
  readonly encryptionKeys: readonly [string, ...string[]]
  /** The file that holds the current one; null where none does. */
  readonly encryptionKeyFile: string | null
  readonly backupLocks: readonly [Lock, ...Lock[]]
  readonly version: string
  readonly hostName: string
  /** Whether the gateway answers what is of agents to an address. */
  readonly seesAgents: (address: string) => boolean
  readonly checkpointWebhookUrl: string | undefined
  readonly domain: string
  readonly checkHosts: readonly string[]
  readonly cookieSecure: boolean
  readonly warnings: readonly string[]
}

/** Reads and checks everything at once. @throws Error with one line a problem. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const problems: string[] = []
  const given = withSecretFiles(env, fromFiles, problems)
  // A variable that is set to nothing is not set: compose files pass empty ones on.
  const read = Environment.safeParse(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== '')))
  if (!read.success) throw new Error(read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n'))
  const set = read.data
  const production = set.NODE_ENV === 'production'
  const dataDir = resolve(set.DATA_DIR)
  const warnings: string[] = []
  const secrets = secretsOf(dataDir, production, { CSRF_SECRET: set.CSRF_SECRET, ENCRYPTION_KEY: set.ENCRYPTION_KEY }, problems)
  if (set.JWT_SECRET !== undefined) {
    const why =
      'JWT_SECRET is set for devops-backend: whoever holds it can sign tokens and confirmations. Remove it here; only platform-service needs it.'
    if (production) problems.push(why)
    else warnings.push(why)
  }
  const allowedOrigins =
    set.ALLOWED_ORIGINS ??
    (production ? [`https://devops.${set.DOMAIN}`, `https://admin.${set.DOMAIN}`] : ['http://localhost:3000', 'http://localhost:3001'])
  if (production && set.CHECKPOINT_WEBHOOK_URL !== undefined && !set.CHECKPOINT_WEBHOOK_URL.startsWith('https://'))
    problems.push('CHECKPOINT_WEBHOOK_URL must be https in production.')
  if (set.COOKIE_SECURE === 'false' && !allowedOrigins.every((origin) => new URL(origin).hostname === 'localhost'))
    problems.push('COOKIE_SECURE=false is allowed only where every origin is localhost.')
  const networks = (set.PRIVATE_NETWORKS ?? []).map((text) => {
    const network = networkOf(text)
    if (!network) problems.push(`PRIVATE_NETWORKS: "${text}" is no address or network, such as 100.64.0.0/10.`)
    return network
  })
  const store = storeSettingsOf(set, {
    file: join(dataDir, 'devops', 'store.db'),
    production,
    problems,
    identity: () => azureIdentityOf(env),
  })
  problems.push(...passphraseProblems(set.BACKUP_PASSPHRASE))
  if (problems.length > 0) throw new Error(problems.join('\n'))
  const encryptionKeys = [secrets.ENCRYPTION_KEY, ...(set.ENCRYPTION_KEY_PREVIOUS ? [set.ENCRYPTION_KEY_PREVIOUS] : [])] as const
  return Object.freeze({
    production,
    port: set.PORT,
    listenOn: set.HOST ? [set.HOST] : ['127.0.0.1', '::1'],
    dataDir,
    store,
    keysDir: resolve(set.KEYS_DIR ?? join(dataDir, 'keys')),
    platformUrl: set.PLATFORM_SERVICE_URL,
    dockerProxySocket: resolve(set.DOCKER_PROXY_SOCKET ?? join(dataDir, 'run/docker-proxy.sock')),
    hostAgentSocket: resolve(set.HOST_AGENT_SOCKET ?? join(dataDir, 'run/host-agent.sock')),
    allowedOrigins,
    hosts: ['localhost', '127.0.0.1', '[::1]', `api.${set.DOMAIN}`, 'devops-backend'],
    trustedProxy: set.TRUSTED_PROXY ?? [],
    productId: set.PRODUCT_ID,
    productName: set.PRODUCT_NAME,
    csrfSecret: secrets.CSRF_SECRET,
    encryptionKeys,
    encryptionKeyFile: set.ENCRYPTION_KEY === undefined ? secretsFileIn(dataDir) : env.ENCRYPTION_KEY_FILE || null,
    backupLocks: locksOf(encryptionKeys, set.BACKUP_PASSPHRASE),
    version: set.CONSOLE_VERSION,
    checkpointWebhookUrl: set.CHECKPOINT_WEBHOOK_URL,
    hostName: set.HOST_NAME ?? hostname(),
    seesAgents:
      set.HERMES_PUBLIC === 'true' || set.PRIVATE_NETWORKS === undefined
        ? () => true
        : inNetworks(networks.filter((network) => network !== null)),
    domain: set.DOMAIN,
    checkHosts: set.CHECK_HOSTS ?? [],
    cookieSecure: set.COOKIE_SECURE === 'true',
    warnings,
  })
}

/** Where secrets lie that nobody set. */
const secretsFileIn = (dataDir: string): string => join(dataDir, 'devops', 'secrets.json')

type Secrets = { CSRF_SECRET: string; ENCRYPTION_KEY: string }

/** In production a missing or weak secret is a problem; elsewhere a missing one is made once and kept. */
function secretsOf(dataDir: string, production: boolean, given: { [K in keyof Secrets]: string | undefined }, problems: string[]): Secrets {
  const folder = join(dataDir, 'devops')
  const file = secretsFileIn(dataDir)
  const kept: Partial<Secrets> = !production && existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Partial<Secrets>) : {}
  const names = ['CSRF_SECRET', 'ENCRYPTION_KEY'] as const
  const made: Partial<Secrets> = {}
  for (const name of names) {
    const value = given[name] ?? kept[name] ?? (production ? undefined : randomBytes(32).toString('base64url'))
    if (value === undefined) {
      problems.push(`${name} is missing. Set it to at least 32 random bytes, for example: openssl rand -base64 32`)
      continue
    }
    try {
      assertSecret(name, value)
    } catch (error) {
      problems.push((error as Error).message)
    }
    made[name] = value
  }
  if (!production && names.some((name) => given[name] === undefined && kept[name] === undefined)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(file, `${JSON.stringify({ ...kept, ...made }, null, 2)}\n`, { mode: 0o600 })
    chmodSync(file, 0o600)
  }
  return { CSRF_SECRET: made.CSRF_SECRET ?? '', ENCRYPTION_KEY: made.ENCRYPTION_KEY ?? '' }
}

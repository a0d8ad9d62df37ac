import { join, resolve } from 'node:path'
import { locksOf, passphraseProblems } from '@console/backup-kit/backup-locks'
import type { Lock } from '@console/backups/backup-keys'
import { networkOf } from '@console/http-kit/networks'
import { vaultSettings } from '@console/http-kit/vault-settings'
import { type StoreSettings, storeSettingsOf } from '@console/store/open-store'
import { azureIdentityOf } from '@console/tokens/azure-identity'
import { assertSecret } from '@console/tokens/keys'
import { withSecretFiles } from '@console/tokens/secret-files'
import { z } from 'zod'
import { keptSecrets, secretsFileIn } from './kept-secrets.ts'
import { readSmtpAddress, type SmtpAddress } from './mail/smtp-address.ts'
import { type UpstreamSettings, upstreamOf } from './upstream-settings.ts'

const Port = z
  .string()
  .regex(/^[1-9][0-9]{0,4}$/, 'must be a port from 1 to 65535')
  .transform(Number)
  .pipe(z.int().max(65_535))
const List = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean),
)
const Secret = z.string().min(1).optional()
const File = (name: string) => z.string().min(1).optional().describe(`A file with ${name}, in place of it.`)

/** Every variable that platform-service reads; the reference page is made from the descriptions. */
export const Environment = z.object({
  NODE_ENV: z.string().optional().describe('`production` makes every start-up check strict.'),
  PORT: Port.default(4003).describe('Port of the API.'),
  HOST: z.string().optional().describe('Address to listen on; 127.0.0.1 and ::1 where it is not set.'),
  DATA_DIR: z.string().min(1).default('data').describe('Folder for the store, the audit log, secrets and the service key.'),
  KEYS_DIR: z.string().min(1).optional().describe('Folder of the public keys of all parts; `DATA_DIR/keys` where it is not set.'),
  STORE: z.enum(['sqlite', 'cosmos']).optional().describe('Document store; `sqlite` unless the Cosmos settings are given.'),
  COSMOS_ENDPOINT: z.string().min(1).optional().describe('Account of Cosmos DB (NoSQL API), `https://ACCOUNT.documents.azure.com`.'),
  COSMOS_KEY: Secret.describe('A read-write key of that account.'),
  COSMOS_KEY_FILE: File('COSMOS_KEY'),
  COSMOS_AUTH: z
    .enum(['key', 'entra'])
    .default('key')
    .describe(
      '`entra`: no key, but a token of Entra ID for the client of `AZURE_CLIENT_ID`, or for the identity of the machine or container.',
    ),
  COSMOS_DATABASE: z.string().min(1).default('bytelyst-platform').describe('Database in that account; both services share it.'),
  JWT_SECRET: Secret.describe('The one signing setting, at least 32 bytes; made and kept outside production.'),
  JWT_SECRET_PREVIOUS: Secret.describe('The secret before: it only verifies, so that a rotation signs nobody out.'),
  ENCRYPTION_KEY: Secret.describe('Key of second factors, at least 32 bytes; made and kept outside production.'),
  ENCRYPTION_KEY_PREVIOUS: Secret.describe('The key before, so that what it encrypted can still be read.'),
  JWT_SECRET_FILE: File('JWT_SECRET'),
  JWT_SECRET_PREVIOUS_FILE: File('JWT_SECRET_PREVIOUS'),
  ENCRYPTION_KEY_FILE: File('ENCRYPTION_KEY'),
  ENCRYPTION_KEY_PREVIOUS_FILE: File('ENCRYPTION_KEY_PREVIOUS'),
  BACKUP_PASSPHRASE: Secret.describe('Locks backups in place of ENCRYPTION_KEY, for people to keep; at least 16 characters.'),
  BACKUP_PASSPHRASE_FILE: File('BACKUP_PASSPHRASE'),
  CONSOLE_VERSION: z.string().default('development').describe('The version of the console, as it stands in backups; set by deploy.sh.'),
  SETUP_TOKEN_FILE: File('SETUP_TOKEN'),
  SMTP_URL_FILE: File('SMTP_URL'),
  SETUP_TOKEN: Secret.describe('The token that makes the first admin; a new one is printed at each start where it is not set.'),
  ...vaultSettings('JWT-SECRET'),
  DOMAIN: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/)
    .default('bytelyst.com')
    .describe('Domain from which public addresses are derived.'),
  ALLOWED_ORIGINS: List.optional().describe(
    'Exact origins of the dashboards, separated by commas; derived from DOMAIN where it is not set.',
  ),
  TRUSTED_PROXY: List.optional().describe('Addresses or networks whose X-Forwarded-For is believed, separated by commas.'),
  COOKIE_SECURE: z.enum(['true', 'false']).default('true').describe('`false` drops prefix and Secure flag, for localhost origins only.'),
  SMTP_URL: Secret.describe(
    'Mail server, `smtp://user:password@host:587?from=console@example.com`, or `smtps://` for TLS at once; `&ca=FILE` trusts a certificate of your own. No mail is sent where it is not set.',
  ),
  NEXT_PUBLIC_ADMIN_WEB_URL: z.url().optional().describe('Where Platform Admin is; links of invites and for new passwords lead there.'),
  OIDC_ISSUER: z
    .url()
    .optional()
    .describe('Sign-in provider (OpenID Connect), as its own configuration names it; none where it is not set.'),
  OIDC_CLIENT_ID: z.string().min(1).optional().describe('What the provider knows this console by.'),
  OIDC_CLIENT_SECRET: Secret.describe('What the console shows to the provider.'),
  OIDC_CLIENT_SECRET_FILE: File('OIDC_CLIENT_SECRET'),
  OIDC_NAME: z.string().trim().min(1).max(40).optional().describe('What the button calls the provider; its host where it is not set.'),
})

/** Made once and kept outside production; there they must be set. */
const kept = ['JWT_SECRET', 'ENCRYPTION_KEY'] as const
/** Secrets that may lie in a file, or in Key Vault. */
export const fromFiles = [
  'JWT_SECRET',
  'JWT_SECRET_PREVIOUS',
  'ENCRYPTION_KEY',
  'ENCRYPTION_KEY_PREVIOUS',
  'BACKUP_PASSPHRASE',
  'SETUP_TOKEN',
  'SMTP_URL',
  'COSMOS_KEY',
  'OIDC_CLIENT_SECRET',
]

export type Config = {
  readonly production: boolean
  readonly port: number
  readonly listenOn: readonly string[]
  readonly folder: string
  readonly keysDir: string
  readonly store: StoreSettings
  /** The current signing secret first, then the one before. */
  readonly jwtSecrets: readonly [string, ...string[]]
  /** The current key first, then the one before. */
  readonly encryptionKeys: readonly [string, ...string[]]
  /** The file that holds the current key; null where none does. */
  readonly encryptionKeyFile: string | null
  readonly backupLocks: readonly [Lock, ...Lock[]]
  readonly version: string
  readonly setupToken: string | undefined
  readonly issuer: string
  readonly allowedOrigins: readonly string[]
  /** The domain that passkeys are made for. */
  readonly rpId: string
  readonly hosts: readonly string[]
  readonly trustedProxy: readonly string[]
  readonly cookieSecure: boolean
  readonly adminWebUrl: string
  /** Null where no mail is sent. */
  readonly smtp: SmtpAddress | null
  /** The sign-in provider; null where none is set. */
  readonly upstream: UpstreamSettings | null
}

/** Reads and checks everything at once. @throws Error with one line a problem */
export function readConfig(given: Readonly<Record<string, string | undefined>>): Config {
  const unread: string[] = []
  const env = withSecretFiles(given, fromFiles, unread)
  // A variable that is set to nothing is not set: compose files pass empty ones on.
  const read = Environment.safeParse(Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')))
  const problems = read.success ? [] : read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  const set = read.success ? read.data : Environment.parse(onlyValid(env, problems))
  problems.push(...unread)
  const production = set.NODE_ENV === 'production'
  const dataDir = resolve(set.DATA_DIR)
  const folder = join(dataDir, 'platform')
  for (const name of ['JWT_SECRET', 'JWT_SECRET_PREVIOUS', 'ENCRYPTION_KEY', 'ENCRYPTION_KEY_PREVIOUS'] as const)
    problems.push(...weakness(name, set[name]))
  problems.push(...passphraseProblems(set.BACKUP_PASSPHRASE))
  if (production) problems.push(...weakness('SETUP_TOKEN', set.SETUP_TOKEN))
  for (const name of kept)
    if (production && set[name] === undefined)
      problems.push(`${name} is missing. Set it to at least 32 random bytes, for example: openssl rand -base64 32`)
  const allowedOrigins = set.ALLOWED_ORIGINS ?? originsOf(set.DOMAIN, production)
  for (const origin of allowedOrigins) problems.push(...originProblem(origin, set.DOMAIN, production))
  if (set.COOKIE_SECURE === 'false' && !allowedOrigins.every(isLocalhost))
    problems.push('COOKIE_SECURE=false is allowed only where every origin is localhost. Remove it, or the other origins.')
  const adminWebUrl = (set.NEXT_PUBLIC_ADMIN_WEB_URL ?? (production ? `https://admin.${set.DOMAIN}` : 'http://localhost:3001')).replace(
    /\/+$/,
    '',
  )
  if (production && !/^https:/.test(adminWebUrl) && !isLocalhost(adminWebUrl))
    problems.push(`NEXT_PUBLIC_ADMIN_WEB_URL: ${adminWebUrl} must be https in production, because invite links lead there.`)
  // All of them would mean that whoever asks says where from.
  for (const address of set.TRUSTED_PROXY ?? [])
    if (!networkOf(address)?.bits)
      problems.push(`TRUSTED_PROXY: "${address}" is no address or network. Hop counts and names are not believed.`)
  const mail = set.SMTP_URL === undefined ? { address: null } : readSmtpAddress(set.SMTP_URL, set.DOMAIN)
  if ('problem' in mail) problems.push(mail.problem)
  const store = storeSettingsOf(set, { file: join(folder, 'store.db'), production, problems, identity: () => azureIdentityOf(env) })
  const upstream = upstreamOf(set, { adminWebUrl, problems })
  if (problems.length > 0) throw new Error(problems.join('\n'))
  const missing = kept.filter((name) => set[name] === undefined)
  const secrets = { ...set, ...(missing.length > 0 && keptSecrets(folder, missing)) }
  const withPrevious = (name: (typeof kept)[number]): [string, ...string[]] => {
    const before = set[`${name}_PREVIOUS`]
    return [secrets[name] ?? '', ...(before === undefined ? [] : [before])]
  }
  const encryptionKeys = withPrevious('ENCRYPTION_KEY')
  return Object.freeze({
    production,
    port: set.PORT,
    listenOn: set.HOST ? [set.HOST] : ['127.0.0.1', '::1'],
    folder,
    keysDir: resolve(set.KEYS_DIR ?? join(dataDir, 'keys')),
    jwtSecrets: withPrevious('JWT_SECRET'),
    encryptionKeys,
    encryptionKeyFile: set.ENCRYPTION_KEY === undefined ? secretsFileIn(folder) : given.ENCRYPTION_KEY_FILE || null,
    backupLocks: locksOf(encryptionKeys, set.BACKUP_PASSPHRASE),
    version: set.CONSOLE_VERSION,
    setupToken: set.SETUP_TOKEN,
    issuer: `https://api.${set.DOMAIN}/platform/api`,
    allowedOrigins,
    rpId: allowedOrigins.every(isLocalhost) ? 'localhost' : set.DOMAIN,
    hosts: ['localhost', '127.0.0.1', '[::1]', `api.${set.DOMAIN}`, 'platform-service'],
    trustedProxy: set.TRUSTED_PROXY ?? [],
    cookieSecure: set.COOKIE_SECURE === 'true',
    adminWebUrl,
    smtp: 'address' in mail ? mail.address : null,
    upstream,
    store,
  })
}

/** What can be read of an environment with faults, so that the checks beyond single variables are told in the same breath. */
function onlyValid(env: Readonly<Record<string, string | undefined>>, problems: readonly string[]): Record<string, string | undefined> {
  const bad = new Set(problems.map((problem) => problem.split(/[.:]/)[0]))
  return Object.fromEntries(Object.entries(env).filter(([name, value]) => value !== '' && !bad.has(name)))
}

function weakness(name: string, value: string | undefined): string[] {
  if (value === undefined) return []
  try {
    assertSecret(name, value)
    return []
  } catch (error) {
    return [(error as Error).message]
  }
}

function originsOf(domain: string, production: boolean): string[] {
  return production ? [`https://devops.${domain}`, `https://admin.${domain}`] : ['http://localhost:3000', 'http://localhost:3001']
}

/** Both dashboards must be same-site with this API, or the browser never sends it the session. */
function originProblem(origin: string, domain: string, production: boolean): string[] {
  const url = URL.canParse(origin) ? new URL(origin) : null
  if (url?.origin !== origin) return [`ALLOWED_ORIGINS: "${origin}" is no origin. Write it as https://devops.${domain}`]
  if (isLocalhost(origin)) return []
  if (url.hostname !== domain && !url.hostname.endsWith(`.${domain}`))
    return [`ALLOWED_ORIGINS: ${origin} is not same-site with api.${domain}, so it would never be signed in. Set DOMAIN, or remove it.`]
  if (production && url.protocol !== 'https:') return [`ALLOWED_ORIGINS: ${origin} must be https in production.`]
  return []
}

function isLocalhost(origin: string): boolean {
  return URL.canParse(origin) && new URL(origin).hostname === 'localhost'
}

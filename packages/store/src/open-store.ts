import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import process from 'node:process'
import type { AzureIdentity } from '@console/tokens/azure-identity'
import { openCosmosStore } from './cosmos.ts'
import type { CosmosAccess } from './cosmos-client.ts'
import { withLease } from './lease.ts'
import type { DocStore } from './port.ts'
import { openSqliteStore } from './sqlite.ts'

export type StoreSettings =
  | { readonly driver: 'sqlite'; readonly file: string }
  | ({ readonly driver: 'cosmos'; readonly endpoint: string; readonly database: string } & CosmosAccess)

/** The collection in which a service keeps what it knows of its own store: who has it, and which migrations were done. */
export const metaOf = (owner: StoreOwner): string => `${owner}_meta`
export type StoreOwner = 'pf' | 'do'

/**
 * Opens the store of a service for this process alone: a file is locked, a hosted store is held by a lease.
 * @param waitMs how long to wait for a process before, which was killed and could not give its lease back
 * @throws StoreError Unavailable where it cannot be opened, or another process has it
 */
export async function openStore(settings: StoreSettings, owner: StoreOwner, { waitMs = 45_000 } = {}): Promise<DocStore> {
  if (settings.driver === 'sqlite') return openSqliteStore(settings.file)
  const store = await openCosmosStore(settings)
  try {
    return await withLease(store, { collection: metaOf(owner), holder: `${hostname()}:${process.pid}:${randomUUID()}`, waitMs })
  } catch (error) {
    await store.close()
    throw error
  }
}

type Given = {
  readonly STORE?: 'sqlite' | 'cosmos' | undefined
  readonly COSMOS_ENDPOINT?: string | undefined
  readonly COSMOS_KEY?: string | undefined
  readonly COSMOS_AUTH?: 'key' | 'entra' | undefined
  readonly COSMOS_DATABASE: string
}
type Around = {
  readonly file: string
  readonly production: boolean
  readonly problems: string[]
  /** Whom Entra ID knows this program as. @throws Error with what is wrong with the settings of it */
  readonly identity: () => AzureIdentity
}
/** The key that Microsoft prints for its emulator, the same on every machine. */
const sampleKey = 'C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw=='

/**
 * SQLite unless the settings of Cosmos DB are given, or `STORE` says otherwise.
 * @param problems gets one line for each thing that is wrong
 */
export function storeSettingsOf(
  { STORE, COSMOS_ENDPOINT: endpoint, COSMOS_KEY: key, COSMOS_AUTH: auth = 'key', COSMOS_DATABASE: database }: Given,
  { file, production, problems, identity }: Around,
): StoreSettings {
  const driver = STORE ?? (endpoint !== undefined || key !== undefined ? 'cosmos' : 'sqlite')
  if (driver === 'sqlite') return { driver, file }
  if (endpoint === undefined)
    problems.push('COSMOS_ENDPOINT is missing. Set it to https://ACCOUNT.documents.azure.com, or STORE to sqlite.')
  if (auth === 'key' && key === undefined)
    problems.push('COSMOS_KEY is missing. Set it to a read-write key of the account, or COSMOS_AUTH to entra, or STORE to sqlite.')
  if (auth === 'entra' && key !== undefined)
    problems.push('COSMOS_AUTH is entra, so COSMOS_KEY must not be set: nothing needs it, and whoever finds it could do everything.')
  const url = endpoint !== undefined && URL.canParse(endpoint) ? new URL(endpoint) : null
  if (endpoint !== undefined && url === null) problems.push(`COSMOS_ENDPOINT: "${endpoint}" is no address.`)
  if (url !== null && url.protocol !== 'https:' && (production || !['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)))
    problems.push(`COSMOS_ENDPOINT: ${url.origin} must be https, because documents go there.`)
  if (key !== undefined && (!/^[A-Za-z0-9+/]+={0,2}$/.test(key) || Buffer.from(key, 'base64').length < 32))
    problems.push('COSMOS_KEY is no key of an account: base64 of at least 32 bytes.')
  if (production && key === sampleKey) problems.push('COSMOS_KEY is the key of the emulator, which everybody knows.')
  if (!/^[A-Za-z0-9._-]{1,255}$/.test(database)) problems.push(`COSMOS_DATABASE: "${database}" is no name of a database.`)
  const known = { driver, endpoint: endpoint ?? '', database }
  if (auth === 'key') return { ...known, key: key ?? '' }
  try {
    return { ...known, identity: identity() }
  } catch (error) {
    problems.push((error as Error).message)
    return { ...known, key: '' }
  }
}

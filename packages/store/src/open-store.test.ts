import { azureIdentityOf } from '@console/tokens/azure-identity'
import { expect, it } from 'vitest'
import { openStore, storeSettingsOf } from './open-store.ts'

const key = Buffer.alloc(64, 7).toString('base64')
const read = (given: Readonly<Record<string, string>>, production = true) => {
  const problems: string[] = []
  const settings = storeSettingsOf(
    { COSMOS_DATABASE: 'console', ...given },
    { file: '/data/store.db', production, problems, identity: () => azureIdentityOf(given) },
  )
  return { settings, problems }
}

it('takes SQLite unless Cosmos DB is named, and what STORE says before both', () => {
  expect(read({})).toEqual({ settings: { driver: 'sqlite', file: '/data/store.db' }, problems: [] })
  const given = { COSMOS_ENDPOINT: 'https://a.documents.azure.com', COSMOS_KEY: key }
  expect(read(given)).toEqual({
    settings: { driver: 'cosmos', endpoint: 'https://a.documents.azure.com', key, database: 'console' },
    problems: [],
  })
  expect(read({ ...given, STORE: 'sqlite' }).settings.driver).toBe('sqlite')
})

it('takes whom Entra ID knows in place of a key', () => {
  const given = {
    COSMOS_ENDPOINT: 'https://a.test',
    COSMOS_AUTH: 'entra',
    AZURE_TENANT_ID: 't',
    AZURE_CLIENT_ID: 'c',
    AZURE_CLIENT_SECRET: 's',
  }
  const identity = expect.objectContaining({ tenantId: 't', clientId: 'c', clientSecret: 's' })
  expect(read(given)).toEqual({ settings: { driver: 'cosmos', endpoint: 'https://a.test', database: 'console', identity }, problems: [] })
})

it.each([
  [{ STORE: 'cosmos' }, 'COSMOS_ENDPOINT is missing'],
  [{ COSMOS_ENDPOINT: 'https://a.documents.azure.com' }, 'COSMOS_KEY is missing'],
  [{ COSMOS_ENDPOINT: 'https://a.test', COSMOS_KEY: key, COSMOS_AUTH: 'entra' }, 'COSMOS_KEY must not be set'],
  [{ COSMOS_ENDPOINT: 'https://a.test', COSMOS_AUTH: 'entra', AZURE_CLIENT_SECRET: 's' }, 'needs AZURE_TENANT_ID and AZURE_CLIENT_ID'],
  [
    { COSMOS_ENDPOINT: 'https://a.test', COSMOS_AUTH: 'entra', AZURE_AUTHORITY_HOST: 'http://a.test' },
    'AZURE_AUTHORITY_HOST must be https',
  ],
  [{ COSMOS_ENDPOINT: 'http://127.0.0.1:8081', COSMOS_KEY: key }, 'must be https'],
  [{ COSMOS_ENDPOINT: 'a.documents.azure.com', COSMOS_KEY: key }, 'is no address'],
  [{ COSMOS_ENDPOINT: 'https://a.test', COSMOS_KEY: 'short' }, 'is no key of an account'],
  [{ COSMOS_ENDPOINT: 'https://a.test', COSMOS_KEY: key, COSMOS_DATABASE: 'a/b' }, 'no name of a database'],
  [
    {
      COSMOS_ENDPOINT: 'https://a.test',
      COSMOS_KEY: 'C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==',
    },
    'key of the emulator',
  ],
])('refuses %j', (given, sentence) => {
  expect(read(given).problems.join()).toContain(sentence)
})

it('takes plain http to this machine outside production, and to no other', () => {
  expect(read({ COSMOS_ENDPOINT: 'http://127.0.0.1:8081', COSMOS_KEY: key }, false).problems).toEqual([])
  expect(read({ COSMOS_ENDPOINT: 'http://10.0.0.1:8081', COSMOS_KEY: key }, false).problems).toHaveLength(1)
})

it('opens the store that the settings name', async () => {
  const store = await openStore({ driver: 'sqlite', file: ':memory:' }, 'pf')
  store.collection({ name: 'things', fields: {} })
  await store.ready()
  await store.close()
})

import { azureIdentityOf } from '@console/tokens/azure-identity'
import { openVault, type VaultSettings } from '@console/tokens/key-vault'
import { withSecretFiles } from '@console/tokens/secret-files'
import { openIn, vaultOf, watchVault, withVaultSecrets } from '@console/tokens/vault-secrets'
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { type KeyVaultPeer, peerClient, peerIdentityHeader, startKeyVaultPeer } from './key-vault-peer.ts'

vi.setConfig({ testTimeout: 60_000 })

let peer: KeyVaultPeer
beforeAll(async () => {
  peer = await startKeyVaultPeer()
})
afterAll(() => peer.close())
beforeEach(() => {
  peer.fault = () => null
  peer.asked.length = 0
  peer.secrets.clear()
  peer.secrets.set('JWT-SECRET', 'uR3kq9vX2mLw8ZtY5bNc7JdP1sGhQ4fA')
})
const byClient = (more: Partial<VaultSettings> = {}) =>
  openVault({ url: peer.url, ca: peer.ca, authority: peer.url, ...peerClient, ...more }, { pauseMs: 1 })
const names = ['JWT_SECRET', 'ENCRYPTION_KEY']

it('reads by the name with dashes, as a client and as a managed identity, with one token for all', async () => {
  const identity = openVault({ url: peer.url, ca: peer.ca, identityEndpoint: `${peer.url}/msi/token`, identityHeader: peerIdentityHeader })
  for (const vault of [byClient(), identity]) {
    peer.asked.length = 0
    expect(await withVaultSecrets({ PORT: '1' }, names, { vault })).toEqual({ PORT: '1', JWT_SECRET: peer.secrets.get('JWT-SECRET') })
    expect(peer.asked.map((line) => line.split('/').at(-1))).toEqual(['token', 'JWT-SECRET', 'ENCRYPTION-KEY'])
  }
})

it('leaves alone what the environment or a file gives', async () => {
  expect(openIn({ JWT_SECRET: 'x', ENCRYPTION_KEY_FILE: '/run/secrets/key', SMTP_URL: '' }, [...names, 'SMTP_URL'])).toEqual(['SMTP_URL'])
  expect(openIn({ JWT_SECRET_FILE: '/dev/null', ENCRYPTION_KEY_FILE: '/nowhere' }, names)).toEqual(['JWT_SECRET'])
  expect(await withVaultSecrets({ JWT_SECRET: 'own' }, ['JWT_SECRET'], { vault: byClient() })).toEqual({ JWT_SECRET: 'own' })
  expect(peer.asked).toEqual([])
})

it('gives what an empty file leaves open, so that it is not given twice', async () => {
  const given = { JWT_SECRET_FILE: '/dev/null', ENCRYPTION_KEY_FILE: '/dev/null' }
  const env = await withVaultSecrets(given, names, { vault: byClient() })
  const problems: string[] = []
  expect(withSecretFiles(env, names, problems)).toMatchObject({ JWT_SECRET: peer.secrets.get('JWT-SECRET') })
  expect([env.ENCRYPTION_KEY_FILE, problems]).toEqual(['/dev/null', []])
})

it('knows the secret of the client from a file, and refuses one that is given twice', () => {
  const client = { AZURE_TENANT_ID: 't', AZURE_CLIENT_ID: 'c', AZURE_CLIENT_SECRET_FILE: import.meta.filename }
  expect(azureIdentityOf(client).clientSecret).toContain('knows the secret of the client from a file')
  expect(() => azureIdentityOf({ ...client, AZURE_CLIENT_SECRET: 'x' })).toThrow(
    'AZURE_CLIENT_SECRET and AZURE_CLIENT_SECRET_FILE are both set',
  )
  expect(() => azureIdentityOf({ ...client, AZURE_TENANT_ID: '' })).toThrow('needs AZURE_TENANT_ID')
})

it('asks again while the vault is busy or a connection ends, and for a new token where the old one was withdrawn', async () => {
  const vault = byClient()
  let left = 2
  peer.fault = (path) => (path.startsWith('/secrets') && left-- > 0 ? (left === 1 ? 'cut' : { status: 429, retryAfterSec: 0 }) : null)
  expect(await vault.get('JWT_SECRET')).toBe(peer.secrets.get('JWT-SECRET'))
  peer.withdrawTokens()
  expect(await vault.get('JWT_SECRET')).toBe(peer.secrets.get('JWT-SECRET'))
})

it('asks for a new token before the old one ends, and for none while it is good', async () => {
  const clock = { ms: 1_800_000_000_000 }
  const vault = openVault({ url: peer.url, ca: peer.ca, authority: peer.url, ...peerClient }, { pauseMs: 1, now: () => clock.ms })
  const tokens = async () => {
    peer.asked.length = 0
    await vault.get('JWT_SECRET')
    return peer.asked.filter((line) => line.endsWith('/token')).length
  }
  expect([await tokens(), await tokens()]).toEqual([1, 0])
  clock.ms += 3_599_000 - 120_000 - 1
  expect(await tokens()).toBe(0)
  clock.ms += 1
  expect(await tokens()).toBe(1)
})

it('takes a secret for absent where the vault says so, and not where something else is not found', async () => {
  expect(await byClient().get('ENCRYPTION_KEY')).toBeNull()
  peer.fault = (path) => (path.startsWith('/secrets') ? { status: 404 } : null)
  await expect(byClient().get('JWT_SECRET')).rejects.toThrow(/the vault, for JWT-SECRET, refused \(404, Injected\)/)
})

it('refuses to start where the vault is away, refuses, or shows another certificate, and never repeats a secret', async () => {
  peer.fault = () => ({ status: 503 })
  await expect(withVaultSecrets({}, names, { vault: byClient() })).rejects.toThrow(
    /^JWT_SECRET cannot be read from Key Vault as JWT-SECRET: .*busy or failing \(503\)/,
  )
  peer.fault = () => null
  const wrong = withVaultSecrets({}, names, { vault: byClient({ clientSecret: 'a wrong secret' }) }).catch((error: Error) => error)
  expect(String(await wrong)).toMatch(/what hands out tokens \(localhost:\d+\) refused \(401/)
  expect(String(await wrong)).not.toContain('a wrong secret')
  peer.fault = (path) => (path.startsWith('/secrets') ? { status: 403 } : null)
  await expect(byClient().get('JWT_SECRET')).rejects.toMatchObject({ code: 'refused' })
  peer.fault = () => null
  await expect(byClient({ ca: undefined }).get('JWT_SECRET')).rejects.toMatchObject({ code: 'away' })
})

it('takes a changed secret later, and keeps what it has while the vault is away', async () => {
  const changes: string[][] = []
  const warnings: string[] = []
  const watch = watchVault({
    vault: byClient(),
    names,
    known: { JWT_SECRET: peer.secrets.get('JWT-SECRET') },
    changed: (which, env) => changes.push([...which, env.JWT_SECRET ?? '']),
    warn: (message) => warnings.push(message),
  })
  await watch.look()
  peer.fault = () => ({ status: 503 })
  await watch.look()
  await watch.look()
  expect([changes, warnings.length]).toEqual([[], 1])
  peer.fault = () => null
  peer.secrets.set('JWT-SECRET', 'Kp7Wd2xT9cVb4NqZ6yRm1HsL8gFjE3aU')
  await watch.look()
  await watch.look()
  expect(changes).toEqual([['JWT_SECRET', 'Kp7Wd2xT9cVb4NqZ6yRm1HsL8gFjE3aU']])
  watch.stop()
})

it('takes no vault over plain http, and none where none is named', async () => {
  expect(vaultOf({})).toBeNull()
  expect(await withVaultSecrets({ A: '1' }, names)).toEqual({ A: '1' })
  for (const url of ['http://v.vault.azure.net', 'v.vault.azure.net', 'https://v.vault.azure.net/secrets'])
    expect(() => vaultOf({ AZURE_KEY_VAULT_URL: url })).toThrow('must be https')
  expect(() => vaultOf({ AZURE_KEY_VAULT_URL: 'https://v.vault.azure.net', AZURE_CLIENT_SECRET: 'x' })).toThrow('AZURE_TENANT_ID')
  expect(() => vaultOf({ AZURE_KEY_VAULT_URL: 'https://v.vault.azure.net', AZURE_AUTHORITY_HOST: 'http://login' })).toThrow(
    'AZURE_AUTHORITY_HOST',
  )
})

import { Agent } from 'node:https'
import { type CosmosPeer, startCosmosPeer } from '@console/testkit/cosmos-peer'
import { type KeyVaultPeer, peerClient, peerIdentityHeader, startKeyVaultPeer } from '@console/testkit/key-vault-peer'
import { certificateFor } from '@console/testkit/tls-front'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { openCosmosStore } from './cosmos.ts'
import type { DocStore } from './port.ts'

vi.setConfig({ testTimeout: 30_000 })

const declaration = { name: 'counters', fields: { n: 'number' }, sort: ['n'] } as const
const certificate = certificateFor(['localhost'])
const agent = new Agent({ ca: certificate.cert })
let tokens: KeyVaultPeer
let peer: CosmosPeer
let opened: DocStore[]
beforeEach(async () => {
  opened = []
  tokens = await startKeyVaultPeer()
  peer = await startCosmosPeer({ entra: { ...certificate, isGood: (token, endpoint) => tokens.isGood(token, endpoint) } })
  tokens.resources.add(peer.endpoint)
})
afterEach(async () => {
  for (const store of opened) await store.close()
  await peer.close()
  await tokens.close()
})

const client = () => ({ ...peerClient, authority: tokens.url, ca: tokens.ca })
const machine = () => ({ identityEndpoint: `${tokens.url}/msi/token`, identityHeader: peerIdentityHeader, ca: tokens.ca })
const open = async (access: { key: string } | { identity: ReturnType<typeof client | typeof machine> }) => {
  const store = await openCosmosStore({ ...access, endpoint: peer.endpoint, database: 'd', agent, patience: { pauseMs: 1, budgetMs: 300 } })
  opened.push(store)
  return store.collection<{ n: number }>(declaration)
}
/** What documents lie in is made by whoever has the key. */
const provision = async () => void (await (await open({ key: peer.key })).insert('p', 'first', { n: 1 }))
const asksForTokens = () => tokens.asked.filter((one) => /token$/.test(one)).length

it.each([
  ['a client with a secret', client],
  ['the identity of the machine', machine],
])('reads and writes as %s, by one token for all requests', async (_, identity) => {
  await provision()
  const counters = await open({ identity: identity() })
  expect((await counters.get('p', 'first'))?.doc).toEqual({ n: 1 })
  const { etag } = await counters.insert('p', 'second', { n: 2 })
  await counters.replace('p', 'second', { n: 3 }, etag)
  expect((await counters.find('p', { order: { f: 'n', dir: 'asc' }, limit: 9 })).items.map(({ doc }) => doc.n)).toEqual([1, 3])
  expect(asksForTokens()).toBe(1)
})

it('says what is missing where it may not make it', async () => {
  const counters = await open({ identity: client() })
  await expect(counters.get('p', 'first')).rejects.toMatchObject({
    code: 'Unavailable',
    message: expect.stringMatching(/database d is missing and cannot be made: the store refuses this account \(403, 5300\)/),
  })
})

it('says that the client is refused, and not with what', async () => {
  await provision()
  const counters = await open({ identity: { ...client(), clientSecret: 'another' } })
  const refused = await counters.get('p', 'first').catch((error: unknown) => error)
  expect(refused).toMatchObject({ code: 'Unavailable', message: expect.stringMatching(/the store cannot be asked: .*refused \(401/) })
  expect(String(refused)).not.toMatch(/another|secret of/)
})

it('refuses a token for another account', async () => {
  await provision()
  const elsewhere = { ...client(), tenantId: peerClient.tenantId }
  tokens.isGood = () => false
  const counters = await open({ identity: elsewhere })
  await expect(counters.get('p', 'first')).rejects.toMatchObject({
    code: 'Unavailable',
    message: expect.stringContaining('refuses this account (401'),
  })
})

it('waits while nobody hands out tokens, and writes once when somebody does', async () => {
  await provision()
  let away = 4
  tokens.fault = (path) => (path.endsWith('/token') && away-- > 0 ? { status: 503, retryAfterSec: 0 } : null)
  const store = await openCosmosStore({
    identity: client(),
    endpoint: peer.endpoint,
    database: 'd',
    agent,
    patience: { pauseMs: 1, budgetMs: 20_000 },
  })
  opened.push(store)
  const counters = store.collection<{ n: number }>(declaration)
  await counters.insert('p', 'third', { n: 3 })
  expect((await counters.get('p', 'third'))?.doc).toEqual({ n: 3 })
  expect(peer.asked.filter(({ write }) => write).length).toBeLessThanOrEqual(4)
})

it('says that nobody hands out tokens', async () => {
  await provision()
  tokens.fault = () => 'cut'
  const counters = await open({ identity: client() })
  await expect(counters.get('p', 'first')).rejects.toMatchObject({
    code: 'Unavailable',
    message: expect.stringContaining('the store cannot be asked'),
  })
})

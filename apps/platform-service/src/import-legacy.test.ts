import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CosmosPeer, startCosmosPeer } from '@console/testkit/cosmos-peer'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { importLegacy, readLegacyCommand } from './import-legacy.ts'
import { type LegacyDoc, translateLegacy } from './legacy-people.ts'
import { readImport } from './modules/people/read-import.ts'
import { setUp, startPlatform } from './platform.fake.ts'

const before: Record<'users' | 'memberships', LegacyDoc[]> = {
  users: [
    { id: 'u1', email: 'Bo@Example.com', name: 'Bo', passwordHash: 'hash of Bo', createdAt: '2024-01-01' },
    { id: 'u2', email: 'cy@example.com', memberships: [{ productId: 'bytelyst-devops', role: 'viewer' }] },
    { id: 'u3', email: 'no address', name: 'Di' },
    { id: 'u4', email: 'ed@example.com', name: 'Ed' },
    { id: 'u5', email: 'bo@example.com', name: 'Bo again' },
  ],
  memberships: [
    { id: 'm1', userId: 'u1', productId: 'bytelyst-devops', role: 'operator', plan: 'pro', expiresAt: null },
    { id: 'm2', userId: 'u1', productId: 'bytelyst-platform', role: 'viewer' },
    { id: 'm3', userId: 'u3', productId: 'bytelyst-devops', role: 'viewer' },
    { id: 'm4', userId: 'u4', productId: 'bytelyst-devops', role: 'owner' },
    { id: 'm5', userId: 'u9', productId: 'bytelyst-devops', role: 'viewer' },
    { id: 'm6', userId: 'u5', productId: 'bytelyst-devops', role: 'viewer' },
  ],
}
const refused = [
  ['memberships', 'm5', 'userId', 'names no user'],
  ['users', 'u3', 'email', expect.any(String)],
  ['users', 'u4', 'memberships.0.role', expect.any(String)],
  ['users', 'u5', 'email', 'an earlier user has it'],
]

let peer: CosmosPeer
let folder: string
beforeEach(async () => {
  peer = await startCosmosPeer()
  folder = mkdtempSync(join(tmpdir(), 'import-legacy-'))
  for (const [container, docs] of Object.entries(before)) peer.put('older', container, docs)
  peer.asked.length = 0
})
afterEach(async () => {
  await peer.close()
  rmSync(folder, { recursive: true })
})
const settings = () => ({ driver: 'cosmos', endpoint: peer.endpoint, key: peer.key, database: 'console' }) as const
const run = (out: string | null, database = 'older') => importLegacy({ what: 'import-legacy', database, out }, settings())

it('tells in a dry run what can be taken and what not, by field, and writes nothing anywhere', async () => {
  peer.pageItems = 2
  const lines = await run(null)
  expect(lines.slice(0, 2)).toEqual(['older: 5 users, 6 memberships', '2 people can be imported, with 3 memberships'])
  expect(lines.filter((line) => line.startsWith('refused')).map((line) => line.split(':').slice(0, 2).join(':'))).toEqual(
    refused.map(([container, id, field]) => `refused  ${container} ${id}: ${field}`),
  )
  expect(lines.at(-2)).toBe('not read: users.passwordHash, users.createdAt')
  expect(lines.at(-1)).toContain('dry run')
  expect(lines.join()).not.toContain('hash of Bo')
  expect(peer.asked.filter(({ write }) => write)).toEqual([])
  expect(readdirSync(folder)).toEqual([])
}, 30_000)

it('writes files that the import takes, for their owner alone, once, and leaves the older documents as they are', async () => {
  expect((await run(folder)).at(-1)).toContain('1 files')
  const file = join(folder, 'people-1.json')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const text = readFileSync(file, 'utf8')
  expect(text).not.toContain('hash')
  expect(readImport('json', text).map((row) => 'wish' in row && row.email)).toEqual(['bo@example.com', 'cy@example.com'])
  expect(peer.asked.filter(({ write }) => write)).toEqual([])
  await expect(run(folder)).rejects.toThrow('people-1.json cannot be made (EEXIST)')

  const platform = await startPlatform()
  try {
    const admin = await setUp(platform)
    const ask = (dryRun: boolean) => admin.post('/users/import', { format: 'json', as: 'invites', text, dryRun })
    expect((await ask(true)).body).toMatchObject({ created: 2, refused: 0, dryRun: true })
    expect((await ask(false)).body).toMatchObject({ created: 2, refused: 0 })
    expect((await ask(false)).body).toMatchObject({ created: 0, exists: 2 })
  } finally {
    await platform.close()
  }
}, 30_000)

it('names what is not there, and makes none', async () => {
  await expect(run(null, 'nothing')).rejects.toThrow('there is no container users in the database nothing')
  expect(peer.asked.filter(({ write }) => write)).toEqual([])
  await expect(importLegacy({ what: 'import-legacy', database: 'older', out: null }, { driver: 'sqlite', file: 'x' })).rejects.toThrow(
    'set COSMOS_ENDPOINT',
  )
}, 30_000)

it.each([
  [['import-legacy', '--database', 'older'], { what: 'import-legacy', database: 'older', out: null }],
  [['import-legacy', '--out', '/tmp/x', '--database', 'older'], { what: 'import-legacy', database: 'older', out: '/tmp/x' }],
  [['import-legacy'], null],
  [['import-legacy', '--database'], null],
  [['import-legacy', '--database', 'a', '--database', 'b'], null],
  [['import-legacy', '--into', 'older'], null],
  [['admin:list'], null],
])('reads %j', (words, command) => expect(readLegacyCommand(words)).toEqual(command))

it('judges each as the import does', () => {
  const { refusals } = translateLegacy(before.users, before.memberships)
  expect(refusals.map(({ container, id, field, rule }) => [container, id, field, rule])).toEqual(refused)
  const twice = translateLegacy(
    [{ id: 'u', email: 'a@example.com', memberships: [{ productId: 'devops', role: 'viewer' }] }],
    [{ id: 'm', userId: 'u', productId: 'devops', role: 'admin' }],
  )
  expect([twice.rows, twice.refusals.map(({ rule }) => rule)]).toEqual([[], ['names a product twice']])
})

import { startCosmosPeer } from '@console/testkit/cosmos-peer'
import { expect, it, vi } from 'vitest'
import { copyStore, sumOf } from './copy-store.ts'
import { openCosmosStore } from './cosmos.ts'
import type { DocStore } from './port.ts'
import { openSqliteStore } from './sqlite.ts'

vi.setConfig({ testTimeout: 60_000 })

const people = { name: 'people', fields: { name: 'string', age: 'number' }, sort: ['age'], unique: [['age']] } as const
const rows = { name: 'rows', fields: {}, log: true } as const
const all = [people, rows]

async function filled(): Promise<DocStore> {
  const store = openSqliteStore(':memory:')
  const [one, two] = [store.collection<object>(people), store.collection<object>(rows)]
  for (let n = 0; n < 90; n += 1)
    await one.insert(`p${n % 7}`, `i${n}`, { name: n % 3 ? `n${n} é 漢 🦊` : null, age: n, z: [1.5, { b: true, a: [] }], a: '' })
  for (let n = 0; n < 5; n += 1) await two.insert('log', `r${n}`, { n })
  return store
}
const linesOf = async (store: DocStore) => {
  const lines: string[] = []
  for (const declaration of all)
    for await (const { pk, id, doc } of store.everything(declaration)) lines.push(JSON.stringify([pk, id, doc]))
  return lines.sort()
}

it('copies SQLite to Cosmos DB and back, and nothing differs', async () => {
  const peer = await startCosmosPeer()
  const open = () => openCosmosStore({ endpoint: peer.endpoint, key: peer.key, database: 'd', patience: { pauseMs: 1 } })
  const [first, cosmos, last] = [await filled(), await open(), openSqliteStore(':memory:')]
  let count = 0
  peer.fault = ({ write }) => {
    count += 1
    if (count % 40 === 0) return { status: 429, retryAfterMs: 1 }
    return write && count % 51 === 0 ? 'after' : null
  }
  const there = await copyStore(first, cosmos, all)
  const back = await copyStore(cosmos, last, all)
  expect(there).toEqual(back)
  expect(there.map(({ documents }) => documents)).toEqual([90, 5])
  expect(await linesOf(last)).toEqual(await linesOf(first))
  // The same once more changes nothing: a copy that was interrupted is begun anew.
  expect(await copyStore(first, cosmos, all)).toEqual(there)
  await Promise.all([first.close(), cosmos.close(), last.close()])
  await peer.close()
})

it('refuses a target that holds something else, and writes nothing there', async () => {
  const [from, to] = [await filled(), openSqliteStore(':memory:')]
  await to.collection<object>(rows).insert('log', 'r3', { n: 99 })
  await expect(copyStore(from, to, all)).rejects.toThrow('rows of the target holds another document r3')
  const beside = openSqliteStore(':memory:')
  await beside.collection<object>(rows).insert('log', 'more', { n: 1 })
  await expect(copyStore(from, beside, all)).rejects.toThrow('rows of the target holds a document that is not here, more')
  for (const target of [to, beside]) expect((await linesOf(target)).length).toBe(1)
  await Promise.all([from.close(), to.close(), beside.close()])
})

it('counts and hashes what came there, and says where that is not what was here', async () => {
  const [from, to] = [await filled(), openSqliteStore(':memory:')]
  const forgetful: DocStore = {
    ...to,
    async *everything(declaration) {
      for await (const placed of to.everything(declaration)) if (placed.id !== 'r3') yield placed
    },
  }
  await expect(copyStore(from, forgetful, [rows])).rejects.toThrow('rows differs after the copy: 5 documents there, 4 here')
  await Promise.all([from.close(), to.close()])
})

it('does not take a document that somebody put there meanwhile for its own', async () => {
  const [from, to] = [await filled(), openSqliteStore(':memory:')]
  await to.collection<object>(rows).insert('log', 'r3', { n: 99 })
  const unseen: DocStore = { ...to, everything: async function* () {} }
  await expect(copyStore(from, unseen, [rows])).rejects.toThrow('holds another document r3')
  await Promise.all([from.close(), to.close()])
})

it('tells by its sum what differs in one value, and not in what order it lies', async () => {
  const sum = async (doc: object) => {
    const store = openSqliteStore(':memory:')
    await store.collection<object>(rows).insert('log', 'r', doc)
    const { sha256 } = await sumOf(store, rows)
    await store.close()
    return sha256
  }
  expect(await sum({ a: 1, b: { c: [1, 2], d: null } })).toBe(await sum({ b: { d: null, c: [1, 2] }, a: 1 }))
  expect(await sum({ a: 1 })).not.toBe(await sum({ a: '1' }))
  expect(await sum({ a: [1, 2] })).not.toBe(await sum({ a: [2, 1] }))
})

import { expect, it } from 'vitest'
import { type Migration, runMigrations } from './migrations.ts'
import { type Doc, type DocStore, StoreError } from './port.ts'
import { openSqliteStore } from './sqlite.ts'

type Person = { n: number; color?: string; size?: number }
const people = { name: 'people', fields: {} } as const
const colors: Migration = {
  id: '0001-colors',
  collection: people,
  partition: 'all',
  change: (doc) => ('color' in doc ? null : { ...doc, color: 'red' }),
}
const sizes: Migration = {
  id: '0002-sizes',
  collection: people,
  partition: 'all',
  change: (doc) => ('size' in doc ? null : { ...doc, size: 1 }),
}
const now = () => 1_800_000_000_000

async function filled(count: number): Promise<DocStore> {
  const store = openSqliteStore(':memory:')
  for (let n = 0; n < count; n += 1) await store.collection<Person>(people).insert('all', `i${String(n).padStart(4, '0')}`, { n })
  return store
}
const run = (store: DocStore, migrations: readonly Migration[], more: object = {}) =>
  runMigrations({ store, meta: 'meta', migrations, now, ...more })
const countOf = async (store: DocStore, has: keyof Person) => {
  let count = 0
  for await (const { doc } of store.everything(people)) if (has in doc) count += 1
  return count
}

it('does each once and in order', async () => {
  const store = await filled(250)
  expect(await run(store, [colors])).toEqual([{ id: '0001-colors', state: 'done', seen: 250, changed: 250 }])
  expect(await run(store, [colors, sizes])).toEqual([
    { id: '0001-colors', state: 'done before', seen: 250, changed: 250 },
    { id: '0002-sizes', state: 'done', seen: 250, changed: 250 },
  ])
  for (const wrong of [[sizes, colors], [colors, colors], [{ ...colors, id: 'colors' }], [{ ...colors, id: '1-colors' }]])
    await expect(run(store, wrong)).rejects.toThrow('stand in order')
  await store.close()
})

it('tells dry what it would do, and writes nothing', async () => {
  const store = await filled(3)
  expect(await run(store, [colors], { dryRun: true })).toEqual([{ id: '0001-colors', state: 'would run', seen: 3, changed: 3 }])
  expect(await countOf(store, 'color')).toBe(0)
  expect((await run(store, [colors]))[0]?.state).toBe('done')
  await store.close()
})

it('goes on where it was interrupted', async () => {
  const store = await filled(250)
  let left = 130
  const breaks: Migration = {
    ...colors,
    change: (doc: Doc) => {
      if (left-- <= 0) throw new Error('interrupted')
      return colors.change(doc)
    },
  }
  await expect(run(store, [breaks])).rejects.toThrow('interrupted')
  expect(await countOf(store, 'color')).toBe(130)
  let seen = 0
  const counts: Migration = {
    ...colors,
    change: (doc: Doc) => {
      seen += 1
      return colors.change(doc)
    },
  }
  expect(await run(store, [counts])).toEqual([{ id: '0001-colors', state: 'done', seen: 250, changed: 220 }])
  // The first page was written down as done; the second is looked at again.
  expect(seen).toBe(150)
  expect(await countOf(store, 'color')).toBe(250)
  await store.close()
})

it('lets one of two that run at the same time end', async () => {
  const store = await filled(350)
  const both = await Promise.allSettled([run(store, [colors]), run(store, [colors])])
  expect(both.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(1)
  for (const one of both)
    if (one.status === 'rejected') {
      expect(one.reason).toBeInstanceOf(StoreError)
      expect(['Conflict', 'Precondition']).toContain(one.reason.code)
    }
  await run(store, [colors])
  expect(await countOf(store, 'color')).toBe(350)
  await store.close()
})

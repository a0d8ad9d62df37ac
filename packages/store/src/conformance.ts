import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Collection, DocStore, Page } from './port.ts'

type Thing = { name: string; size: number; open: boolean; tags: string[]; note?: string | null }
const declaration = {
  name: 'things',
  fields: { name: 'ascii', size: 'number', open: 'boolean', tags: 'string[]', note: 'string' },
  sort: ['name', 'size'],
  unique: [['name']],
} as const
const thing = (name: string, over: Partial<Thing> = {}): Thing => ({ name, size: 1, open: false, tags: [], ...over })

/** What every driver must do. A driver's own test calls it with a way to make an empty store. */
export function describeStore(name: string, make: () => DocStore | Promise<DocStore>): void {
  describe(`${name}: the document store`, () => {
    let store: DocStore
    let things: Collection<Thing>
    beforeEach(async () => {
      store = await make()
      things = store.collection<Thing>(declaration)
    })
    afterEach(() => store.close())
    const names = (page: Page<Thing>) => page.items.map(({ doc }) => doc.name)

    it('answers null for what is not there', async () => expect(await things.get('p', 'x')).toBeNull())

    it('gives back what was put in, as a copy, with an etag', async () => {
      const put = await things.insert('p', 'a', thing('a', { note: 'é 漢 🦊', tags: ['x'] }))
      const got = await things.get('p', 'a')
      expect(got).toEqual(put)
      if (got) got.doc.name = 'changed'
      expect((await things.get('p', 'a'))?.doc.name).toBe('a')
    })

    it('refuses a taken id, and takes the same id in another partition or collection', async () => {
      await things.insert('p', 'a', thing('a'))
      await expect(things.insert('p', 'a', thing('b'))).rejects.toMatchObject({ code: 'Conflict' })
      await things.insert('q', 'a', thing('a'))
      await store.collection<Thing>({ ...declaration, name: 'others' }).insert('p', 'a', thing('a'))
    })

    it('replaces with a good etag only, and an old etag never comes back', async () => {
      const first = await things.insert('p', 'a', thing('a'))
      const second = await things.replace('p', 'a', thing('a', { size: 2 }), first.etag)
      await expect(things.replace('p', 'a', thing('a', { size: 3 }), first.etag)).rejects.toMatchObject({ code: 'Precondition' })
      const third = await things.replace('p', 'a', thing('a'), second.etag)
      expect(new Set([first.etag, second.etag, third.etag]).size).toBe(3)
      expect((await things.get('p', 'a'))?.doc.size).toBe(1)
    })

    it('says NotFound for a replace or a remove of nothing', async () => {
      await expect(things.replace('p', 'a', thing('a'), 'e')).rejects.toMatchObject({ code: 'NotFound' })
      await expect(things.remove('p', 'a', 'e')).rejects.toMatchObject({ code: 'NotFound' })
    })

    it('removes with a good etag only; the id and unique fields are free again', async () => {
      const first = await things.insert('p', 'a', thing('a'))
      await expect(things.remove('p', 'a', 'stale')).rejects.toMatchObject({ code: 'Precondition' })
      await things.remove('p', 'a', first.etag)
      const again = await things.insert('p', 'a', thing('a'))
      await expect(things.replace('p', 'a', thing('a'), first.etag)).rejects.toMatchObject({ code: 'Precondition' })
      expect(again.etag).not.toBe(first.etag)
    })

    it('lets one of twenty racing writers win', async () => {
      const { etag } = await things.insert('p', 'a', thing('a'))
      const replaced = await Promise.allSettled(
        Array.from({ length: 20 }, (_, size) => things.replace('p', 'a', thing('a', { size }), etag)),
      )
      expect(replaced.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      const inserted = await Promise.allSettled(Array.from({ length: 20 }, () => things.insert('p', 'b', thing('b'))))
      expect(inserted.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    })

    it('refuses bad ids, texts, numbers, sizes, depths and untyped fields', async () => {
      for (const id of ['', 'a/b', 'a\\b', 'a#b', 'a?b', 'a b', 'é', 'x'.repeat(201)])
        await expect(things.insert('p', id, thing('a'))).rejects.toMatchObject({ code: 'Invalid' })
      for (const note of ['nul\0', 'lone \ud800'])
        await expect(things.insert('p', 'a', thing('a', { note }))).rejects.toMatchObject({ code: 'Invalid' })
      for (const size of [Number.NaN, Number.POSITIVE_INFINITY, -0, 2 ** 53])
        await expect(things.insert('p', 'a', thing('a', { size }))).rejects.toMatchObject({ code: 'Invalid' })
      await expect(things.insert('p', 'a', thing('a', { size: '1' as never }))).rejects.toMatchObject({ code: 'Invalid' })
      await expect(things.insert('p', 'a', { size: 1, open: true, tags: [] } as never)).rejects.toMatchObject({ code: 'Invalid' })
      await expect(things.insert('p', 'a', { ...thing('a'), big: 'x'.repeat(1_900_001) } as never)).rejects.toMatchObject({
        code: 'TooLarge',
      })
      let deep: unknown = 1
      for (let n = 0; n < 70; n += 1) deep = [deep]
      await expect(things.insert('p', 'a', { ...thing('a'), deep } as never)).rejects.toMatchObject({ code: 'Invalid' })
      expect(await things.get('p', 'a')).toBeNull()
    })

    it('keeps null, absent and empty apart, and finds both as absent', async () => {
      await things.insert('p', 'a', thing('a', { note: null }))
      await things.insert('p', 'b', thing('b'))
      await things.insert('p', 'c', thing('c', { note: '' }))
      expect(names(await things.find('p', { where: [{ f: 'note', op: 'absent' }], limit: 9 }))).toEqual(['a', 'b'])
      expect(Object.hasOwn((await things.get('p', 'b'))?.doc ?? {}, 'note')).toBe(false)
    })

    it('asks in one partition, by type, literally and case by case', async () => {
      await things.insert('p', '1', thing('aa%', { size: 10, open: true, tags: ['x', 'y'] }))
      await things.insert('p', '2', thing('ab_', { size: 9 }))
      await things.insert('p', '3', thing('AA', { size: 100, tags: ['xy'] }))
      await things.insert('q', '1', thing('aaa', { open: true }))
      const ask = async (...where: Parameters<typeof things.find>[1]['where'] & object) =>
        names(await things.find('p', { where, limit: 9 }))
      expect(await ask({ f: 'open', op: 'eq', v: true })).toEqual(['aa%'])
      expect(await ask({ f: 'size', op: 'gte', v: 10 })).toEqual(['aa%', 'AA'])
      expect(await ask({ f: 'size', op: 'gt', v: 9 }, { f: 'size', op: 'lt', v: 100 })).toEqual(['aa%'])
      expect(await ask({ f: 'name', op: 'prefix', v: 'aa%' })).toEqual(['aa%'])
      expect(await ask({ f: 'name', op: 'prefix', v: 'a' })).toEqual(['aa%', 'ab_'])
      expect(await ask({ f: 'name', op: 'eq', v: 'aa' })).toEqual([])
      expect(await ask({ f: 'tags', op: 'has', v: 'x' })).toEqual(['aa%'])
      expect(await ask({ f: 'name', op: 'in', v: ['AA', 'nobody'] })).toEqual(['AA'])
      expect(await ask({ f: 'name', op: 'eq', v: "' OR 1=1 --" })).toEqual([])
    })

    it('refuses what was not declared', async () => {
      await expect(things.find('p', { where: [{ f: 'other', op: 'eq', v: 1 }], limit: 1 })).rejects.toMatchObject({ code: 'Invalid' })
      await expect(things.find('p', { where: [{ f: 'size', op: 'eq', v: '1' }], limit: 1 })).rejects.toMatchObject({ code: 'Invalid' })
      await expect(things.find('p', { order: { f: 'note', dir: 'asc' }, limit: 1 })).rejects.toMatchObject({ code: 'Invalid' })
      await expect(things.find('p', { limit: 0 })).rejects.toMatchObject({ code: 'Invalid' })
    })

    for (const dir of ['asc', 'desc'] as const)
      for (const limit of [1, 2, 3, 7, 20, 21])
        it(`pages through everything once, ${dir} by ${limit}, ties by id`, async () => {
          for (let n = 0; n < 20; n += 1) await things.insert('p', `id${String(n).padStart(2, '0')}`, thing(`n${n}`, { size: n % 4 }))
          const seen: { id: string; size: number }[] = []
          let after: string | undefined
          let pages = 0
          do {
            const page: Page<Thing> = await things.find('p', { order: { f: 'size', dir }, limit, ...(after && { after }) })
            seen.push(...page.items.map(({ id, doc }) => ({ id, size: doc.size })))
            after = page.cursor
            pages += 1
          } while (after)
          const sign = dir === 'asc' ? 1 : -1
          expect(seen).toEqual([...seen].sort((a, b) => sign * (a.size - b.size || (a.id < b.id ? -1 : 1))))
          expect(new Set(seen.map(({ id }) => id)).size).toBe(20)
          expect(pages).toBe(Math.ceil(20 / limit))
        })

    it('refuses a cursor of another question', async () => {
      for (const id of ['a', 'b', 'c']) await things.insert('p', id, thing(id))
      const { cursor = '' } = await things.find('p', { limit: 1 })
      await expect(things.find('q', { limit: 1, after: cursor })).rejects.toMatchObject({ code: 'Invalid' })
      await expect(things.find('p', { limit: 1, after: 'garbage' })).rejects.toMatchObject({ code: 'Invalid' })
    })

    it('holds unique fields within a partition', async () => {
      await things.insert('p', 'a', thing('same'))
      await expect(things.insert('p', 'b', thing('same'))).rejects.toMatchObject({ code: 'Conflict' })
      await things.insert('q', 'b', thing('same'))
    })

    it('does all of a batch or none of it', async () => {
      const { etag } = await things.insert('p', 'a', thing('a'))
      const conflict = things.batch('p', [
        { op: 'insert', id: 'b', doc: thing('b') },
        { op: 'insert', id: 'a', doc: thing('x') },
      ])
      await expect(conflict).rejects.toMatchObject({ code: 'Conflict' })
      const stale = things.batch('p', [
        { op: 'insert', id: 'b', doc: thing('b') },
        { op: 'remove', id: 'a', ifMatch: 'stale' },
      ])
      await expect(stale).rejects.toMatchObject({ code: 'Precondition' })
      expect(await things.get('p', 'b')).toBeNull()
      await things.batch('p', [
        { op: 'insert', id: 'b', doc: thing('b') },
        { op: 'remove', id: 'a', ifMatch: etag },
      ])
      expect(names(await things.find('p', { limit: 9 }))).toEqual(['b'])
      await expect(things.batch('p', [])).rejects.toMatchObject({ code: 'Invalid' })
    })

    it('lets a log only grow', async () => {
      const log = store.collection<Thing>({ ...declaration, name: 'rows', log: true })
      const { etag } = await log.insert('p', 'a', thing('a'))
      await expect(log.replace('p', 'a', thing('a'), etag)).rejects.toMatchObject({ code: 'Invalid' })
      await expect(log.remove('p', 'a', etag)).rejects.toMatchObject({ code: 'Invalid' })
      for (const op of [
        { op: 'replace', id: 'a', doc: thing('a'), ifMatch: etag },
        { op: 'remove', id: 'a', ifMatch: etag },
      ] as const)
        await expect(log.batch('p', [{ op: 'insert', id: 'b', doc: thing('b') }, op])).rejects.toMatchObject({ code: 'Invalid' })
      expect(await log.get('p', 'b')).toBeNull()
    })
  })
}

import { type Collection, StoreError } from '@console/store/port'
import { openSqliteStore } from '@console/store/sqlite'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Answering, unsure } from './unsure-collection.fake.ts'
import { watched } from './watched-collection.ts'

type Note = { text: string }
const newNotes = () => openSqliteStore(':memory:').collection<Note>({ name: 'notes', fields: {} })
/** What a follower makes of what it is told. */
async function follow(collection: Collection<Note>) {
  const notes = watched(collection, 'all')
  const seen = new Map<string, string>()
  await notes.follow((id, stored) => (stored ? seen.set(id, `${stored.etag} ${stored.doc.text}`) : seen.delete(id)))
  return { notes, seen }
}
async function inStore(collection: Collection<Note>): Promise<Map<string, string>> {
  const { items } = await collection.find('all', { limit: 100 })
  return new Map(items.map(({ id, etag, doc }) => [id, `${etag} ${doc.text}`]))
}

describe('a collection that is followed', () => {
  it('is known as it is after any writes, in whatever order their answers come, and where some are lost', async () => {
    const deed = fc.record({
      what: fc.constantFrom('insert', 'replace', 'remove', 'batch'),
      id: fc.constantFrom('a', 'b', 'c'),
      how: fc.constantFrom<Answering>('at once', 'later', 'lost'),
    })
    const rounds = fc.array(fc.array(deed, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(rounds, async (all) => {
        const inner = newNotes()
        const answers: Answering[] = []
        const { notes, seen } = await follow(unsure(inner, () => answers.shift() ?? 'at once'))
        for (const round of all) {
          await Promise.allSettled(
            round.map(async ({ what, id, how }, at) => {
              const found = await inner.get('all', id)
              const doc = { text: `${what} ${at}` }
              answers.push(how)
              if (what === 'insert') await notes.insert('all', id, doc)
              else if (what === 'remove') await notes.remove('all', id, found?.etag ?? '')
              else if (what === 'replace') await notes.replace('all', id, doc, found?.etag ?? '')
              else
                await notes.batch('all', [
                  { op: 'insert', id: `${id}${at}`, doc },
                  { op: 'replace', id, doc, ifMatch: found?.etag ?? '' },
                ])
            }),
          )
          expect(seen).toEqual(await inStore(inner))
        }
      }),
      { numRuns: 200 },
    )
  })

  it('is known at once to whoever wrote, while somebody else still writes the same', async () => {
    const inner = newNotes()
    const held = Promise.withResolvers<void>()
    const slow: Collection<Note> = {
      ...inner,
      replace: async (...of) => {
        const stored = await inner.replace(...of)
        if (stored.doc.text === 'slow') await held.promise
        return stored
      },
    }
    const { notes, seen } = await follow(slow)
    const { etag } = await notes.insert('all', 'a', { text: 'first' })
    const slowly = notes.replace('all', 'a', { text: 'slow' }, etag)
    const now = await inner.get('all', 'a')
    const quick = await notes.replace('all', 'a', { text: 'quick' }, now?.etag ?? '')
    expect(seen.get('a')).toBe(`${quick.etag} quick`)
    held.resolve()
    await slowly
    expect(seen.get('a')).toBe(`${quick.etag} quick`)
  })

  it('is read again when asked, where the store said nothing since a write was lost', async () => {
    const inner = newNotes()
    let away = false
    const gone: Collection<Note> = {
      ...unsure(inner, () => (away ? 'lost' : 'at once')),
      get: async (pk, id) => {
        if (away) throw new StoreError('Unavailable', 'away')
        return inner.get(pk, id)
      },
    }
    const { notes, seen } = await follow(gone)
    away = true
    await expect(notes.insert('all', 'a', { text: 'lost' })).rejects.toThrow('the answer was lost')
    expect(seen.size).toBe(0)
    await expect(notes.settle()).rejects.toThrow('away')
    away = false
    await notes.settle()
    expect(seen).toEqual(await inStore(inner))
    expect(seen.size).toBe(1)
  })

  it('tells what was there before', async () => {
    const inner = newNotes()
    await inner.insert('all', 'a', { text: 'old' })
    expect((await follow(inner)).seen).toEqual(await inStore(inner))
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Entry, type PeopleQuery, pageOfPeople } from './people-list.ts'

const person = (over: Partial<Entry>): Entry => ({
  id: 'p1',
  name: 'Ada King',
  email: 'ada@example.com',
  status: 'active',
  createdAt: '2026-01-01T00:00:00.000Z',
  lastSeenAt: null,
  memberships: [{ productId: 'bytelyst-devops', role: 'viewer' }],
  ...over,
})
const ids = (entries: readonly Entry[], query: PeopleQuery) => pageOfPeople(entries, query).items.map(({ id }) => id)

describe('the list of people', () => {
  const people = [
    person({ id: 'a', name: 'Zoë Müller', email: 'zoe@example.com' }),
    person({ id: 'b', name: 'Ada King', memberships: [{ productId: 'bytelyst-devops', role: 'admin' }] }),
    person({ id: 'c', name: 'Bob', email: 'bob@partner.example', status: 'invited', lastSeenAt: '2026-02-01T00:00:00.000Z' }),
    person({
      id: 'd',
      name: 'Cy',
      status: 'disabled',
      memberships: [
        { productId: 'bytelyst-devops', role: 'viewer' },
        { productId: 'other', role: 'admin' },
      ],
    }),
  ]

  it('is found by every word in name or e-mail, without regard to case or accents', () => {
    expect(ids(people, { q: 'ZOE mul' })).toEqual(['a'])
    expect(ids(people, { q: 'partner bob' })).toEqual(['c'])
    expect(ids(people, { q: 'bob king' })).toEqual([])
  })

  it('is filtered by state, product and role, the last two in one membership', () => {
    expect(ids(people, { status: 'disabled' })).toEqual(['d'])
    expect(ids(people, { role: 'admin' })).toEqual(['b', 'd'])
    expect(ids(people, { role: 'admin', productId: 'bytelyst-devops' })).toEqual(['b'])
  })

  it('is sorted by any column, both ways', () => {
    expect(ids(people, {})).toEqual(['b', 'c', 'd', 'a'])
    expect(ids(people, { sort: 'lastSeenAt', direction: 'desc' })[0]).toBe('c')
    expect(ids(people, { direction: 'desc' })).toEqual(['a', 'd', 'c', 'b'])
  })

  it('is the same whole in pages of any size', () => {
    const anyPerson = fc.record({ name: fc.string({ maxLength: 3 }), lastSeenAt: fc.option(fc.constantFrom('2026-01-01', '2026-02-01')) })
    fc.assert(
      fc.property(
        fc.array(anyPerson, { maxLength: 40 }),
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom('name', 'lastSeenAt', 'email' as const),
        fc.constantFrom('asc', 'desc'),
        (some, limit, sort, direction) => {
          const entries = some.map((one, at) => person({ id: `p${at}`, ...one }))
          const query = { sort, direction } as const
          const whole = ids(entries, { ...query, limit: 200 })
          const paged: string[] = []
          let cursor: string | undefined
          do {
            const page = pageOfPeople(entries, { ...query, limit, ...(cursor !== undefined && { cursor }) })
            expect(page.total).toBe(entries.length)
            paged.push(...page.items.map(({ id }) => id))
            cursor = page.nextCursor ?? undefined
          } while (cursor !== undefined)
          expect(paged).toEqual(whole)
          expect(new Set(whole).size).toBe(entries.length)
        },
      ),
    )
  })

  it('loses and doubles nobody who was there when others come and go between pages', () => {
    const first = pageOfPeople(people, { limit: 2 })
    const changed = [person({ id: 'e', name: 'Aaron' }), ...people.filter(({ id }) => id !== 'c')]
    expect(ids(changed, { limit: 2, cursor: first.nextCursor ?? '' })).toEqual(['d', 'a'])
  })

  it('refuses a cursor of another question', () => {
    const { nextCursor } = pageOfPeople(people, { limit: 2 })
    expect(() => pageOfPeople(people, { limit: 2, q: 'a', cursor: nextCursor ?? '' })).toThrow('belongs to another question')
    expect(() => pageOfPeople(people, { cursor: 'nonsense' })).toThrow('belongs to another question')
  })
})

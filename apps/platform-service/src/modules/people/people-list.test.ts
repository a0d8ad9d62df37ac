import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { foldsOf } from '../../identity/people-book.ts'
import { type Entry, type PeopleQuery, pageOfPeople } from './people-list.ts'

const person = ({ name = 'Ada King', email = 'ada@example.com', ...over }: Partial<Entry> & { name?: string; email?: string }): Entry => ({
  id: 'p1',
  folds: foldsOf({ name, email }),
  status: 'active',
  createdAt: '2026-01-01T00:00:00.000Z',
  lastSeenAt: null,
  sessionCount: 0,
  memberships: [{ productId: 'bytelyst-devops', role: 'viewer', plan: 'pro' }],
  factors: [],
  ...over,
})
const nowMs = Date.parse('2026-03-01T00:00:00.000Z')
const ago = (days: number) => new Date(nowMs - days * 86_400_000).toISOString()
const ids = (entries: readonly Entry[], query: PeopleQuery) => pageOfPeople(entries, query, nowMs).items.map(({ id }) => id)

describe('the list of people', () => {
  const people = [
    person({ id: 'a', name: 'Zoë Müller', email: 'zoe@example.com' }),
    person({ id: 'b', name: 'Ada King', memberships: [{ productId: 'bytelyst-devops', role: 'admin', plan: 'pro' }] }),
    person({ id: 'c', name: 'Bob', email: 'bob@partner.example', status: 'invited', lastSeenAt: '2026-02-01T00:00:00.000Z' }),
    person({
      id: 'd',
      name: 'Cy',
      status: 'disabled',
      memberships: [
        { productId: 'bytelyst-devops', role: 'viewer', plan: 'pro' },
        { productId: 'other', role: 'admin', plan: 'free' },
      ],
    }),
  ]

  it('is found by every word in name or e-mail, without regard to case or accents', () => {
    expect(ids(people, { q: 'ZOE mul' })).toEqual(['a'])
    expect(ids(people, { q: 'partner bob' })).toEqual(['c'])
    expect(ids(people, { q: 'bob king' })).toEqual([])
  })

  it('is ordered by sessions as numbers', () => {
    const some = [2, 10, 0].map((sessionCount) => person({ id: `s${sessionCount}`, sessionCount }))
    expect(ids(some, { sort: 'sessions' })).toEqual(['s0', 's2', 's10'])
    expect(ids(some, { sort: 'sessions', direction: 'desc' })).toEqual(['s10', 's2', 's0'])
  })

  it('is filtered by state, product and role, the last two in one membership', () => {
    expect(ids(people, { status: 'disabled' })).toEqual(['d'])
    expect(ids(people, { role: 'admin' })).toEqual(['b', 'd'])
    expect(ids(people, { role: 'admin', productId: 'bytelyst-devops' })).toEqual(['b'])
  })

  it('is filtered by plan in the same membership as product and role', () => {
    expect(ids(people, { plan: 'free' })).toEqual(['d'])
    expect(ids(people, { plan: 'free', role: 'admin', productId: 'other' })).toEqual(['d'])
    expect(ids(people, { plan: 'free', productId: 'bytelyst-devops' })).toEqual([])
    expect(ids(people, { plan: 'free', role: 'viewer' })).toEqual([])
  })

  it('is filtered by second factor, by which an invite is neither with nor without one', () => {
    const some = [
      person({ id: 'none' }),
      person({ id: 'code', factors: ['totp'] }),
      person({ id: 'both', factors: ['totp', 'passkey'] }),
      person({ id: 'invite', status: 'invited', factors: null }),
    ]
    const found = (factor: PeopleQuery['factor']) => ids(some, { factor }).sort()
    expect(found('none')).toEqual(['none'])
    expect(found('totp')).toEqual(['both', 'code'])
    expect(found('passkey')).toEqual(['both'])
    expect(found(undefined)).toHaveLength(4)
    expect(ids(some, { factor: 'totp', sort: 'factor', direction: 'desc' })).toEqual(['both', 'code'])
  })

  it('is filtered by when somebody was last seen', () => {
    const some = [7, 7.001, 30, 30.001, 90, 90.001].map((days) => person({ id: `d${days}`, lastSeenAt: ago(days) }))
    const found = (seen: PeopleQuery['seen']) => ids([...some, person({ id: 'never' })], { seen, sort: 'lastSeenAt', direction: 'desc' })
    expect(found('7d')).toEqual(['d7'])
    expect(found('30d')).toEqual(['d7', 'd7.001', 'd30'])
    expect(found('over30d')).toEqual(['d30.001', 'd90', 'd90.001'])
    expect(found('over90d')).toEqual(['d90.001'])
    expect(found('never')).toEqual(['never'])
  })

  it('counts the states of those who fit all else', () => {
    expect(pageOfPeople(people, { status: 'active', role: 'viewer', limit: 1 }, nowMs)).toMatchObject({
      total: 1,
      counts: { active: 1, invited: 1, disabled: 1, withoutFactor: 3 },
    })
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
            const page = pageOfPeople(entries, { ...query, limit, ...(cursor !== undefined && { cursor }) }, nowMs)
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
    const first = pageOfPeople(people, { limit: 2 }, nowMs)
    const changed = [person({ id: 'e', name: 'Aaron' }), ...people.filter(({ id }) => id !== 'c')]
    expect(ids(changed, { limit: 2, cursor: first.nextCursor ?? '' })).toEqual(['d', 'a'])
  })

  it('refuses a cursor of another question', () => {
    const { nextCursor } = pageOfPeople(people, { limit: 2 }, nowMs)
    expect(() => pageOfPeople(people, { limit: 2, q: 'a', cursor: nextCursor ?? '' }, nowMs)).toThrow('belongs to another question')
    expect(() => pageOfPeople(people, { cursor: 'nonsense' }, nowMs)).toThrow('belongs to another question')
  })
})

import { openSqliteStore } from '@console/store/sqlite'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openCollections, partition } from '../collections.ts'
import { type Answering, unsure } from '../unsure-collection.fake.ts'
import { watched } from '../watched-collection.ts'
import { openPeopleBook, type PeopleBook } from './people-book.ts'

/** Without the moment when somebody was last here, which a document follows later. */
const told = (book: PeopleBook) =>
  [...book.all()]
    .map(({ id, etag, doc, memberships, folds }) => ({ id, etag, doc, memberships, folds }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))

describe('people in memory', () => {
  const step = fc.record({
    what: fc.constantFrom('create', 'create', 'rename', 'give', 'give', 'take', 'remove', 'sweep'),
    who: fc.constantFrom('u1', 'u2', 'u3'),
    productId: fc.constantFrom('one', 'two'),
    role: fc.constantFrom('viewer' as const, 'admin' as const),
    how: fc.array(fc.constantFrom<Answering>('at once', 'at once', 'later', 'lost'), { maxLength: 3 }),
  })

  it('are what another start reads from the store, after any changes and lost answers', async () => {
    const rounds = fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(rounds, async (all) => {
        const clock = { ms: 1_700_000_000_000 }
        const now = () => clock.ms
        const answers: Answering[] = []
        const next = () => answers.shift() ?? 'at once'
        const stored = openCollections(openSqliteStore(':memory:'))
        const book = await openPeopleBook({
          collections: {
            users: watched(unsure(stored.users, next), partition),
            memberships: watched(unsure(stored.memberships, next), partition),
            identifiers: unsure(stored.identifiers, next),
            sessions: stored.sessions,
          },
          now,
        })
        const carryOut = async ({ what, who, productId, role }: (typeof all)[number][number]): Promise<unknown> => {
          const membership = { productId, role, plan: 'pro', expiresAt: null }
          if (what === 'create')
            return book.create({
              id: who,
              email: `${who}@example.com`,
              name: who,
              password: null,
              inviteId: null,
              memberships: [membership],
            })
          if (what === 'rename') return book.update(who, (doc) => ({ ...doc, name: `${doc.name}é` }))
          if (what === 'give') return book.setMembership({ v: 1, userId: who, ...membership })
          if (what === 'take') return book.removeMembership(who, productId)
          if (what === 'remove') return book.remove(who)
          clock.ms += 61_000
          return book.sweep(new Date(clock.ms).toISOString())
        }
        for (const round of all) {
          answers.push(...round.flatMap(({ how }) => how))
          await Promise.allSettled(round.map(carryOut))
          answers.length = 0
          expect(told(book)).toEqual(told(await openPeopleBook({ collections: stored, now })))
        }
      }),
      { numRuns: 60 },
    )
  }, 60_000)
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { InviteDoc } from '../../documents.ts'
import { type InviteQuery, listInvites } from './invite-list.ts'

const nowMs = Date.parse('2026-03-01T00:00:00.000Z')
const invite = (n: number, over: Partial<InviteDoc> = {}): InviteDoc => ({
  v: 1,
  kind: 'invite',
  inviteId: `i${n}`,
  email: `person${n}@example.com`,
  name: null,
  memberships: [],
  createdAt: new Date(nowMs - n * 1_000).toISOString(),
  createdBy: 'Ada King',
  endsAt: new Date(nowMs + 1_000).toISOString(),
  expiresAt: new Date(nowMs + 2_000).toISOString(),
  hours: 72,
  state: 'open',
  ...over,
})
const list = (docs: readonly InviteDoc[], query: InviteQuery = {}) => listInvites({ invites: { all: () => docs }, now: () => nowMs }, query)
const ids = (docs: readonly InviteDoc[], query: InviteQuery = {}) => list(docs, query).items.map(({ id }) => id)

describe('the list of invites', () => {
  const docs = [
    invite(3, { state: 'revoked', settledAt: '2026-02-01T00:00:00.000Z', settledBy: 'Ada King' }),
    invite(1, { name: 'Zoë Müller' }),
    invite(2, { endsAt: new Date(nowMs).toISOString() }),
    invite(4, { state: 'accepted' }),
  ]

  it('is newest first, with the state of now and how many there are of each', () => {
    const { items, counts, total } = list(docs)
    expect(items.map(({ id, state }) => [id, state])).toEqual([
      ['i1', 'open'],
      ['i2', 'expired'],
      ['i3', 'revoked'],
      ['i4', 'accepted'],
    ])
    expect([counts, total]).toEqual([{ open: 1, expired: 1, revoked: 1, accepted: 1 }, 4])
  })

  it('is searched by name and e-mail, and filtered by state, whose counts stay', () => {
    expect(ids(docs, { q: 'ZOE person1' })).toEqual(['i1'])
    expect(ids(docs, { state: 'expired' })).toEqual(['i2'])
    expect(list(docs, { state: 'expired' })).toMatchObject({ total: 1, counts: { open: 1 } })
    expect(list(docs, { q: 'muller', state: 'revoked' })).toMatchObject({ items: [], total: 0, counts: { open: 1, revoked: 0 } })
  })

  it('shows documents of before without what came later', () => {
    expect(list([invite(1)]).items[0]).toMatchObject({ mail: null, settledAt: null, settledBy: null })
  })

  it('is the same whole in pages of any size, also where some go meanwhile', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 1, max: 7 }), (count, limit) => {
        const many = Array.from({ length: count }, (_, n) => invite(n, { createdAt: new Date(nowMs - Math.floor(n / 3)).toISOString() }))
        const paged: string[] = []
        let cursor: string | undefined
        do {
          const page = list(
            many.filter(({ inviteId }) => inviteId !== paged.at(-1)),
            { limit, cursor },
          )
          paged.push(...page.items.map(({ id }) => id))
          cursor = page.nextCursor ?? undefined
        } while (cursor !== undefined)
        expect(paged).toEqual(ids(many, { limit: 200 }))
      }),
    )
  })

  it('refuses a cursor of another question', () => {
    const { nextCursor } = list(docs, { limit: 2 })
    expect(() => list(docs, { limit: 2, state: 'open', cursor: nextCursor ?? '' })).toThrow('belongs to another question')
  })
})

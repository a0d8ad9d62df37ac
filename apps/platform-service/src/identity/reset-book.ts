import type { Collection } from '@console/store/port'
import { partition } from '../collections.ts'
import type { ChallengeDoc, ResetDoc } from '../documents.ts'
import { allOf } from './all-of.ts'
import { hashOf, newSecret } from './secret-value.ts'
import { lostRace } from './store-errors.ts'

/** Links by which a person sets a new password. */
export type ResetBook = {
  /** The token is answered once and kept as its hash; an earlier link of the same origin ends. */
  create(userId: string, by: Pick<ResetDoc, 'origin' | 'createdBy'>): Promise<{ token: string; expiresAt: string }>
  /** Whose link it is; null once it is over. */
  find(token: string): Promise<ResetDoc | null>
  /** Uses it up; of several at once, one gets true. */
  finish(token: string): Promise<boolean>
  /** The password is another, or the person is out: their links end, and so do sign-ins that were begun with the password of before. */
  endAll(userId: string): Promise<void>
}
type Deps = {
  readonly resets: Collection<ResetDoc>
  readonly challenges: Collection<ChallengeDoc> /** How long a link is good. */
  readonly minutes: () => number
  readonly now: () => number
}

const prefix = 'blr_'

export function createResetBook({ resets, challenges, minutes, now }: Deps): ResetBook {
  const live = async (token: string) => {
    const stored = await resets.get(partition, hashOf(token))
    return stored?.doc.kind === 'reset' && Date.parse(stored.doc.expiresAt) > now() ? stored : null
  }
  const remove = async (collection: Collection<ResetDoc> | Collection<ChallengeDoc>, id: string, etag: string): Promise<boolean> => {
    try {
      await collection.remove(partition, id, etag)
      return true
    } catch (error) {
      if (lostRace(error)) return false
      throw error
    }
  }
  const of = (userId: string) => allOf(resets, [kind('reset'), whose(userId)])
  return {
    async create(userId, { origin, createdBy }) {
      const token = newSecret(prefix)
      const expiresAt = new Date(now() + minutes() * 60_000).toISOString()
      const before = (await of(userId)).filter(({ doc }) => doc.origin === origin)
      const createdAt = new Date(now()).toISOString()
      await resets.insert(partition, hashOf(token), { v: 1, kind: 'reset', userId, origin, createdBy, createdAt, expiresAt })
      for (const { id, etag } of before) await remove(resets, id, etag)
      return { token, expiresAt }
    },
    find: async (token) => (await live(token))?.doc ?? null,
    async finish(token) {
      const stored = await live(token)
      return stored !== null && remove(resets, stored.id, stored.etag)
    },
    async endAll(userId) {
      for (const { id, etag } of await of(userId)) await remove(resets, id, etag)
      for (const { id, etag } of await allOf(challenges, [kind('challenge'), whose(userId)])) await remove(challenges, id, etag)
    },
  }
}

const kind = (v: string) => ({ f: 'kind', op: 'eq', v }) as const
const whose = (v: string) => ({ f: 'userId', op: 'eq', v }) as const

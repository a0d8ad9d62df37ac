import type { Collection } from '@console/store/port'
import { partition } from '../collections.ts'
import type { ChallengeDoc } from '../documents.ts'
import { hashOf, newSecret } from './secret-value.ts'
import { lostRace } from './store-errors.ts'

/** Sign-ins between the first factor, which is the password or the provider’s word, and the second. */
export type ChallengeBook = {
  begin(userId: string, by: 'pwd' | 'fed'): Promise<{ challenge: string; expiresAt: string }>
  /** How it was begun; the password where it is over. */
  begunBy(challenge: string): Promise<'pwd' | 'fed'>
  /** Whose it is; null once it is over. */
  find(challenge: string): Promise<string | null>
  /** Uses it up; of several at once, one gets true. */
  finish(challenge: string): Promise<boolean>
}
type Deps = { readonly challenges: Collection<ChallengeDoc>; readonly now: () => number }

const lifeMs = 300_000
const prefix = 'blc_'

export function createChallengeBook({ challenges, now }: Deps): ChallengeBook {
  const live = async (challenge: string) => {
    const stored = await challenges.get(partition, hashOf(challenge))
    return stored?.doc.kind === 'challenge' && Date.parse(stored.doc.expiresAt) > now() ? stored : null
  }
  return {
    async begin(userId, by) {
      const challenge = newSecret(prefix)
      const expiresAt = new Date(now() + lifeMs).toISOString()
      await challenges.insert(partition, hashOf(challenge), { v: 1, kind: 'challenge', userId, by, expiresAt })
      return { challenge, expiresAt }
    },
    begunBy: async (challenge) => (await live(challenge))?.doc.by ?? 'pwd',
    find: async (challenge) => (await live(challenge))?.doc.userId ?? null,
    async finish(challenge) {
      const stored = await live(challenge)
      if (!stored) return false
      try {
        await challenges.remove(partition, stored.id, stored.etag)
        return true
      } catch (error) {
        if (lostRace(error)) return false
        throw error
      }
    },
  }
}

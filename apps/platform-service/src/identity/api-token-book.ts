import type { Collection, Stored } from '@console/store/port'
import { partition } from '../collections.ts'
import type { ApiTokenDoc } from '../documents.ts'
import { allOf } from './all-of.ts'
import { hashOf, newSecret } from './secret-value.ts'
import { lostRace, retrying } from './store-errors.ts'

type NewApiToken = Pick<ApiTokenDoc, 'userId' | 'name' | 'productId' | 'actions'> & { readonly days: number }
export type ApiTokenState = 'active' | 'expired' | 'revoked'

export type ApiTokenBook = {
  /** The secret is answered once and kept as its hash. */
  create(token: NewApiToken): Promise<{ token: ApiTokenDoc; secret: string }>
  /** What a secret stands for; null for one that is unknown, was revoked, or has ended. */
  find(secret: string): Promise<Stored<ApiTokenDoc> | null>
  /** It was used; written at most once a minute. */
  touch(token: Stored<ApiTokenDoc>, address: string | null): Promise<void>
  /** Newest first, ended ones included. @param userId of one person; everybody's without it */
  list(userId?: string): Promise<ApiTokenDoc[]>
  /** Whether there was one that had not ended. @param owner whose it must be; anybody's without it */
  revoke(tokenId: string, by: string, owner?: string): Promise<boolean>
}
type Deps = { readonly apiTokens: Collection<ApiTokenDoc>; readonly now: () => number; readonly newId: () => string }

/** What a log masker and a leak scanner know it by. */
export const apiTokenPrefix = 'blt_'
const dayMs = 86_400_000
/** Ended tokens stay listed this long. */
const keptMs = 90 * dayMs
const touchMs = 60_000
const shownChars = apiTokenPrefix.length + 4

export const apiTokenState = ({ revokedAt, endsAt }: ApiTokenDoc, nowMs: number): ApiTokenState =>
  revokedAt !== null ? 'revoked' : Date.parse(endsAt) <= nowMs ? 'expired' : 'active'

/** Tokens for programs: 256 bits, kept as SHA-256 only. */
export function createApiTokenBook({ apiTokens, now, newId }: Deps): ApiTokenBook {
  const iso = (ms = now()) => new Date(ms).toISOString()
  const byId = async (tokenId: string) =>
    (await apiTokens.find(partition, { where: [{ f: 'tokenId', op: 'eq', v: tokenId }], limit: 1 })).items[0] ?? null
  return {
    async create({ days, ...token }) {
      const secret = newSecret(apiTokenPrefix)
      const endsMs = now() + days * dayMs
      const doc: ApiTokenDoc = {
        v: 1,
        kind: 'api',
        tokenId: newId(),
        ...token,
        begins: secret.slice(0, shownChars),
        createdAt: iso(),
        lastUsedAt: null,
        lastAddress: null,
        revokedAt: null,
        revokedBy: null,
        endsAt: iso(endsMs),
        expiresAt: iso(endsMs + keptMs),
      }
      await apiTokens.insert(partition, hashOf(secret), doc)
      return { token: doc, secret }
    },
    async find(secret) {
      const stored = await apiTokens.get(partition, hashOf(secret))
      return stored?.doc.kind === 'api' && apiTokenState(stored.doc, now()) === 'active' ? stored : null
    },
    async touch({ id, etag, doc }, address) {
      const isFresh = doc.lastUsedAt !== null && now() - Date.parse(doc.lastUsedAt) < touchMs
      if (isFresh) return
      await apiTokens
        .replace(partition, id, { ...doc, lastUsedAt: iso(), lastAddress: address ?? doc.lastAddress }, etag)
        .catch((error) => {
          if (!lostRace(error)) throw error
        })
    },
    async list(userId) {
      const found = await allOf(apiTokens, [
        userId === undefined ? { f: 'kind', op: 'eq', v: 'api' } : { f: 'userId', op: 'eq', v: userId },
      ])
      return found
        .map(({ doc }) => doc)
        .filter(({ kind }) => kind === 'api')
        .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1))
    },
    revoke: (tokenId, by, owner) =>
      retrying(async () => {
        const stored = await byId(tokenId)
        if (!stored || apiTokenState(stored.doc, now()) !== 'active') return false
        if (owner !== undefined && stored.doc.userId !== owner) return false
        await apiTokens.replace(partition, stored.id, { ...stored.doc, revokedAt: iso(), revokedBy: by }, stored.etag)
        return true
      }),
  }
}

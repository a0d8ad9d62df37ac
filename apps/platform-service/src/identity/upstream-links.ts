import { AppError } from '@console/http-kit/problem'
import type { Stored } from '@console/store/port'
import { type Collections, partition } from '../collections.ts'
import type { IdentifierDoc, UpstreamDoc, UserDoc } from '../documents.ts'
import type { PeopleBook } from './people-book.ts'
import { lostRace } from './store-errors.ts'
import { type UpstreamIdentity, upstreamKeyOf } from './upstream-identity.ts'

type UpstreamAccount = UpstreamIdentity & { readonly email: string | null }
export type UpstreamLinks = {
  /** Whom it signs in, disabled people included; null for nobody. */
  find(identity: UpstreamIdentity): Promise<{ user: Stored<UserDoc>; link: UpstreamDoc } | null>
  /** @throws AppError UPSTREAM_TAKEN, UPSTREAM_LIMIT */
  add(userId: string, account: UpstreamAccount): Promise<UpstreamDoc>
  /** Keeps the account for a person while `write` enters it in their document. @throws AppError UPSTREAM_TAKEN, and what `write` does */
  bound<R>(userId: string, account: UpstreamAccount, write: (link: UpstreamDoc) => Promise<R>): Promise<R>
  /** What was taken away; null where there was no such link. */
  remove(userId: string, id: string): Promise<UpstreamDoc | null>
  used(userId: string, id: string): Promise<void>
}
type Deps = {
  readonly collections: Pick<Collections, 'identifiers'>
  readonly people: PeopleBook
  readonly now: () => number
  readonly newId: () => string
}

const most = 5
/** How long a link may take between its identifier and its person. */
const claimMs = 60_000

const isSame = (a: UpstreamIdentity, b: UpstreamIdentity): boolean => a.issuer === b.issuer && a.subject === b.subject

/**
 * Accounts at the provider as a credential of people. Uniqueness lies in the identifiers; whether a link counts is told by the person’s own
 * document, so that what a crash leaves between the two signs nobody in.
 */
export function createUpstreamLinks({ collections: { identifiers }, people, now, newId }: Deps): UpstreamLinks {
  const listed = async (userId: string | null, identity: UpstreamIdentity) => {
    const user = userId === null ? null : await people.read(userId)
    const link = user?.doc.upstream?.find((one) => isSame(one, identity))
    return user && link ? { user, link } : null
  }
  const claim = async (userId: string, identity: UpstreamIdentity): Promise<Stored<IdentifierDoc>> => {
    const id = upstreamKeyOf(identity)
    const doc: IdentifierDoc = { v: 1, userId, inviteId: null, heldUntil: null, expiresAt: new Date(now() + claimMs).toISOString() }
    try {
      const found = await identifiers.get(partition, id)
      if (!found) return await identifiers.insert(partition, id, doc)
      const isUnderWay = found.doc.expiresAt !== null && Date.parse(found.doc.expiresAt) > now()
      if (isUnderWay || (await listed(found.doc.userId, identity))) throw taken()
      return await identifiers.replace(partition, id, doc, found.etag)
    } catch (error) {
      throw lostRace(error) ? taken() : error
    }
  }
  const bound: UpstreamLinks['bound'] = async (userId, { issuer, subject, email }, write) => {
    const link: UpstreamDoc = { id: newId(), issuer, subject, email, at: new Date(now()).toISOString(), usedAt: null }
    const { id, doc, etag } = await claim(userId, link)
    const result = await write(link).catch(async (error: unknown) => {
      await identifiers.remove(partition, id, etag).catch(() => undefined)
      throw error
    })
    await identifiers.replace(partition, id, { ...doc, expiresAt: null }, etag).catch((error: unknown) => {
      if (!lostRace(error)) throw error
    })
    return result
  }

  return {
    find: async (identity) => listed((await identifiers.get(partition, upstreamKeyOf(identity)))?.doc.userId ?? null, identity),
    add: (userId, identity) =>
      bound(userId, identity, async (link) => {
        await people.update(userId, (user) => {
          const links = user.upstream ?? []
          if (links.length >= most) throw new AppError('UPSTREAM_LIMIT', 409, `You have ${most} of them. Take one away first.`)
          return { ...user, upstream: [...links.filter((one) => !isSame(one, link)), link] }
        })
        return link
      }),
    bound,
    async remove(userId, id) {
      let gone: UpstreamDoc | undefined
      await people.update(userId, ({ upstream = [], ...user }) => {
        gone = upstream.find((one) => one.id === id)
        return { ...user, upstream: upstream.filter((one) => one.id !== id) }
      })
      if (!gone) return null
      const entry = await identifiers.get(partition, upstreamKeyOf(gone))
      // One that stays behind counts for nothing and is taken over by whoever links the account next.
      if (entry?.doc.userId === userId) await identifiers.remove(partition, entry.id, entry.etag).catch(() => undefined)
      return gone
    },
    async used(userId, id) {
      const usedAt = new Date(now()).toISOString()
      await people.update(userId, (user) => ({
        ...user,
        upstream: (user.upstream ?? []).map((one) => (one.id === id ? { ...one, usedAt } : one)),
      }))
    },
  }
}

function taken(): AppError {
  return new AppError('UPSTREAM_TAKEN', 409, 'That account signs in somebody already: another person, or you. Choose another account.')
}

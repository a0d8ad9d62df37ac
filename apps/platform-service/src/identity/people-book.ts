import { AppError } from '@console/http-kit/problem'
import type { Stored } from '@console/store/port'
import { type Collections, partition } from '../collections.ts'
import type { MembershipDoc, UserDoc } from '../documents.ts'
import { allOf } from './all-of.ts'
import { createPerson, type NewPerson } from './create-person.ts'
import { identifierId, settleClaim } from './email-claims.ts'
import { folded } from './list-cursor.ts'
import { platformProduct } from './products.ts'
import { removePerson } from './remove-person.ts'
import { retrying } from './store-errors.ts'

/** A person as lists need them, kept in memory by every write. */
export type Person = {
  readonly id: string
  readonly etag: string
  readonly doc: UserDoc
  readonly memberships: readonly MembershipDoc[]
  readonly lastSeenAt: string | null
  /** Name and e-mail as they are looked for and sorted by. */
  readonly folds: Folds
}
export type Folds = { readonly name: string; readonly email: string }
export type PeopleBook = {
  all(): Iterable<Person>
  /** From memory. */
  find(id: string): Person | undefined
  /** From the store, which is the truth. */
  read(id: string): Promise<Stored<UserDoc> | null>
  idOf(email: string): Promise<string | null>
  membership(userId: string, productId: string): Promise<MembershipDoc | null>
  memberships(userId: string): Promise<MembershipDoc[]>
  /** @throws AppError USER_EXISTS */
  create(person: NewPerson): Promise<Person>
  /** @throws AppError USER_NOT_FOUND */
  update(id: string, change: (doc: UserDoc) => UserDoc): Promise<Person>
  setMembership(doc: MembershipDoc): Promise<Person>
  /** Whether there was one. */
  removeMembership(userId: string, productId: string): Promise<boolean>
  /** Takes the person and their memberships away and frees the e-mail. @throws AppError USER_NOT_FOUND */
  remove(id: string): Promise<void>
  /** Finishes or undoes what a crash left between e-mail and person. */
  sweep(nowIso: string): Promise<void>
}

/** Whether a membership counts at a time. */
export function isLive(membership: Pick<MembershipDoc, 'expiresAt'>, nowMs: number): boolean {
  return membership.expiresAt === null || Date.parse(membership.expiresAt) > nowMs
}

export type Member = { readonly user: Stored<UserDoc>; readonly membership: MembershipDoc }

/** An active person with a membership that counts at a time, as the store has them; null for anybody else. */
export async function liveMember(
  people: Pick<PeopleBook, 'read' | 'membership'>,
  { userId, productId, nowMs }: { readonly userId: string; readonly productId: string; readonly nowMs: number },
): Promise<Member | null> {
  const user = await people.read(userId)
  const membership = user?.doc.status === 'active' ? await people.membership(userId, productId) : null
  return user && membership && isLive(membership, nowMs) ? { user, membership } : null
}

/** What somebody can show to be recognised. */
export function factorsOf({
  password,
  totp,
  passkeys = [],
}: Pick<UserDoc, 'password' | 'totp' | 'passkeys'>): ('password' | 'totp' | 'passkey')[] {
  return [
    ...(password !== null ? (['password'] as const) : []),
    ...(totp ? (['totp'] as const) : []),
    ...(passkeys.length > 0 ? (['passkey'] as const) : []),
  ]
}

/**
 * Platform admins that count against the rule of the last one: active, able to sign in, and without an end that would come by itself.
 */
export function isLastingAdmin({ doc, memberships }: Pick<Person, 'doc' | 'memberships'>): boolean {
  return (
    doc.status === 'active' &&
    (doc.password !== null || (doc.passkeys ?? []).length > 0) &&
    memberships.some(({ productId, role, expiresAt }) => productId === platformProduct && role === 'admin' && expiresAt === null)
  )
}

type Deps = { readonly collections: Pick<Collections, 'users' | 'identifiers' | 'memberships' | 'sessions'>; readonly now: () => number }

/** Users, their e-mails and memberships. The user document is the truth for everything but uniqueness. */
export async function openPeopleBook({ collections, now }: Deps): Promise<PeopleBook> {
  const { users, identifiers, memberships, sessions } = collections
  const people = new Map<string, Person>()
  const access = new Map<string, Map<string, MembershipDoc>>()
  const accessOf = (userId: string) => [...(access.get(userId) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, doc]) => doc)
  await memberships.follow((id, stored) => {
    const userId = ownerOf(id)
    const theirs = access.get(userId) ?? new Map<string, MembershipDoc>()
    if (stored) access.set(userId, theirs.set(id, stored.doc))
    else if (theirs.delete(id) && theirs.size === 0) access.delete(userId)
    const person = people.get(userId)
    if (person) people.set(userId, { ...person, memberships: accessOf(userId) })
  })
  await users.follow((id, stored) => {
    if (stored) people.set(id, personOf(stored, accessOf(id), people.get(id)))
    else people.delete(id)
  })
  // A sign-in, a use and a start tell alike when somebody was last here; the document learns it when the session goes.
  await sessions.follow((_, stored) => {
    const person = stored && people.get(stored.doc.userId)
    if (person) people.set(person.id, { ...person, lastSeenAt: later(person.lastSeenAt ?? '', stored.doc.lastUsedAt) })
  })
  /** As the last write left them. */
  const known = (id: string): Person => {
    const person = people.get(id)
    if (!person) throw new AppError('USER_NOT_FOUND', 404, 'There is no such person.')
    return person
  }

  return {
    all: () => people.values(),
    find: (id) => people.get(id),
    read: (id) => users.get(partition, id),
    idOf: async (email) => (await identifiers.get(partition, identifierId(email)))?.doc.userId ?? null,
    membership: async (userId, productId) => (await memberships.get(partition, `${userId}:${productId}`))?.doc ?? null,
    memberships: async (userId) => (await allOf(memberships, [{ f: 'userId', op: 'eq', v: userId }])).map(({ doc }) => doc),
    async create(person) {
      await createPerson(collections, person, now())
      return known(person.id)
    },
    update: async (id, change) => {
      await retrying(async () => {
        const stored = await users.get(partition, id)
        if (!stored) throw new AppError('USER_NOT_FOUND', 404, 'There is no such person.')
        await users.replace(partition, id, change(stored.doc), stored.etag)
      })
      return known(id)
    },
    async setMembership(doc) {
      const id = `${doc.userId}:${doc.productId}`
      await retrying(async () => {
        const stored = await memberships.get(partition, id)
        await (stored ? memberships.replace(partition, id, doc, stored.etag) : memberships.insert(partition, id, doc))
      })
      return known(doc.userId)
    },
    async removeMembership(userId, productId) {
      const id = `${userId}:${productId}`
      const there = await retrying(async () => {
        const stored = await memberships.get(partition, id)
        if (stored) await memberships.remove(partition, id, stored.etag)
        return stored !== null
      })
      known(userId)
      return there
    },
    remove: (id) => removePerson(collections, id, now()),
    async sweep(nowIso) {
      await memberships.settle()
      await users.settle()
      const { items } = await identifiers.find(partition, { where: [{ f: 'expiresAt', op: 'lt', v: nowIso }], limit: 200 })
      for (const entry of items) await settleClaim({ users, identifiers, memberships }, entry)
    },
  }
}

/** Memberships are kept under their person and their product. */
const ownerOf = (membershipId: string): string => membershipId.slice(0, membershipId.indexOf(':'))

function personOf({ id, etag, doc }: Stored<UserDoc>, memberships: readonly MembershipDoc[], before: Person | undefined): Person {
  const same = before?.doc.name === doc.name && before.doc.email === doc.email
  return {
    id,
    etag,
    doc,
    memberships,
    lastSeenAt: later(before?.lastSeenAt ?? '', doc.lastSeenAt ?? '') || null,
    folds: same ? before.folds : foldsOf(doc),
  }
}

export function foldsOf({ name, email }: { readonly name: string; readonly email: string }): Folds {
  return { name: folded(name), email: folded(email) }
}

function later(a: string, b: string): string {
  return a > b ? a : b
}

import { AppError } from '@console/http-kit/problem'
import type { Collection, Stored } from '@console/store/port'
import { type Collections, partition } from '../collections.ts'
import type { IdentifierDoc, MembershipDoc, UserDoc } from '../documents.ts'
import { platformProduct } from './products.ts'
import { hashOf } from './secret-value.ts'
import { lostRace, retrying } from './store-errors.ts'

/** A person as lists need them, kept in memory by every write. */
export type Person = {
  readonly id: string
  readonly etag: string
  readonly doc: UserDoc
  readonly memberships: readonly MembershipDoc[]
  readonly lastSeenAt: string | null
}
export type NewPerson = {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly password: string
  readonly memberships: readonly Omit<MembershipDoc, 'v' | 'userId'>[]
  /** The invite that holds the e-mail for this person. */
  readonly inviteId: string | null
  /** Only the setup: nobody else can be making a person, so an unfinished entry is taken over at once. */
  readonly alone?: boolean
}

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
  /** Remembered in memory; the document follows at the next sign-in, or when the session goes. */
  seen(userId: string, at: string): void
  /** Finishes or undoes what a crash left between e-mail and person. */
  sweep(nowIso: string): Promise<void>
}

/** How long somebody may take between claiming an e-mail and writing the person. */
const claimMs = 60_000

/** The id under which an e-mail is unique. */
export function identifierId(email: string): string {
  return `email:${hashOf(email)}`
}

export const normalEmail = (email: string): string => email.trim().toLowerCase()

/** Whether a membership counts at a time. */
export function isLive(membership: Pick<MembershipDoc, 'expiresAt'>, nowMs: number): boolean {
  return membership.expiresAt === null || Date.parse(membership.expiresAt) > nowMs
}

/** Platform admins that count against the rule of the last one: active, and without an end that would come by itself. */
export function isLastingAdmin({ doc, memberships }: Pick<Person, 'doc' | 'memberships'>): boolean {
  return (
    doc.status === 'active' &&
    memberships.some(({ productId, role, expiresAt }) => productId === platformProduct && role === 'admin' && expiresAt === null)
  )
}

type Deps = { readonly collections: Pick<Collections, 'users' | 'identifiers' | 'memberships'>; readonly now: () => number }

/** Users, their e-mails and memberships. The user document is the truth for everything but uniqueness. */
export async function openPeopleBook({ collections, now }: Deps): Promise<PeopleBook> {
  const { users, identifiers, memberships } = collections
  const people = new Map<string, Person>()
  const show = ({ id, etag, doc }: Stored<UserDoc>, theirs: readonly MembershipDoc[]): Person => {
    const before = people.get(id)?.lastSeenAt ?? ''
    const person = { id, etag, doc, memberships: theirs, lastSeenAt: later(before, doc.lastSeenAt ?? '') || null }
    people.set(id, person)
    return person
  }
  const membershipsOf = async (userId: string) =>
    (await memberships.find(partition, { where: [{ f: 'userId', op: 'eq', v: userId }], limit: 1_000 })).items.map(({ doc }) => doc)
  const refresh = async (userId: string): Promise<Person> => {
    const stored = await users.get(partition, userId)
    if (!stored) throw new AppError('USER_NOT_FOUND', 404, 'There is no such person.')
    return show(stored, await membershipsOf(userId))
  }

  const byUser = Map.groupBy(await allOf(memberships), ({ doc }) => doc.userId)
  for (const user of await allOf(users))
    show(
      user,
      (byUser.get(user.id) ?? []).map(({ doc }) => doc),
    )

  return {
    all: () => people.values(),
    find: (id) => people.get(id),
    read: (id) => users.get(partition, id),
    idOf: async (email) => (await identifiers.get(partition, identifierId(email)))?.doc.userId ?? null,
    membership: async (userId, productId) => (await memberships.get(partition, `${userId}:${productId}`))?.doc ?? null,
    memberships: membershipsOf,
    async create(person) {
      const claim = await claimEmail(identifiers, users, person, now())
      const docs = person.memberships.map((membership): MembershipDoc => ({ v: 1, userId: person.id, ...membership }))
      const at = new Date(now()).toISOString()
      const { name, email, password } = person
      const doc: UserDoc = {
        v: 1,
        name,
        email,
        status: 'active',
        disabledReason: null,
        password,
        passwordAt: at,
        createdAt: at,
        lastSeenAt: at,
      }
      try {
        for (const membership of docs) await memberships.insert(partition, `${person.id}:${membership.productId}`, membership)
        const stored = await users.insert(partition, person.id, doc)
        await identifiers.replace(partition, claim.id, { ...claim.doc, expiresAt: null }, claim.etag)
        return show(stored, docs)
      } catch (error) {
        await forget({ users, memberships }, person.id).catch(() => undefined)
        if (lostRace(error)) throw exists()
        throw error
      }
    },
    update: async (id, change) => {
      await retrying(async () => {
        const stored = await users.get(partition, id)
        if (!stored) throw new AppError('USER_NOT_FOUND', 404, 'There is no such person.')
        await users.replace(partition, id, change(stored.doc), stored.etag)
      })
      return refresh(id)
    },
    async setMembership(doc) {
      const id = `${doc.userId}:${doc.productId}`
      await retrying(async () => {
        const stored = await memberships.get(partition, id)
        await (stored ? memberships.replace(partition, id, doc, stored.etag) : memberships.insert(partition, id, doc))
      })
      return refresh(doc.userId)
    },
    async removeMembership(userId, productId) {
      const id = `${userId}:${productId}`
      const there = await retrying(async () => {
        const stored = await memberships.get(partition, id)
        if (stored) await memberships.remove(partition, id, stored.etag)
        return stored !== null
      })
      await refresh(userId)
      return there
    },
    seen(userId, at) {
      const person = people.get(userId)
      if (person) people.set(userId, { ...person, lastSeenAt: later(person.lastSeenAt ?? '', at) })
    },
    async sweep(nowIso) {
      const { items } = await identifiers.find(partition, { where: [{ f: 'expiresAt', op: 'lt', v: nowIso }], limit: 200 })
      for (const entry of items) await settleClaim({ users, identifiers, memberships }, entry)
    },
  }
}

/** Takes an e-mail for a person about to be written. @throws AppError USER_EXISTS */
async function claimEmail(
  identifiers: Collection<IdentifierDoc>,
  users: Collection<UserDoc>,
  { id: userId, email, inviteId, alone }: NewPerson,
  nowMs: number,
): Promise<Stored<IdentifierDoc>> {
  const id = identifierId(email)
  const doc: IdentifierDoc = { v: 1, userId, inviteId, expiresAt: new Date(nowMs + claimMs).toISOString() }
  try {
    const found = await identifiers.get(partition, id)
    // An invite holds its e-mail until it is revoked: without the entry it no longer invites.
    if (!found && inviteId !== null) throw exists()
    if (!found) return await identifiers.insert(partition, id, doc)
    const ended = found.doc.expiresAt !== null && Date.parse(found.doc.expiresAt) <= nowMs
    const mine = found.doc.userId === null && found.doc.inviteId === inviteId
    const unfinished = found.doc.userId !== null && (ended || alone === true) && (await users.get(partition, found.doc.userId)) === null
    if (mine || unfinished || (ended && found.doc.userId === null)) return await identifiers.replace(partition, id, doc, found.etag)
  } catch (error) {
    if (!lostRace(error)) throw error
  }
  throw exists()
}

/** A provisional entry whose time is over: the person was written, or the e-mail is free again. */
async function settleClaim(
  { users, identifiers, memberships }: Pick<Collections, 'users' | 'identifiers' | 'memberships'>,
  { id, etag, doc }: Stored<IdentifierDoc>,
): Promise<void> {
  try {
    if (doc.userId !== null && (await users.get(partition, doc.userId)) !== null) {
      await identifiers.replace(partition, id, { ...doc, expiresAt: null }, etag)
      return
    }
    await identifiers.remove(partition, id, etag)
    if (doc.userId !== null) await forget({ users, memberships }, doc.userId)
  } catch (error) {
    if (!lostRace(error)) throw error
  }
}

async function forget({ users, memberships }: Pick<Collections, 'users' | 'memberships'>, userId: string): Promise<void> {
  const { items } = await memberships.find(partition, { where: [{ f: 'userId', op: 'eq', v: userId }], limit: 1_000 })
  for (const { id, etag } of items) await memberships.remove(partition, id, etag)
  const user = await users.get(partition, userId)
  if (user) await users.remove(partition, userId, user.etag)
}

/** Every document of a collection, page by page. */
export async function allOf<T extends object>(collection: Collection<T>): Promise<Stored<T>[]> {
  const items: Stored<T>[] = []
  let after: string | undefined
  do {
    const page = await collection.find(partition, { limit: 1_000, ...(after !== undefined && { after }) })
    items.push(...page.items)
    after = page.cursor
  } while (after !== undefined)
  return items
}

function exists(): AppError {
  return new AppError('USER_EXISTS', 409, 'A person with this e-mail exists already, or has an open invite.')
}

function later(a: string, b: string): string {
  return a > b ? a : b
}

import { AppError } from '@console/http-kit/problem'
import type { Collection, Stored } from '@console/store/port'
import { type Collections, partition } from '../collections.ts'
import type { IdentifierDoc, InviteDoc } from '../documents.ts'
import { hashOf } from './secret-value.ts'
import { lostRace, retrying } from './store-errors.ts'

/** Who an e-mail is claimed for. */
export type Claimant = {
  readonly id: string
  readonly email: string
  /** The invite that holds the e-mail for this person. */
  readonly inviteId: string | null
  /** Only the setup: nobody else can be making a person, so an unfinished entry is taken over at once. */
  readonly alone?: boolean
}

/** How long somebody may take between claiming an e-mail and writing the person. */
const claimMs = 60_000

/** The id under which an e-mail is unique. */
export function identifierId(email: string): string {
  return `email:${hashOf(email)}`
}

export const normalEmail = (email: string): string => email.trim().toLowerCase()

/** Takes an e-mail for a person about to be written. @throws AppError USER_EXISTS */
export async function claimEmail(
  { identifiers, users }: Pick<Collections, 'identifiers' | 'users'>,
  { id: userId, email, inviteId, alone }: Claimant,
  nowMs: number,
): Promise<Stored<IdentifierDoc>> {
  const id = identifierId(email)
  const claim = (heldUntil: string | null): IdentifierDoc => {
    return { v: 1, userId, inviteId, heldUntil, expiresAt: new Date(nowMs + claimMs).toISOString() }
  }
  try {
    const found = await identifiers.get(partition, id)
    // An invite holds its e-mail until it is revoked: without the entry it no longer invites.
    if (!found && inviteId !== null) throw emailTaken()
    if (!found) return await identifiers.insert(partition, id, claim(null))
    const ended = found.doc.expiresAt !== null && Date.parse(found.doc.expiresAt) <= nowMs
    const mine = found.doc.userId === null && found.doc.inviteId === inviteId
    const unfinished = found.doc.userId !== null && (ended || alone === true) && (await users.get(partition, found.doc.userId)) === null
    if (mine || unfinished || (ended && found.doc.userId === null))
      return await identifiers.replace(partition, id, claim(mine ? found.doc.heldUntil : null), found.etag)
  } catch (error) {
    if (!lostRace(error)) throw error
  }
  throw emailTaken()
}

/** A provisional entry whose time is over: the person was written, or the e-mail is free again. */
export async function settleClaim(
  { users, identifiers, memberships }: Pick<Collections, 'users' | 'identifiers' | 'memberships'>,
  { id, etag, doc }: Stored<IdentifierDoc>,
): Promise<void> {
  try {
    if (doc.userId !== null && (await users.get(partition, doc.userId)) !== null) {
      await identifiers.replace(partition, id, { ...doc, expiresAt: null }, etag)
      return
    }
    await giveBack(identifiers, { id, etag, doc })
    if (doc.userId !== null) await forgetPerson({ users, memberships }, doc.userId)
  } catch (error) {
    if (!lostRace(error)) throw error
  }
}

/** Nobody was made: the e-mail is its invite's again, or free. */
export async function giveBack(identifiers: Collection<IdentifierDoc>, { id, etag, doc }: Stored<IdentifierDoc>): Promise<void> {
  const { userId, heldUntil } = doc
  if (userId !== null && heldUntil !== null) await identifiers.replace(partition, id, { ...doc, userId: null, expiresAt: heldUntil }, etag)
  else await identifiers.remove(partition, id, etag)
}

/** Takes back what was written of a person who is not to be. */
export async function forgetPerson({ users, memberships }: Pick<Collections, 'users' | 'memberships'>, userId: string): Promise<void> {
  const { items } = await memberships.find(partition, { where: [{ f: 'userId', op: 'eq', v: userId }], limit: 1_000 })
  for (const { id, etag } of items) await memberships.remove(partition, id, etag)
  const user = await users.get(partition, userId)
  if (user) await users.remove(partition, userId, user.etag)
}

/** @throws AppError USER_EXISTS where a person or another open invite has the e-mail */
export async function holdEmail(
  identifiers: Collection<IdentifierDoc>,
  { email, inviteId, endsAt }: InviteDoc,
  nowMs: number,
): Promise<void> {
  const id = identifierId(email)
  const doc: IdentifierDoc = { v: 1, userId: null, inviteId, heldUntil: endsAt, expiresAt: endsAt }
  try {
    const found = await identifiers.get(partition, id)
    const ended = found?.doc.userId === null && (found.doc.expiresAt === null || Date.parse(found.doc.expiresAt) <= nowMs)
    if (!found) await identifiers.insert(partition, id, doc)
    else if (ended || (found.doc.userId === null && found.doc.inviteId === inviteId))
      await identifiers.replace(partition, id, doc, found.etag)
    else throw emailTaken()
  } catch (error) {
    if (lostRace(error)) throw emailTaken()
    throw error
  }
}

/** False where a person has taken it. */
export async function releaseEmail(identifiers: Collection<IdentifierDoc>, email: string, inviteId: string): Promise<boolean> {
  const id = identifierId(email)
  return retrying(async () => {
    const found = await identifiers.get(partition, id)
    if (found?.doc.inviteId !== inviteId) return true
    if (found.doc.userId !== null) return false
    await identifiers.remove(partition, id, found.etag)
    return true
  })
}

export function emailTaken(): AppError {
  return new AppError('USER_EXISTS', 409, 'A person with this e-mail exists already, or has an open invite. Renew or revoke that one.')
}

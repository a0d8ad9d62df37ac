import { type Collections, partition } from '../collections.ts'
import type { MembershipDoc, UpstreamDoc, UserDoc } from '../documents.ts'
import { type Claimant, claimEmail, emailTaken, forgetPerson, giveBack } from './email-claims.ts'
import { lostRace } from './store-errors.ts'

export type NewPerson = Claimant & {
  readonly name: string
  /** PHC string. */
  readonly password: string | null
  /** The account at the provider that signs them in from the start. */
  readonly upstream?: UpstreamDoc | undefined
  readonly memberships: readonly Omit<MembershipDoc, 'v' | 'userId'>[]
}

/**
 * E-mail, memberships, person, in this order: three collections, so no transaction. Until the user document stands, nothing of it counts; what
 * a crash leaves is swept a minute later. @throws AppError USER_EXISTS
 */
export async function createPerson(
  { users, identifiers, memberships }: Pick<Collections, 'users' | 'identifiers' | 'memberships'>,
  person: NewPerson,
  nowMs: number,
): Promise<void> {
  const claim = await claimEmail({ identifiers, users }, person, nowMs)
  const theirs = person.memberships.map(({ productId, role, plan, expiresAt }): MembershipDoc => {
    return { v: 1, userId: person.id, productId, role, plan, expiresAt }
  })
  const at = new Date(nowMs).toISOString()
  const { name, email, password, upstream } = person
  const doc: UserDoc = {
    v: 1,
    name,
    email,
    status: 'active',
    disabledReason: null,
    password,
    passwordAt: at,
    createdAt: at,
    lastSeenAt: password === null && !upstream ? null : at,
    ...(upstream && { upstream: [upstream] }),
  }
  try {
    for (const membership of theirs) await memberships.insert(partition, `${person.id}:${membership.productId}`, membership)
    await users.insert(partition, person.id, doc)
    await identifiers.replace(partition, claim.id, { ...claim.doc, expiresAt: null }, claim.etag)
  } catch (error) {
    await forgetPerson({ users, memberships }, person.id)
      .then(() => giveBack(identifiers, claim))
      .catch(() => undefined)
    if (lostRace(error)) throw emailTaken()
    throw error
  }
}

import { AppError } from '@console/http-kit/problem'
import { type Collections, partition } from '../collections.ts'
import { forgetPerson, identifierId } from './email-claims.ts'
import { retrying } from './store-errors.ts'
import { upstreamKeyOf } from './upstream-identity.ts'

/** How long the e-mail stays taken where a crash comes between its entry and the person. */
const settleMs = 60_000

/**
 * Person, memberships, e-mail: three collections, so no transaction. The e-mail's entry is made provisional first; what a crash leaves is
 * swept a minute later: the person as before where the document still stands, nothing of them where it is gone.
 * @throws AppError USER_NOT_FOUND
 */
export async function removePerson(
  { users, identifiers, memberships }: Pick<Collections, 'users' | 'identifiers' | 'memberships'>,
  userId: string,
  nowMs: number,
): Promise<void> {
  const user = await users.get(partition, userId)
  if (!user) throw new AppError('USER_NOT_FOUND', 404, 'There is no such person.')
  const emailId = identifierId(user.doc.email)
  const provisional = await retrying(async () => {
    const entry = await identifiers.get(partition, emailId)
    if (entry?.doc.userId !== userId) return null
    // Of the invite that made them nothing comes back either.
    const doc = { ...entry.doc, inviteId: null, heldUntil: null, expiresAt: new Date(nowMs + settleMs).toISOString() }
    return identifiers.replace(partition, emailId, doc, entry.etag)
  })
  // Without the document a person is nobody, whatever else is still there.
  await retrying(async () => {
    const stored = await users.get(partition, userId)
    if (stored) await users.remove(partition, userId, stored.etag)
  })
  await forgetPerson({ users, memberships }, userId)
  for (const link of user.doc.upstream ?? []) {
    const entry = await identifiers.get(partition, upstreamKeyOf(link))
    // One that somebody else linked meanwhile is theirs.
    if (entry?.doc.userId === userId) await identifiers.remove(partition, entry.id, entry.etag).catch(() => undefined)
  }
  if (provisional) await identifiers.remove(partition, emailId, provisional.etag)
}

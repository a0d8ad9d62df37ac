import type { User } from '@console/contracts/people/schemas'
import type { InviteDoc } from '../../documents.ts'
import { isLastingAdmin, isLive, type PeopleBook, type Person } from '../../identity/people-book.ts'
import type { SessionBook } from '../../identity/session-book.ts'
import type { ThrottleBook } from '../../identity/throttle-book.ts'

export type ViewDeps = {
  readonly people: PeopleBook
  readonly sessions: SessionBook
  readonly throttles: ThrottleBook
  readonly now: () => number
}

/** A person as the admin pages show them: built field by field, so that nothing else of the document can slip out. */
export async function userOf({ people, sessions, throttles, now }: ViewDeps, person: Person): Promise<User> {
  const { id, etag, doc } = person
  const [open, failedSignIns] = await Promise.all([sessions.list(id), throttles.failuresOf(doc.email)])
  const lasting = [...people.all()].filter(isLastingAdmin)
  return {
    id,
    name: doc.name,
    email: doc.email,
    status: doc.status,
    disabledReason: doc.disabledReason,
    memberships: person.memberships
      .filter((membership) => isLive(membership, now()))
      .map(({ productId, role, plan, expiresAt }) => ({ productId, role, plan, expiresAt })),
    factors: ['password'],
    sessionCount: open.length,
    failedSignIns,
    lastSeenAt: person.lastSeenAt,
    createdAt: doc.createdAt,
    lastAdmin: lasting.length === 1 && lasting[0]?.id === id,
    etag,
  }
}

/** An open invite among the people. */
export function invitedUser({ inviteId, name, email, memberships, createdAt, endsAt }: InviteDoc): User {
  return {
    id: inviteId,
    name: name ?? '',
    email,
    status: 'invited',
    disabledReason: null,
    memberships,
    factors: [],
    sessionCount: 0,
    failedSignIns: 0,
    lastSeenAt: null,
    createdAt,
    lastAdmin: false,
    etag: endsAt,
  }
}

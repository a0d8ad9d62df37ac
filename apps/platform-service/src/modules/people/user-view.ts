import type { User } from '@console/contracts/people/schemas'
import type { InviteDoc } from '../../documents.ts'
import { factorsOf, isLastingAdmin, isLive, type PeopleBook, type Person } from '../../identity/people-book.ts'
import type { SessionBook } from '../../identity/session-book.ts'
import type { ThrottleBook } from '../../identity/throttle-book.ts'

export type ViewDeps = {
  readonly people: PeopleBook
  readonly sessions: SessionBook
  readonly throttles: ThrottleBook
  readonly now: () => number
}

/** A person as the admin pages show them: built field by field, so that nothing else of the document can slip out. */
export async function userOf(deps: ViewDeps, person: Person, lastAdmin = lastAdminOf(deps.people)): Promise<User> {
  const { sessions, throttles, now } = deps
  const { id, etag, doc } = person
  const [open, failedSignIns] = await Promise.all([sessions.list(id), throttles.failuresOf(doc.email)])
  return {
    id,
    name: doc.name,
    email: doc.email,
    status: doc.status,
    disabledReason: doc.disabledReason,
    memberships: person.memberships
      .filter((membership) => isLive(membership, now()))
      .map(({ productId, role, plan, expiresAt }) => ({ productId, role, plan, expiresAt })),
    factors: factorsOf(doc),
    sessionCount: open.length,
    failedSignIns,
    lastSeenAt: person.lastSeenAt,
    createdAt: doc.createdAt,
    lastAdmin: lastAdmin === id,
    etag,
  }
}

/** The one lasting platform admin, where there is but one. */
export function lastAdminOf(people: PeopleBook): string | null {
  const [one, another] = [...people.all()].filter(isLastingAdmin)
  return one && !another ? one.id : null
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

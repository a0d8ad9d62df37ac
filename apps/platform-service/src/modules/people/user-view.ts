import type { ExportedPerson } from '@console/contracts/people/exchange'
import type { Membership, User } from '@console/contracts/people/schemas'
import type { InviteDoc, UserDoc } from '../../documents.ts'
import { type InviteBook, inviteState } from '../../identity/invite-book.ts'
import { factorsOf, foldsOf, isLastingAdmin, isLive, type PeopleBook, type Person } from '../../identity/people-book.ts'
import type { SessionBook } from '../../identity/session-book.ts'
import type { ThrottleBook } from '../../identity/throttle-book.ts'
import type { Entry } from './people-list.ts'

export type ViewDeps = {
  readonly people: PeopleBook
  readonly sessions: SessionBook
  readonly throttles: ThrottleBook
  readonly now: () => number
}

/** A person as the admin pages show them: built field by field, so that nothing else of the document can slip out. */
export async function userOf(deps: ViewDeps, person: Person): Promise<User> {
  const open = await deps.sessions.list(person.id)
  return shown(deps, person, { sessionCount: open.length, lastAdmin: lastAdminOf(deps.people) })
}

async function shown(
  { throttles, now }: ViewDeps,
  person: Person,
  { sessionCount, lastAdmin }: { readonly sessionCount: number; readonly lastAdmin: string | null },
): Promise<User> {
  const { id, etag, doc } = person
  const failedSignIns = await throttles.failuresOf(doc.email)
  return {
    id,
    name: doc.name,
    email: doc.email,
    status: doc.status,
    disabledReason: doc.disabledReason,
    disabledUntil: doc.disabledUntil ?? null,
    memberships: person.memberships
      .filter((membership) => isLive(membership, now()))
      .map(({ productId, role, plan, expiresAt }) => ({ productId, role, plan, expiresAt })),
    factors: factorsOf(doc),
    sessionCount,
    failedSignIns,
    lastSeenAt: person.lastSeenAt,
    createdAt: doc.createdAt,
    lastAdmin: lastAdmin === id,
    etag,
  }
}

type Shown = Entry & { show(lastAdmin: string | null): Promise<User>; told(): ExportedPerson }

/** Everybody who can be listed, an open invite among them; each can be shown whole. */
export function* entriesOf(deps: ViewDeps & { readonly invites: InviteBook }): Generator<Shown> {
  const nowMs = deps.now()
  const counts = deps.sessions.everybodys.counts()
  for (const person of deps.people.all()) {
    const { id, doc, memberships, lastSeenAt, folds } = person
    const sessionCount = counts.get(id) ?? 0
    yield {
      id,
      folds,
      status: doc.status,
      createdAt: doc.createdAt,
      lastSeenAt,
      sessionCount,
      memberships: memberships.filter((membership) => isLive(membership, nowMs)),
      factors: secondFactorsOf(doc),
      show: (lastAdmin) => shown(deps, person, { sessionCount, lastAdmin }),
      told: () => ({
        id,
        email: doc.email,
        name: doc.name,
        status: doc.status,
        disabledReason: doc.disabledReason,
        disabledUntil: doc.disabledUntil ?? null,
        memberships: memberships.filter((membership) => isLive(membership, nowMs)).map(membershipOf),
        secondFactors: secondFactorsOf(doc),
        lastSeenAt,
        createdAt: doc.createdAt,
      }),
    }
  }
  for (const invite of deps.invites.all()) {
    if (inviteState(invite, nowMs) !== 'open') continue
    const { inviteId: id, name, email, createdAt, memberships } = invite
    const folds = foldsOf({ name: name ?? '', email })
    yield {
      id,
      folds,
      status: 'invited',
      createdAt,
      lastSeenAt: null,
      sessionCount: 0,
      memberships,
      factors: null,
      show: async () => invitedUser(invite),
      told: () => ({
        id,
        email,
        name: name ?? '',
        status: 'invited',
        disabledReason: null,
        disabledUntil: null,
        memberships: memberships.map(membershipOf),
        secondFactors: [],
        lastSeenAt: null,
        createdAt,
      }),
    }
  }
}

function secondFactorsOf(doc: UserDoc): ('totp' | 'passkey')[] {
  return factorsOf(doc).filter((factor) => factor !== 'password')
}

function membershipOf({ productId, role, plan, expiresAt }: Membership): Membership {
  return { productId, role, plan, expiresAt }
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
    disabledUntil: null,
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

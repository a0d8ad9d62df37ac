import type { Invite, InviteState } from '@console/contracts/people/schemas'
import type { InviteDoc } from '../../documents.ts'
import { type InviteBook, inviteState } from '../../identity/invite-book.ts'
import { comparePlaces, folded, type Place, readCursor, writeCursor } from '../../identity/list-cursor.ts'

export type InviteQuery = {
  readonly q?: string | undefined
  readonly state?: InviteState | undefined
  readonly limit?: number | undefined
  readonly cursor?: string | undefined
}
type InvitePage = { items: Invite[]; nextCursor: string | null; total: number; counts: Record<InviteState, number> }

/** Newest first; the counts are of what is searched for, whatever the state. */
export function listInvites(
  { invites, now }: { readonly invites: Pick<InviteBook, 'all'>; readonly now: () => number },
  { q = '', state, limit = 50, cursor }: InviteQuery,
): InvitePage {
  const words = folded(q).split(/\s+/).filter(Boolean)
  const found = invites
    .all()
    .map((invite) => inviteOf(invite, now()))
    .filter(({ email, name }) => words.every((word) => folded(`${name ?? ''} ${email}`).includes(word)))
    .sort((a, b) => comparePlaces(placeOf(b), placeOf(a)))
  const counts = { open: 0, accepted: 0, revoked: 0, expired: 0 }
  for (const invite of found) counts[invite.state] += 1
  const listed = state === undefined ? found : found.filter((invite) => invite.state === state)
  const question = [words.join(' '), state]
  const after = cursor === undefined ? null : readCursor(cursor, question, 2)
  const rest = after === null ? listed : listed.filter((invite) => comparePlaces(placeOf(invite), after) < 0)
  const items = rest.slice(0, limit)
  const last = items.at(-1)
  return { items, nextCursor: last && rest.length > limit ? writeCursor(placeOf(last), question) : null, total: listed.length, counts }
}

export function inviteOf(invite: InviteDoc, nowMs: number): Invite {
  const { inviteId, email, name, memberships, createdAt, createdBy, endsAt, settledAt = null, settledBy = null, mail = null } = invite
  const state = inviteState(invite, nowMs)
  return { id: inviteId, email, name, memberships, createdAt, createdBy, expiresAt: endsAt, state, settledAt, settledBy, mail }
}

function placeOf({ createdAt, id }: Invite): Place {
  return [createdAt, id]
}

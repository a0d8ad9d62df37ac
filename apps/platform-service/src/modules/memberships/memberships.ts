import type { listMemberships as listAction } from '@console/contracts/memberships/actions'
import type { MembershipRow } from '@console/contracts/memberships/schemas'
import type { z } from 'zod'
import type { MembershipDoc } from '../../documents.ts'
import { comparePlaces, folded, type Place, readCursor, writeCursor } from '../../identity/list-cursor.ts'
import { isLive, type PeopleBook, type Person } from '../../identity/people-book.ts'

export type MembershipDeps = { readonly people: PeopleBook; readonly now: () => number }
type Query = z.output<NonNullable<(typeof listAction)['query']>>
type Found = { readonly at: Place; readonly person: Person; readonly membership: MembershipDoc }

/** From memory, by the person's name, then by product; the cursor is the last row's place, so that rows who come and go shift nothing. */
export function listMemberships(deps: MembershipDeps, query: Query): { items: MembershipRow[]; nextCursor: string | null; total: number } {
  const { limit = 50, cursor, q, userId, productId, role, plan, endsBefore } = query
  const question = [q, userId, productId, role, plan, endsBefore]
  const from = cursor === undefined ? null : readCursor(cursor, question, 3)
  const found = peopleIn(deps, query).flatMap(({ person, name }): Found[] =>
    person.memberships
      .filter((membership) => fits(membership, query))
      .map((membership) => ({ at: [name, person.id, membership.productId], person, membership })),
  )
  found.sort((a, b) => comparePlaces(a.at, b.at))
  const left = from === null ? found : found.filter(({ at }) => comparePlaces(at, from) > 0)
  const page = left.slice(0, limit)
  const last = page.at(-1)
  return {
    items: page.map((one) => rowOf(one, deps.now())),
    nextCursor: left.length > limit && last ? writeCursor(last.at, question) : null,
    total: found.length,
  }
}

function peopleIn({ people }: MembershipDeps, { q, userId }: Query): { person: Person; name: string }[] {
  const one = userId === undefined ? undefined : people.find(userId)
  const asked = userId === undefined ? [...people.all()] : one ? [one] : []
  const words = folded(q ?? '')
    .split(/\s+/)
    .filter(Boolean)
  return asked
    .map((person) => ({ person, name: folded(person.doc.name) }))
    .filter(({ person, name }) => words.every((word) => name.includes(word) || person.doc.email.includes(word)))
}

function fits(membership: MembershipDoc, { productId, role, plan, endsBefore }: Query): boolean {
  if (productId !== undefined && membership.productId !== productId) return false
  if (role !== undefined && membership.role !== role) return false
  if (plan !== undefined && membership.plan !== plan) return false
  return endsBefore === undefined || (membership.expiresAt !== null && membership.expiresAt < endsBefore)
}

function rowOf({ person, membership }: Found, nowMs: number): MembershipRow {
  const { productId, role, plan, expiresAt } = membership
  const { name, email, status } = person.doc
  return { userId: person.id, name, email, status, productId, role, plan, expiresAt, ended: !isLive(membership, nowMs) }
}

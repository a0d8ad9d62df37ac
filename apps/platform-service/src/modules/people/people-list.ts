import type { UserStatus } from '@console/contracts/people/schemas'
import type { Role } from '@console/contracts/shapes'
import type { z } from 'zod'
import { comparePlaces, folded, readCursor, writeCursor } from '../../identity/list-cursor.ts'

/** What of a person a list can be asked by. */
export type Entry = {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly status: z.infer<typeof UserStatus>
  readonly createdAt: string
  readonly lastSeenAt: string | null
  readonly memberships: readonly { readonly productId: string; readonly role: Role }[]
}
export type PeopleQuery = {
  readonly q?: string | undefined
  readonly status?: Entry['status'] | undefined
  readonly productId?: string | undefined
  readonly role?: Role | undefined
  readonly sort?: 'name' | 'email' | 'status' | 'lastSeenAt' | 'createdAt' | undefined
  readonly direction?: 'asc' | 'desc' | undefined
  readonly limit?: number | undefined
  readonly cursor?: string | undefined
}

/**
 * One page of the people asked for: every word of `q` in name or e-mail without regard to case or accents, role and product in the same
 * membership. The cursor is the last entry's place in the order, so that people who come and go between pages shift nothing.
 * @throws AppError INPUT_INVALID for a cursor of another question
 */
export function pageOfPeople<E extends Entry>(
  entries: Iterable<E>,
  query: PeopleQuery,
): { items: E[]; nextCursor: string | null; total: number } {
  const { sort = 'name', direction = 'asc', limit = 50, cursor } = query
  const found = [...entries]
    .filter((entry) => fits(entry, query))
    .map((entry) => ({ entry, at: [placeOf(entry, sort), entry.id] as const }))
  const way = direction === 'asc' ? 1 : -1
  found.sort((a, b) => way * comparePlaces(a.at, b.at))
  const from = cursor === undefined ? null : readCursor(cursor, questionOf(query), 2)
  const left = from === null ? found : found.filter(({ at }) => way * comparePlaces(at, from) > 0)
  const page = left.slice(0, limit)
  const last = page.at(-1)
  return {
    items: page.map(({ entry }) => entry),
    nextCursor: left.length > limit && last ? writeCursor(last.at, questionOf(query)) : null,
    total: found.length,
  }
}

function fits({ name, email, status, memberships }: Entry, { q, status: wanted, productId, role }: PeopleQuery): boolean {
  if (wanted && status !== wanted) return false
  const fitting = (membership: Entry['memberships'][number]) =>
    (!productId || membership.productId === productId) && (!role || membership.role === role)
  if ((productId || role) && !memberships.some(fitting)) return false
  const text = folded(`${name} ${email}`)
  return folded(q ?? '')
    .split(/\s+/)
    .every((word) => text.includes(word))
}

function placeOf(entry: Entry, sort: NonNullable<PeopleQuery['sort']>): string {
  return folded(entry[sort] ?? '')
}

function questionOf({ q, status, productId, role, sort = 'name', direction = 'asc' }: PeopleQuery): unknown[] {
  return [q, status, productId, role, sort, direction]
}

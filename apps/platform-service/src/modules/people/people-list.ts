import { createHash } from 'node:crypto'
import type { UserStatus } from '@console/contracts/people/schemas'
import type { Role } from '@console/contracts/shapes'
import { AppError } from '@console/http-kit/problem'
import type { z } from 'zod'

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
  found.sort((a, b) => way * compare(a.at, b.at))
  const from = cursor === undefined ? null : readCursor(cursor, query)
  const left = from === null ? found : found.filter(({ at }) => way * compare(at, from) > 0)
  const page = left.slice(0, limit)
  const last = page.at(-1)
  return {
    items: page.map(({ entry }) => entry),
    nextCursor: left.length > limit && last ? writeCursor(last.at, query) : null,
    total: found.length,
  }
}

type Place = readonly [string, string]

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

function folded(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase()
}

function compare(a: Place, b: Place): number {
  if (a[0] !== b[0]) return a[0] < b[0] ? -1 : 1
  return a[1] === b[1] ? 0 : a[1] < b[1] ? -1 : 1
}

function writeCursor(at: Place, query: PeopleQuery): string {
  return Buffer.from(JSON.stringify([bindingOf(query), ...at])).toString('base64url')
}

function readCursor(cursor: string, query: PeopleQuery): Place {
  try {
    const [binding, place, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[]
    if (binding === bindingOf(query) && typeof place === 'string' && typeof id === 'string') return [place, id]
  } catch {
    // A broken cursor and one of another question are told the same below.
  }
  throw new AppError('INPUT_INVALID', 400, 'query.cursor: belongs to another question. Start again without it.')
}

function bindingOf({ q, status, productId, role, sort = 'name', direction = 'asc' }: PeopleQuery): string {
  return createHash('sha256')
    .update(JSON.stringify([q ?? null, status ?? null, productId ?? null, role ?? null, sort, direction]))
    .digest('base64url')
    .slice(0, 16)
}

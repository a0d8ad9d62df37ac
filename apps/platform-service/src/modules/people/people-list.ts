import type { LastSeen, PeopleSort, SecondFactor, UserStatus } from '@console/contracts/people/schemas'
import type { Role } from '@console/contracts/shapes'
import { comparePlaces, folded, readCursor, writeCursor } from '../../identity/list-cursor.ts'
import type { Folds } from '../../identity/people-book.ts'

/** What of a person a list can be asked by. */
export type Entry = {
  readonly id: string
  readonly folds: Folds
  readonly status: UserStatus
  readonly createdAt: string
  readonly lastSeenAt: string | null
  /** How many are live. */
  readonly sessionCount: number
  /** Only those that count now. */
  readonly memberships: readonly { readonly productId: string; readonly role: Role; readonly plan: string }[]
  /** Second factors, in the order in which they are told; null for an invite, which can have none yet. */
  readonly factors: readonly ('totp' | 'passkey')[] | null
}
export type PeopleFilter = {
  readonly q?: string | undefined
  readonly status?: Entry['status'] | undefined
  readonly productId?: string | undefined
  readonly role?: Role | undefined
  readonly plan?: string | undefined
  readonly factor?: SecondFactor | undefined
  readonly seen?: LastSeen | undefined
  readonly sort?: PeopleSort | undefined
  readonly direction?: 'asc' | 'desc' | undefined
}
export type PeopleQuery = PeopleFilter & { readonly limit?: number | undefined; readonly cursor?: string | undefined }
export type Counts = { active: number; disabled: number; invited: number; withoutFactor: number }

/**
 * One page of the people asked for. The cursor is the last entry's place in the order, so that people who come and go between pages shift
 * nothing. @throws AppError INPUT_INVALID for a cursor of another question
 */
export function pageOfPeople<E extends Entry>(
  entries: Iterable<E>,
  query: PeopleQuery,
  nowMs: number,
): { items: E[]; nextCursor: string | null; total: number; counts: Counts } {
  const { limit = 50, cursor } = query
  const { found, counts, way } = inOrder(entries, query, nowMs)
  const from = cursor === undefined ? null : readCursor(cursor, questionOf(query), 2)
  const left = from === null ? found : found.filter(({ at }) => way * comparePlaces(at, from) > 0)
  const page = left.slice(0, limit)
  const last = page.at(-1)
  return {
    items: page.map(({ entry }) => entry),
    nextCursor: left.length > limit && last ? writeCursor(last.at, questionOf(query)) : null,
    total: found.length,
    counts,
  }
}

/** Everybody who fits, in the order asked for. */
export function peopleInOrder<E extends Entry>(entries: Iterable<E>, query: PeopleFilter, nowMs: number): E[] {
  return inOrder(entries, query, nowMs).found.map(({ entry }) => entry)
}

function inOrder<E extends Entry>(entries: Iterable<E>, query: PeopleFilter, nowMs: number) {
  const { status, sort = 'name', direction = 'asc' } = query
  const counts: Counts = { active: 0, disabled: 0, invited: 0, withoutFactor: 0 }
  const fits = filterOf(query, nowMs)
  const found: { entry: E; at: readonly [string, string] }[] = []
  for (const entry of entries) {
    if (!fits(entry)) continue
    counts[entry.status] += 1
    if (entry.factors?.length === 0) counts.withoutFactor += 1
    if (status === undefined || entry.status === status) found.push({ entry, at: [placeOf(entry, sort), entry.id] })
  }
  const way = direction === 'asc' ? 1 : -1
  found.sort((a, b) => way * comparePlaces(a.at, b.at))
  return { found, counts, way }
}

/** All but the state, by which those who fit are counted. Every word of `q` stands in name or e-mail, whatever its case and accents. */
function filterOf({ q, productId, role, plan, factor, seen }: PeopleFilter, nowMs: number): (entry: Entry) => boolean {
  const words = folded(q ?? '')
    .split(/\s+/)
    .filter((word) => word !== '')
  const isSeen = seenFilter(seen, nowMs)
  const asksMembership = productId !== undefined || role !== undefined || plan !== undefined
  return ({ folds, memberships, factors, lastSeenAt }) => {
    if (!words.every((word) => folds.name.includes(word) || folds.email.includes(word))) return false
    if (factor !== undefined && !(factor === 'none' ? factors?.length === 0 : factors?.includes(factor))) return false
    if (!isSeen(lastSeenAt)) return false
    return (
      !asksMembership ||
      memberships.some(
        (one) =>
          (productId === undefined || one.productId === productId) &&
          (role === undefined || one.role === role) &&
          (plan === undefined || one.plan === plan),
      )
    )
  }
}

const dayMs = 86_400_000

function seenFilter(seen: PeopleFilter['seen'], nowMs: number): (at: string | null) => boolean {
  if (seen === undefined) return () => true
  if (seen === 'never') return (at) => at === null
  // Times are of one shape, so they compare as text.
  const edge = new Date(nowMs - (seen === '7d' ? 7 : seen === 'over90d' ? 90 : 30) * dayMs).toISOString()
  return seen.startsWith('over') ? (at) => at !== null && at < edge : (at) => at !== null && at >= edge
}

function placeOf(entry: Entry, sort: NonNullable<PeopleFilter['sort']>): string {
  if (sort === 'name' || sort === 'email') return entry.folds[sort]
  if (sort === 'factor') return entry.factors?.join(' ') ?? ''
  // Padded, so that numbers compare as text.
  if (sort === 'sessions') return String(entry.sessionCount).padStart(6, '0')
  return entry[sort] ?? ''
}

function questionOf({ q, status, productId, role, plan, factor, seen, sort = 'name', direction = 'asc' }: PeopleQuery): unknown[] {
  return [q, status, productId, role, plan, factor, seen, sort, direction]
}

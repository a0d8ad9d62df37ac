import type { Stored } from '@console/store/port'
import type { PastSessionDoc, SessionDoc } from '../documents.ts'
import type { Watched } from '../watched-collection.ts'
import { idleEndOf, type SessionRules } from './judge-session.ts'
import { createKeptOrder, type Placed } from './kept-order.ts'
import { comparePlaces, folded, type Place } from './list-cursor.ts'

/** What an admin is shown of a session; `over` is null while it is live, and says else when it ended, by whom and why. */
export type ListedSession = Pick<PastSessionDoc, 'userId' | 'createdAt' | 'lastUsedAt' | 'amr' | 'address' | 'device' | 'products'> & {
  readonly sid: string
  /** When it ends if nobody uses it, or when it ended. */
  readonly endsAt: string
  readonly over: { readonly by: string; readonly why: string } | null
}
export type SessionQuestion = {
  readonly userId?: string | undefined
  readonly state?: 'live' | 'ended' | undefined
  readonly fits: (session: AskedSession) => boolean
  readonly limit: number
  /** The place after which the page begins. */
  readonly from: Place | null
}
/** What can be asked of a session; device and address as they are looked for. */
export type AskedSession = Pick<PastSessionDoc, 'userId' | 'products'> & {
  readonly folds: { readonly device: string; readonly address: string }
}
/** `next` is where the page ends; null where nothing comes after it. `live` counts all that are live, `people` whose they are. */
type SessionsPage = { readonly items: ListedSession[]; readonly next: Place | null; readonly live: number; readonly people: number }
/** Length of a place: which part of the list, when, and the session. */
export const sessionPlaceLength = 3

export type SessionList = {
  /** Live ones come first, the one used last at the top; then ended ones, the one that ended last at the top. */
  page(question: SessionQuestion): Promise<SessionsPage>
  /** How many live sessions everybody has who has any. */
  counts(): ReadonlyMap<string, number>
}
type Deps = {
  readonly sessions: Watched<SessionDoc>
  readonly pastSessions: Watched<PastSessionDoc>
  readonly now: () => number
  readonly rules: SessionRules
}
/** Never the tie of a value: what is not shown is not kept. */
type Shown = Pick<PastSessionDoc, 'createdAt' | 'lastUsedAt' | 'amr' | 'address' | 'device'>
type Kept = Placed & AskedSession & { readonly sid: string; readonly shown: Shown }
type Live = Kept & {
  readonly over: null
  readonly lastUsedMs: number
  readonly createdMs: number
  readonly expiresAt: string
  readonly expiresMs: number
}
type Past = Kept & { readonly over: { readonly by: string; readonly why: string }; readonly endedAt: string }

/** In memory, loaded once and kept by every write of sessions: no page reads the store. */
export async function openSessionList({ sessions, pastSessions, now, rules }: Deps): Promise<SessionList> {
  const kept = createKeptOrder<Live>()
  const past = createKeptOrder<Past>()
  await sessions.follow((id, stored) => kept.set(id, stored && liveOf(stored)))
  await pastSessions.follow((id, stored) => past.set(id, stored && pastOf(stored)))
  /** What was left alone too long is over before a sweep says so. */
  const live = (userId?: string): Live[] => {
    const nowMs = now()
    const [usedAfter, createdAfter] = [nowMs - rules.idleMs, nowMs - rules.absoluteMs]
    const isLive = ({ lastUsedMs, createdMs, expiresMs }: Live) => lastUsedMs > usedAfter && createdMs > createdAfter && expiresMs > nowMs
    return kept.all().filter((one) => (userId === undefined || one.userId === userId) && isLive(one))
  }
  return {
    async page({ userId, state, fits, limit, from }) {
      await sessions.settle()
      await pastSessions.settle()
      const open = live(userId)
      const found: (Live | Past)[] = []
      for (const part of [state === 'ended' ? [] : open, state === 'live' ? [] : past.all()])
        for (const one of part) {
          if (found.length > limit) break
          const asked = (userId === undefined || one.userId === userId) && (from === null || comparePlaces(one.place, from) < 0)
          if (asked && fits(one)) found.push(one)
        }
      const items = found.slice(0, limit)
      return {
        items: items.map((one) => listed(one, rules)),
        next: found.length > limit ? (items.at(-1)?.place ?? null) : null,
        live: open.length,
        people: new Set(open.map((one) => one.userId)).size,
      }
    },
    counts: () => {
      const byUser = new Map<string, number>()
      for (const { userId } of live()) byUser.set(userId, (byUser.get(userId) ?? 0) + 1)
      return byUser
    },
  }
}

/** One value of a session; null for one that was replaced or ended. */
function liveOf({ id, doc }: Stored<SessionDoc>): Live | null {
  if (doc.supersededAt !== null || doc.endedAt !== null) return null
  const { sid, createdAt, lastUsedAt, expiresAt } = doc
  return {
    id,
    ...keptOf(doc, sid),
    place: ['live', lastUsedAt, sid],
    over: null,
    lastUsedMs: Date.parse(lastUsedAt),
    createdMs: Date.parse(createdAt),
    expiresAt,
    expiresMs: Date.parse(expiresAt),
  }
}

function pastOf({ id, doc }: Stored<PastSessionDoc>): Past {
  const { endedAt, endedBy, endedWhy } = doc
  return { id, ...keptOf(doc, id), place: ['ended', endedAt, id], over: { by: endedBy, why: endedWhy }, endedAt }
}

function keptOf({ userId, products, createdAt, lastUsedAt, amr, address, device }: SessionDoc | PastSessionDoc, sid: string) {
  const folds = { device: folded(device), address: folded(address) }
  return { sid, userId, products, folds, shown: { createdAt, lastUsedAt, amr, address, device } }
}

function listed(one: Live | Past, rules: SessionRules): ListedSession {
  const { sid, userId, products, shown, over } = one
  const endsAt = one.over === null ? new Date(idleEndOf({ ...one.shown, expiresAt: one.expiresAt }, rules)).toISOString() : one.endedAt
  return { userId, products, ...shown, sid, endsAt, over }
}

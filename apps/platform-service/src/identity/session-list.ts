import type { Collection, Stored } from '@console/store/port'
import { partition } from '../collections.ts'
import type { PastSessionDoc, SessionDoc } from '../documents.ts'
import { allOf } from './all-of.ts'
import { idleEndOf, isNewest, type SessionRules } from './judge-session.ts'
import { comparePlaces, type Place } from './list-cursor.ts'

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
  readonly fits: (session: ListedSession) => boolean
  readonly limit: number
  /** The place after which the page begins. */
  readonly from: Place | null
}
/** `next` is where the page ends; null where nothing comes after it. `live` counts all that are live, `people` whose they are. */
export type SessionsPage = { readonly items: ListedSession[]; readonly next: Place | null; readonly live: number; readonly people: number }
/** Length of a place: which part of the list, when, and the session. */
export const sessionPlaceLength = 3

type Deps = {
  readonly sessions: Collection<SessionDoc>
  readonly pastSessions: Collection<PastSessionDoc>
  readonly now: () => number
  readonly rules: SessionRules
}
/** Ended ones that are looked at for one page: where a filter lets few through, the page is short and the next one goes on. */
const mostLookedAt = 2_000
const atOnce = 200

/** Live ones come first, the one used last at the top; then ended ones, the one that ended last at the top. */
export async function listSessions(deps: Deps, question: SessionQuestion): Promise<SessionsPage> {
  const { state, fits, limit, from } = question
  const live = await allLive(deps, question.userId)
  const counts = { live: live.length, people: new Set(live.map(({ userId }) => userId)).size }
  const wanted = state === 'ended' || from?.[0] === 'ended' ? [] : live.filter(fits)
  const left = from?.[0] === 'live' ? wanted.filter((one) => comparePlaces(placeOf(one), from) < 0) : wanted
  const items = left.slice(0, limit)
  if (left.length > limit) return { items, next: placeOf(items.at(-1) as ListedSession), ...counts }
  if (state === 'live') return { items, next: null, ...counts }
  const ended = await someEnded(deps, { ...question, limit: limit - items.length })
  return { items: [...items, ...ended.items], next: ended.next, ...counts }
}

async function allLive({ sessions, now, rules }: Deps, userId: string | undefined): Promise<ListedSession[]> {
  const found = await allOf(sessions, [
    ...(userId === undefined ? [] : [{ f: 'userId', op: 'eq', v: userId } as const]),
    { f: 'lastUsedAt', op: 'gt', v: new Date(now() - rules.idleMs).toISOString() },
    { f: 'endedAt', op: 'absent' },
  ])
  return found
    .filter(({ doc }) => isNewest(doc, now(), rules))
    .map(({ doc }) => ({ ...shown(doc), sid: doc.sid, endsAt: new Date(idleEndOf(doc, rules)).toISOString(), over: null }))
    .sort((a, b) => comparePlaces(placeOf(b), placeOf(a)))
}

async function someEnded(
  { pastSessions }: Deps,
  { userId, from, fits, limit }: SessionQuestion,
): Promise<Pick<SessionsPage, 'items' | 'next'>> {
  const after = from?.[0] === 'ended' ? from : null
  const where = [
    ...(userId === undefined ? [] : [{ f: 'userId', op: 'eq', v: userId } as const]),
    ...(after === null ? [] : [{ f: 'endedAt', op: 'lte', v: after[1] ?? '' } as const]),
  ]
  const items: ListedSession[] = []
  let last: Place = after ?? ['ended', '~', '~']
  let looked = 0
  let cursor: string | undefined
  do {
    const page = await pastSessions.find(partition, {
      where,
      order: { f: 'endedAt', dir: 'desc' },
      limit: atOnce,
      ...(cursor !== undefined && { after: cursor }),
    })
    for (const session of page.items.map(listedPast)) {
      if (after !== null && comparePlaces(placeOf(session), after) >= 0) continue
      if (items.length === limit) return { items, next: last }
      last = placeOf(session)
      if (fits(session)) items.push(session)
    }
    looked += page.items.length
    cursor = page.cursor
  } while (cursor !== undefined && looked < mostLookedAt)
  return { items, next: cursor === undefined ? null : last }
}

function placeOf({ over, lastUsedAt, endsAt, sid }: ListedSession): Place {
  return over === null ? ['live', lastUsedAt, sid] : ['ended', endsAt, sid]
}

function listedPast({ id, doc }: Stored<PastSessionDoc>): ListedSession {
  return { ...shown(doc), sid: id, endsAt: doc.endedAt, over: { by: doc.endedBy, why: doc.endedWhy } }
}

function shown({ userId, createdAt, lastUsedAt, amr, address, device, products }: SessionDoc | PastSessionDoc) {
  return { userId, createdAt, lastUsedAt, amr, address, device, products }
}

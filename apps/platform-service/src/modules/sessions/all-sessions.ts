import type { endSessions as endAction, listSessions as listAction } from '@console/contracts/sessions/actions'
import type { Session, SessionResult } from '@console/contracts/sessions/schemas'
import type { Context } from '@console/http-kit/context'
import { AppError } from '@console/http-kit/problem'
import type { z } from 'zod'
import { folded, readCursor, writeCursor } from '../../identity/list-cursor.ts'
import type { PeopleBook } from '../../identity/people-book.ts'
import { assertFreshFactor } from '../../identity/proof.ts'
import type { SignedIn } from '../../identity/recognition.ts'
import type { SessionBook } from '../../identity/session-book.ts'
import { type AskedSession, type ListedSession, sessionPlaceLength } from '../../identity/session-list.ts'
import { type OneByOneDeps, oneOfMany } from '../../one-by-one.ts'

export type AllSessionDeps = OneByOneDeps & {
  readonly sessions: SessionBook
  readonly people: PeopleBook
  readonly signedIn: (actor: Context['actor']) => SignedIn
}
type Query = z.output<NonNullable<(typeof listAction)['query']>>
type Wish = z.output<NonNullable<(typeof endAction)['body']>>

export async function listSessions(
  deps: AllSessionDeps,
  ctx: Context,
  { limit = 50, cursor, q, userId, productId, state }: Query,
): Promise<{ items: Session[]; nextCursor: string | null; live: number; people: number }> {
  const question = [q, userId, productId, state]
  const words = folded(q ?? '')
    .split(/\s+/)
    .filter(Boolean)
  const fits = (session: AskedSession): boolean =>
    (productId === undefined || session.products.includes(productId)) && matches(deps, session, words)
  const from = cursor === undefined ? null : readCursor(cursor, question, sessionPlaceLength)
  const { items, next, live, people } = await deps.sessions.everybodys.page({ userId, state, fits, limit, from })
  return {
    items: items.map((session) => sessionOf(deps, ctx, session)),
    nextCursor: next && writeCursor(next, question),
    live,
    people,
  }
}

/** One after the other; one that has ended already, or never was, is told so. The own session is one like the others. */
export async function endSessions(
  deps: AllSessionDeps,
  ctx: Context,
  { sessionIds, reason }: Wish,
): Promise<{ results: SessionResult[]; done: number; failed: number }> {
  assertFreshFactor(deps.signedIn(ctx.actor), deps.now())
  const results: SessionResult[] = []
  for (const sessionId of new Set(sessionIds)) {
    const session = await deps.sessions.current(sessionId)
    const row = { action: 'sessions.session.end', target: session?.doc.userId ?? sessionId, input: { sessionId, reason } }
    const end = async () => {
      if (!session) throw new AppError('SESSION_NOT_FOUND', 404, 'There is no such session, or it has ended.')
      await deps.sessions.end(sessionId, { by: ctx.actor.id, why: reason })
    }
    results.push({ sessionId, ...(await oneOfMany(deps, ctx, row, end)) })
  }
  const done = results.filter(({ outcome }) => outcome === 'done').length
  return { results, done, failed: results.length - done }
}

/** Every word in name, e-mail, device or address, without regard to case or accents. */
function matches({ people }: AllSessionDeps, { userId, folds }: AskedSession, words: readonly string[]): boolean {
  if (words.length === 0) return true
  const { name = '', email = '' } = people.find(userId)?.folds ?? {}
  return words.every((word) => [name, email, folds.device, folds.address].some((text) => text.includes(word)))
}

function sessionOf({ people }: AllSessionDeps, { actor }: Context, session: ListedSession): Session {
  const { sid, userId, over, device, address, amr, products, createdAt, lastUsedAt, endsAt } = session
  const { name = '', email = '' } = people.find(userId)?.doc ?? {}
  return {
    id: sid,
    person: { id: userId, name, email },
    state: over === null ? 'live' : 'ended',
    current: sid === actor.sid,
    device,
    address,
    amr,
    products,
    createdAt,
    lastUsedAt,
    endsAt,
    ended: over && { by: { id: over.by, name: people.find(over.by)?.doc.name ?? over.by }, why: over.why },
  }
}

import type { OwnSession } from '@console/contracts/auth/schemas'
import type { Context } from '@console/http-kit/context'
import { AppError } from '@console/http-kit/problem'
import type { Entrance } from '../../identity/entrance.ts'
import { assertFreshFactor } from '../../identity/proof.ts'
import type { SignedIn } from '../../identity/recognition.ts'
import type { SessionBook } from '../../identity/session-book.ts'

export type OwnSessionDeps = {
  readonly sessions: SessionBook
  readonly entrance: Entrance
  readonly signedIn: (actor: Context['actor']) => SignedIn
  readonly now: () => number
}

export async function listOwnSessions({ sessions, signedIn }: OwnSessionDeps, ctx: Context): Promise<OwnSession[]> {
  const me = signedIn(ctx.actor)
  const mine = await sessions.list(me.user.id)
  return mine
    .map((session) => ({
      id: session.doc.sid,
      current: session.doc.sid === me.session.doc.sid,
      createdAt: session.doc.createdAt,
      lastUsedAt: session.doc.lastUsedAt,
      expiresAt: new Date(sessions.idleEnd(session)).toISOString(),
      address: session.doc.address,
      device: session.doc.device,
    }))
    .sort((a, b) => Number(b.current) - Number(a.current) || (a.lastUsedAt < b.lastUsedAt ? 1 : -1))
}

export async function signOut({ sessions, entrance, signedIn }: OwnSessionDeps, ctx: Context): Promise<void> {
  const { session, user } = signedIn(ctx.actor)
  await sessions.end(session.doc.sid, { by: user.id, why: 'signed out' })
  await entrance.leave(ctx, session)
}

/** Somebody else's session and one that does not exist are told the same. */
export async function endOwnSession({ sessions, signedIn, now }: OwnSessionDeps, ctx: Context, sid: string): Promise<void> {
  const me = signedIn(ctx.actor)
  assertFreshFactor(me, now())
  const mine = await sessions.list(me.user.id)
  if (!mine.some(({ doc }) => doc.sid === sid)) throw new AppError('SESSION_NOT_FOUND', 404, 'You have no such session, or it has ended.')
  await sessions.end(sid, { by: me.user.id, why: 'ended by its owner' })
}

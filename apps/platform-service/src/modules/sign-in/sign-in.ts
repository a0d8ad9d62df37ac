import type { SessionInfo } from '@console/contracts/auth/schemas'
import type { Context } from '@console/http-kit/context'
import { normalEmail } from '../../identity/email-claims.ts'
import type { Entrance } from '../../identity/entrance.ts'
import type { PasswordPolicy } from '../../identity/password-policy.ts'
import type { Passwords } from '../../identity/passwords.ts'
import type { PeopleBook } from '../../identity/people-book.ts'
import { credentialsInvalid, provePassword } from '../../identity/proof.ts'
import type { SignedIn } from '../../identity/recognition.ts'
import type { SessionBook } from '../../identity/session-book.ts'
import type { ThrottleBook } from '../../identity/throttle-book.ts'

export type SignInDeps = {
  readonly people: PeopleBook
  readonly sessions: SessionBook
  readonly passwords: Passwords
  readonly policy: PasswordPolicy
  readonly throttles: ThrottleBook
  readonly entrance: Entrance
  readonly signedIn: (actor: Context['actor']) => SignedIn
  readonly intend: (requestId: string, actor: { kind: 'person'; id: string; name: string }) => Promise<void>
  readonly now: () => number
}

/** No document has this id: an unknown e-mail costs the same reads as a known one. */
const nobodyId = '00000000-0000-0000-0000-000000000000'

export async function signIn(deps: SignInDeps, ctx: Context, given: { email: string; password: string }): Promise<SessionInfo> {
  const { people, passwords, entrance, now } = deps
  const email = normalEmail(given.email)
  const user = await people.read((await people.idOf(email)) ?? nobodyId)
  await provePassword(deps, ctx, { email, stored: user?.doc.password ?? null, password: given.password })
  if (user?.doc.status !== 'active') throw credentialsInvalid()
  const { name } = user.doc
  await deps.intend(ctx.requestId, { kind: 'person', id: user.id, name })
  const password = passwords.isWeaker(user.doc.password) ? await passwords.hash(given.password) : null
  const seenAt = new Date(now()).toISOString()
  await people.update(user.id, (doc) => ({
    ...doc,
    lastSeenAt: seenAt,
    // A password that was changed meanwhile is not undone.
    ...(password !== null && doc.password === user.doc.password && { password }),
  }))
  return entrance.enter(ctx, user)
}

/** Shows the factor again: new values of the session, and five minutes in which access may be changed and plans confirmed. */
export async function stepUp(deps: SignInDeps, ctx: Context, given: { password: string }): Promise<SessionInfo> {
  const me = deps.signedIn(ctx.actor)
  await provePassword(deps, ctx, { email: me.user.doc.email, stored: me.user.doc.password, password: given.password })
  return deps.entrance.renew(ctx, me)
}

export async function changePassword(
  deps: SignInDeps,
  ctx: Context,
  { current, next, endOtherSessions }: { current: string; next: string; endOtherSessions: boolean },
): Promise<SessionInfo> {
  const { people, sessions, passwords, policy, entrance, now } = deps
  const me = deps.signedIn(ctx.actor)
  const { email, name } = me.user.doc
  await provePassword(deps, ctx, { email, stored: me.user.doc.password, password: current })
  await policy.check(next, [email, name])
  const password = await passwords.hash(next)
  const at = new Date(now()).toISOString()
  await people.update(me.user.id, (doc) => ({ ...doc, password, passwordAt: at }))
  if (endOtherSessions) await sessions.endAll(me.user.id, { by: me.user.id, why: 'password changed', exceptSid: me.session.doc.sid })
  return entrance.renew(ctx, me)
}

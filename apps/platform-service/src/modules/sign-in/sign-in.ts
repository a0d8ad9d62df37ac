import type { Challenge, SessionInfo } from '@console/contracts/auth/schemas'
import type { Context } from '@console/http-kit/context'
import { AppError } from '@console/http-kit/problem'
import type { Stored } from '@console/store/port'
import type { UserDoc } from '../../documents.ts'
import type { ChallengeBook } from '../../identity/challenge-book.ts'
import { normalEmail } from '../../identity/email-claims.ts'
import type { Entrance } from '../../identity/entrance.ts'
import { afterFirstFactor } from '../../identity/first-factor.ts'
import type { PasswordPolicy } from '../../identity/password-policy.ts'
import type { Passwords } from '../../identity/passwords.ts'
import type { PeopleBook } from '../../identity/people-book.ts'
import { challengeOver, codeInvalid, credentialsInvalid, proveCode, provePassword } from '../../identity/proof.ts'
import type { SignedIn } from '../../identity/recognition.ts'
import type { ResetBook } from '../../identity/reset-book.ts'
import type { SecondFactors } from '../../identity/second-factor.ts'
import { hasSecondFactor } from '../../identity/second-factor-rule.ts'
import type { SessionBook } from '../../identity/session-book.ts'
import type { ThrottleBook } from '../../identity/throttle-book.ts'
import type { Notify } from '../../mail/notices.ts'

export type SignInDeps = {
  readonly people: PeopleBook
  readonly sessions: SessionBook
  readonly passwords: Passwords
  readonly policy: PasswordPolicy
  readonly throttles: ThrottleBook
  readonly challenges: ChallengeBook
  readonly resets: ResetBook
  readonly secondFactors: SecondFactors
  readonly entrance: Entrance
  readonly signedIn: (actor: Context['actor']) => SignedIn
  readonly notify: Notify
  readonly intend: (requestId: string, actor: { kind: 'person'; id: string; name: string }) => Promise<void>
  readonly now: () => number
}

/** No document has this id: an unknown e-mail costs the same reads as a known one. */
const nobodyId = '00000000-0000-0000-0000-000000000000'

export async function signIn(deps: SignInDeps, ctx: Context, given: { email: string; password: string }): Promise<SessionInfo | Challenge> {
  const { people, passwords } = deps
  const email = normalEmail(given.email)
  const user = await people.read((await people.idOf(email)) ?? nobodyId)
  const isWhole = user === null || !hasSecondFactor(user.doc)
  await provePassword(deps, ctx, { email, stored: user?.doc.password ?? null, password: given.password, isWhole })
  if (user?.doc.status !== 'active') throw credentialsInvalid()
  const { name } = user.doc
  await deps.intend(ctx.requestId, { kind: 'person', id: user.id, name })
  const password = user.doc.password !== null && passwords.isWeaker(user.doc.password) ? await passwords.hash(given.password) : null
  // A password that was changed meanwhile is not undone.
  if (password !== null) await people.update(user.id, (doc) => (doc.password === user.doc.password ? { ...doc, password } : doc))
  const answer = await afterFirstFactor(deps, ctx, user, 'pwd')
  await assertStillGood(deps, user)
  return answer
}

/**
 * A password that was changed or reset while it was being shown opens nothing: the change ended what it saw, and what came a moment later ends
 * here. @throws AppError AUTH_CREDENTIALS_INVALID
 */
async function assertStillGood({ people, sessions, resets }: SignInDeps, { id, doc }: Stored<UserDoc>): Promise<void> {
  if ((await people.read(id))?.doc.passwordAt === doc.passwordAt) return
  await sessions.endAll(id, { by: id, why: 'password changed' })
  await resets.endAll(id)
  throw credentialsInvalid()
}

/** The second half of a sign-in. A challenge is good once, and a wrong code counts like a wrong password. */
export async function answerChallenge(deps: SignInDeps, ctx: Context, given: { challenge: string; code: string }): Promise<SessionInfo> {
  const { people, challenges } = deps
  const userId = await challenges.find(given.challenge)
  const user = userId === null ? null : await people.read(userId)
  if (user?.doc.status !== 'active') throw challengeOver()
  // Taken away meanwhile: the first factor is all that the person has again, and it was shown.
  const isAlone = !hasSecondFactor(user.doc)
  const by = isAlone ? null : await proveCode(deps, ctx, { userId: user.id, email: user.doc.email, code: given.code })
  await deps.intend(ctx.requestId, { kind: 'person', id: user.id, name: user.doc.name })
  const first = await challenges.begunBy(given.challenge)
  if (!(await challenges.finish(given.challenge))) throw challengeOver()
  return deps.entrance.enter(ctx, user, by === null ? [first] : [first, by])
}

/** Shows the factor again: new values of the session, and five minutes in which access may be changed and plans confirmed. */
export async function stepUp(
  deps: SignInDeps,
  ctx: Context,
  { password, code }: { password?: string | undefined; code?: string | undefined },
): Promise<SessionInfo> {
  const me = deps.signedIn(ctx.actor)
  const { email, password: stored } = me.user.doc
  if ((password === undefined) === (code === undefined)) throw new AppError('INPUT_INVALID', 400, 'body: send either password or code.')
  if (password !== undefined) await provePassword(deps, ctx, { email, stored, password, isWhole: true })
  else if ((await proveCode(deps, ctx, { userId: me.user.id, email, code: code ?? '' })) === 'recovery') throw codeInvalid()
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
  await provePassword(deps, ctx, { email, stored: me.user.doc.password, password: current, isWhole: true })
  await policy.check(next, [email, name])
  const password = await passwords.hash(next)
  const at = new Date(now()).toISOString()
  await people.update(me.user.id, (doc) => ({ ...doc, password, passwordAt: at }))
  await deps.resets.endAll(me.user.id)
  deps.notify(me.user, 'password changed', ctx)
  if (endOtherSessions) await sessions.endAll(me.user.id, { by: me.user.id, why: 'password changed', exceptSid: me.session.doc.sid })
  return entrance.renew(ctx, me)
}

import type { LinkHandedOver } from '@console/contracts/passwords/schemas'
import type { Context } from '@console/http-kit/context'
import { AppError } from '@console/http-kit/problem'
import type { Stored } from '@console/store/port'
import type { ResetDoc, UserDoc } from '../../documents.ts'
import type { PasswordPolicy } from '../../identity/password-policy.ts'
import type { Passwords } from '../../identity/passwords.ts'
import type { PeopleBook } from '../../identity/people-book.ts'
import { assertFreshFactor } from '../../identity/proof.ts'
import type { SignedIn } from '../../identity/recognition.ts'
import type { ResetBook } from '../../identity/reset-book.ts'
import type { ResetLinks } from '../../identity/reset-links.ts'
import { hasSecondFactor } from '../../identity/second-factor-rule.ts'
import type { SessionBook } from '../../identity/session-book.ts'
import type { ThrottleBook } from '../../identity/throttle-book.ts'
import type { Notify } from '../../mail/notices.ts'

export type PasswordDeps = {
  readonly people: PeopleBook
  readonly sessions: SessionBook
  readonly passwords: Passwords
  readonly policy: PasswordPolicy
  readonly throttles: ThrottleBook
  readonly resets: ResetBook
  readonly resetLinks: ResetLinks
  readonly signedIn: (actor: Context['actor']) => SignedIn
  readonly notify: Notify
  readonly intend: (requestId: string, actor: { kind: 'person'; id: string; name: string }) => Promise<void>
  readonly now: () => number
}

/** An admin begins it and never learns the password; for oneself the profile is the way, which asks for the present one. */
export async function createResetLink(deps: PasswordDeps, ctx: Context, id: string): Promise<LinkHandedOver> {
  assertFreshFactor(deps.signedIn(ctx.actor), deps.now())
  if (id === ctx.actor.id) throw new AppError('USER_SELF', 409, 'That is yourself. Change your own password on your profile.')
  const user = await deps.people.read(id)
  if (!user) throw new AppError('USER_NOT_FOUND', 404, 'There is no such person.')
  if (user.doc.status !== 'active') throw new AppError('USER_DISABLED', 409, 'The person is disabled. Enable them first.')
  return deps.resetLinks.handOver(user, { origin: 'admin', createdBy: ctx.actor.id, requestId: ctx.requestId })
}

export async function showReset(deps: PasswordDeps, ctx: Context, token: string) {
  const { link, user } = await guarded(deps, ctx, token)
  return { email: user.doc.email, secondFactor: hasSecondFactor(user.doc), expiresAt: link.expiresAt }
}

/** Sets the password and ends everything that the one before had opened. It signs nobody in: the second factor is still to be shown. */
export async function resetPassword(deps: PasswordDeps, ctx: Context, given: { token: string; password: string }): Promise<void> {
  const { people, sessions, passwords, policy, throttles, resets, now } = deps
  const { user } = await guarded(deps, ctx, given.token)
  const { id } = user
  const { email, name } = user.doc
  await policy.check(given.password, [email, name])
  const password = await passwords.hash(given.password)
  await deps.intend(ctx.requestId, { kind: 'person', id, name })
  // Used up before it has its effect: of several at once one goes on, and what fails from here on needs a new link.
  if (!(await resets.finish(given.token))) throw resetOver()
  const passwordAt = new Date(now()).toISOString()
  await people.update(id, (doc) => {
    if (doc.status !== 'active') throw resetOver()
    return { ...doc, password, passwordAt }
  })
  await sessions.endAll(id, { by: id, why: 'password reset' })
  await resets.endAll(id)
  deps.notify(user, 'password reset', ctx)
  // Whoever has a second factor keeps its misses: a mailbox alone must not buy more guesses.
  if (!hasSecondFactor(user.doc)) await throttles.clear('account', email)
}

/** A link is 256 bits and cannot be guessed; those who try all the same are slowed down. @throws AppError RESET_NOT_FOUND */
async function guarded(
  { throttles, resets, people }: PasswordDeps,
  ctx: Context,
  token: string,
): Promise<{ link: ResetDoc; user: Stored<UserDoc> }> {
  if (!(await throttles.take('address', ctx.address)))
    throw new AppError('RATE_LIMITED', 429, 'Too many attempts. Wait a minute.', { headers: { 'retry-after': '60' } })
  const link = await resets.find(token)
  const user = link && (await people.read(link.userId))
  if (!link || user?.doc.status !== 'active') throw resetOver()
  return { link, user }
}

function resetOver(): AppError {
  return new AppError('RESET_NOT_FOUND', 404, 'This link is unknown, used, replaced by a newer one, or older than 30 minutes.')
}

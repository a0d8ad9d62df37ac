import type { User } from '@console/contracts/people/schemas'
import type { Context } from '@console/http-kit/context'
import { AppError } from '@console/http-kit/problem'
import type { Passwords } from '../../identity/passwords.ts'
import { assertFreshFactor } from '../../identity/proof.ts'
import type { ResetLinks } from '../../identity/reset-links.ts'
import { newSecret } from '../../identity/secret-value.ts'
import type { Mailer } from '../../mail/mailer.ts'
import type { PeopleDeps } from './people.ts'
import { userOf } from './user-view.ts'

export type RequireResetDeps = PeopleDeps & {
  readonly passwords: Passwords
  readonly resetLinks: ResetLinks
  readonly mailer: Mailer
}

/**
 * The password may be known to somebody else: it ends at once, and with it every session, sign-in and link. What stands in its place is the
 * hash of something that nobody knows, so a link is the only way to another. Oneself is left out: nobody could be left who makes the link.
 */
export async function requireReset(deps: RequireResetDeps, ctx: Context, id: string): Promise<User> {
  const { people, passwords, sessions, resets, resetLinks, mailer, now } = deps
  assertFreshFactor(deps.signedIn(ctx.actor), now())
  if (id === ctx.actor.id) throw new AppError('USER_SELF', 409, 'That is yourself. Change your own password on your profile.')
  const before = people.find(id)
  if (!before) throw new AppError('USER_NOT_FOUND', 404, 'There is no such person.')
  if (before.doc.status !== 'active') throw new AppError('USER_DISABLED', 409, 'The person is disabled, and signs in with nothing.')
  const password = await passwords.hash(newSecret())
  const passwordAt = new Date(now()).toISOString()
  const person = await people.update(id, (doc) => ({ ...doc, password, passwordAt }))
  await sessions.endAll(id, { by: ctx.actor.id, why: 'new password required' })
  await resets.endAll(id)
  if (mailer.isOn) await resetLinks.post(person, { origin: 'required', createdBy: ctx.actor.id, requestId: ctx.requestId })
  return userOf(deps, person)
}

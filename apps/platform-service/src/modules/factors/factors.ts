import type { OwnFactors } from '@console/contracts/auth/schemas'
import type { Context } from '@console/http-kit/context'
import { AppError } from '@console/http-kit/problem'
import { assertFreshFactor, codeInvalid } from '../../identity/proof.ts'
import type { SignedIn } from '../../identity/recognition.ts'
import type { SecondFactors } from '../../identity/second-factor.ts'
import type { SessionBook } from '../../identity/session-book.ts'
import type { ThrottleBook } from '../../identity/throttle-book.ts'
import type { Notify } from '../../mail/notices.ts'

export type FactorDeps = {
  readonly secondFactors: SecondFactors
  readonly sessions: SessionBook
  readonly throttles: ThrottleBook
  readonly notify: Notify
  readonly signedIn: (actor: Context['actor']) => SignedIn
  readonly now: () => number
}

export function listFactors({ signedIn }: FactorDeps, ctx: Context): OwnFactors {
  const { totp, recovery } = signedIn(ctx.actor).user.doc
  return { totpSince: totp?.at ?? null, recoveryLeft: recovery?.length ?? 0 }
}

export async function offerTotp(deps: FactorDeps, ctx: Context): Promise<{ secret: string; uri: string }> {
  const { id, doc } = freshPerson(deps, ctx)
  return deps.secondFactors.offer({ id, email: doc.email })
}

/** Other sessions were made without the new factor, so they end. */
export async function enableTotp(deps: FactorDeps, ctx: Context, code: string): Promise<{ recoveryCodes: string[] }> {
  const { id, doc } = freshPerson(deps, ctx)
  if (!(await deps.throttles.take('account', doc.email))) throw codeInvalid()
  const codes = await deps.secondFactors.enable(id, code)
  if (codes === 'none') throw new AppError('FACTOR_NOT_FOUND', 404, 'No authenticator was offered. Begin with its secret.')
  if (codes === null) throw codeInvalid()
  await deps.throttles.clear('account', doc.email)
  const { session } = deps.signedIn(ctx.actor)
  await deps.sessions.endAll(id, { by: id, why: 'second factor added', exceptSid: session.doc.sid })
  deps.notify({ id, doc }, 'authenticator added', ctx)
  return { recoveryCodes: [...codes] }
}

export async function removeTotp(deps: FactorDeps, ctx: Context): Promise<void> {
  const me = freshPerson(deps, ctx)
  if (!(await deps.secondFactors.remove(me.id))) throw noTotp()
  deps.notify(me, 'authenticator removed', ctx)
}

export async function renewRecoveryCodes(deps: FactorDeps, ctx: Context): Promise<{ recoveryCodes: string[] }> {
  const me = freshPerson(deps, ctx)
  const codes = await deps.secondFactors.renewRecovery(me.id)
  if (codes === null) throw new AppError('FACTOR_NOT_FOUND', 404, 'You have no second factor that recovery codes could stand in for.')
  deps.notify(me, 'recovery codes renewed', ctx)
  return { recoveryCodes: [...codes] }
}

function freshPerson({ signedIn, now }: FactorDeps, ctx: Context): SignedIn['user'] {
  const me = signedIn(ctx.actor)
  assertFreshFactor(me, now())
  return me.user
}

function noTotp(): AppError {
  return new AppError('FACTOR_NOT_FOUND', 404, 'You have no authenticator.')
}

import { roleAllows } from '@console/contracts/roles'
import type { Context } from '@console/http-kit/context'
import { AppError } from '@console/http-kit/problem'
import { isLive, type PeopleBook } from '../../identity/people-book.ts'
import { assertFreshFactor } from '../../identity/proof.ts'
import type { SignedIn } from '../../identity/recognition.ts'
import type { Confirmable } from './confirmable.ts'

export type GrantDeps = {
  readonly confirmable: ReadonlyMap<string, Confirmable>
  readonly people: PeopleBook
  readonly signedIn: (actor: Context['actor']) => SignedIn
  readonly sign: (claims: { aud: string; sub: string; sid: string; verb: string; digest: string }) => {
    grant: string
    expiresInSec: number
  }
  readonly now: () => number
}

/** Confirms one plan for one verb: for the person and session that ask, if the role allows it and a factor was just shown. */
export async function createGrant(
  { confirmable, people, signedIn, sign, now }: GrantDeps,
  ctx: Context,
  { verb, digest }: { verb: string; digest: string },
): Promise<{ grant: string; expiresInSec: number }> {
  const me = signedIn(ctx.actor)
  const what = confirmable.get(verb)
  if (!what) throw new AppError('GRANT_VERB_UNKNOWN', 400, `${verb.slice(0, 100)} is nothing that is confirmed.`)
  const membership = await people.membership(me.user.id, what.productId)
  const role = membership && isLive(membership, now()) ? membership.role : null
  if (!roleAllows(role, what.role))
    throw new AppError('AUTH_FORBIDDEN', 403, `Your role ${role ?? 'is none there, and'} does not allow ${verb}. It needs ${what.role}.`)
  assertFreshFactor(me, now())
  return sign({ aud: what.audience, sub: me.user.id, sid: me.session.doc.sid, verb, digest })
}

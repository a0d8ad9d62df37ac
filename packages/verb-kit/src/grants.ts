import { type GrantClaims, grantMemoryMs, verifyGrant } from '@console/tokens/grant'
import { TokenError } from '@console/tokens/token-error'
import type { Verb } from '@console/verbs/verb'
import type { Caller, Trust } from './caller.ts'
import { DaemonError } from './problem.ts'

/** Confirmations that this daemon has burnt, kept longer than any of them lives. */
export type BurntGrants = {
  has(jti: string): boolean
  add(jti: string, at: number): void
  remove(jti: string): void
  /** The clock stands before the newest burn: what was forgotten in the meantime could be good once more. */
  clockIsBack(): boolean
}

/** A clock that is set right by this much goes on. */
const toleranceMs = 5_000

export function createBurntGrants(now: () => number): BurntGrants {
  const burnt = new Map<string, number>()
  let newest = 0
  return {
    has: (jti) => burnt.has(jti),
    add(jti, at) {
      for (const [old, when] of burnt) if (when < now() - grantMemoryMs) burnt.delete(old)
      burnt.set(jti, at)
      newest = Math.max(newest, at)
    },
    remove: (jti) => void burnt.delete(jti),
    clockIsBack: () => now() < newest - toleranceMs,
  }
}

/** The confirmation of a destroy verb, if it is for this person, session, verb and plan. @throws DaemonError */
export function grantFor(
  verb: Verb,
  {
    token,
    caller,
    digest,
    burnt,
    trust,
  }: {
    readonly token: string | undefined
    readonly caller: Caller
    readonly digest: string
    readonly burnt: BurntGrants
    readonly trust: Trust
  },
): GrantClaims {
  if (token === undefined || caller.kind !== 'person') throw new DaemonError('AUTH_GRANT_REQUIRED', 403, `${verb.id} needs a confirmation.`)
  const grant = checked(token, trust)
  if (burnt.clockIsBack())
    throw new DaemonError(
      'AUDIT_UNAVAILABLE',
      503,
      'Nothing was done: the clock stands before the newest confirmation in the journal. Set it right.',
    )
  if (grant.sub !== caller.id || grant.sid !== caller.sid || grant.verb !== verb.id || grant.digest !== digest)
    throw new DaemonError('AUTH_GRANT_MISMATCH', 403, 'The confirmation was given for something else. Look at the plan and confirm again.')
  if (burnt.has(grant.jti)) throw new DaemonError('AUTH_GRANT_USED', 409, 'The confirmation was used already.')
  return grant
}

function checked(token: string, { tokenKeys, daemon, now }: Trust): GrantClaims {
  try {
    return verifyGrant(token, { keys: tokenKeys, audience: daemon, nowMs: now() })
  } catch (error) {
    if (error instanceof TokenError && error.code === 'AUTH_GRANT_EXPIRED')
      throw new DaemonError('AUTH_GRANT_EXPIRED', 401, 'The confirmation is older than two minutes. Confirm again.')
    if (error instanceof TokenError) throw new DaemonError('AUTH_GRANT_INVALID', 401, 'The confirmation is not valid here.')
    throw error
  }
}

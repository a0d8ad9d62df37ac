import { randomUUID } from 'node:crypto'
import { isSeconds, isText, signJwt, verifyJwt } from './jwt.ts'
import type { KeySource } from './key-source.ts'
import type { KeyPair } from './keys.ts'

/** What a person confirmed: one verb with one plan, told by its digest, once, for two minutes. */
export type GrantClaims = {
  readonly aud: string
  readonly sub: string
  readonly sid: string
  readonly verb: string
  readonly digest: string
  readonly iat: number
  readonly exp: number
  readonly jti: string
}
/** Seconds; the longest life of a grant. */
export const grantLifetimeSec = 120
/** A used `jti` is remembered this long: life, tolerance on both sides, and as much again. */
export const grantMemoryMs = 300_000

export function signGrant(
  key: KeyPair,
  claims: Omit<GrantClaims, 'iat' | 'exp' | 'jti'>,
  { nowMs, lifetimeSec = grantLifetimeSec }: { readonly nowMs: number; readonly lifetimeSec?: number },
): string {
  const iat = Math.floor(nowMs / 1_000)
  return signJwt('grant+jwt', { ...claims, iat, exp: iat + Math.min(lifetimeSec, grantLifetimeSec), jti: randomUUID() }, key)
}

/** Checks what the grant says of itself; that it fits person, session, verb and plan is the caller's to compare. @throws TokenError */
export function verifyGrant(
  token: unknown,
  { keys, audience, nowMs }: { readonly keys: KeySource; readonly audience: string; readonly nowMs: number },
): GrantClaims {
  const isDigest = (value: unknown) => typeof value === 'string' && /^[a-f0-9]{64}$/.test(value)
  const claims = { aud: isText, sub: isText, sid: isText, verb: isText, digest: isDigest, iat: isSeconds, exp: isSeconds, jti: isText }
  const rules = {
    typ: 'grant+jwt',
    claims,
    audience,
    longestSec: grantLifetimeSec,
    invalid: 'AUTH_GRANT_INVALID',
    expired: 'AUTH_GRANT_EXPIRED',
  } as const
  return verifyJwt(token, keys, rules, nowMs) as GrantClaims
}

import { randomUUID } from 'node:crypto'
import { decode, isSeconds, isText, signJwt, verifyJwt } from './jwt.ts'
import type { KeySource } from './key-source.ts'
import type { KeyPair } from './keys.ts'

/** RFC 9068, for one product. `amr` is how the person showed who they are; `api` marks an API token. */
export type AccessClaims = {
  readonly iss: string
  readonly sub: string
  readonly sid: string
  readonly aud: string
  readonly iat: number
  readonly exp: number
  readonly jti: string
  readonly auth_time: number
  readonly amr: readonly string[]
  readonly role: 'viewer' | 'operator' | 'admin'
  readonly plan: string
}
const longestSec = 300
const roles = ['viewer', 'operator', 'admin']
const isAmr = (value: unknown) => Array.isArray(value) && value.length > 0 && value.length <= 5 && value.every(isText)

/** @param nowMs milliseconds. `lifetimeSec` at most 300. */
export function signAccessToken(
  key: KeyPair,
  claims: Omit<AccessClaims, 'iat' | 'exp' | 'jti'>,
  { nowMs, lifetimeSec = longestSec }: { readonly nowMs: number; readonly lifetimeSec?: number },
): string {
  const iat = Math.floor(nowMs / 1_000)
  return signJwt('at+jwt', { ...claims, iat, exp: iat + Math.min(lifetimeSec, longestSec), jti: randomUUID() }, key)
}

/** When the person of a token last showed a factor, in milliseconds; null where it does not say. For whoever got it from its issuer: nothing is verified. */
export function authTimeOf(token: string): number | null {
  const seconds = decode(token.split('.')[1] ?? '')?.auth_time
  return typeof seconds === 'number' && isSeconds(seconds) ? seconds * 1_000 : null
}

/** @param issuer whom `iss` must name; where it is not given, whoever published the keys, if they said. @throws TokenError */
export function verifyAccessToken(
  token: unknown,
  {
    keys,
    audience,
    issuer = keys.issuer?.(),
    nowMs,
  }: { readonly keys: KeySource; readonly audience: string; readonly issuer?: string; readonly nowMs: number },
): AccessClaims {
  const claims = {
    iss: (value: unknown) => isText(value) && (issuer === undefined || value === issuer),
    sub: isText,
    sid: isText,
    aud: isText,
    iat: isSeconds,
    exp: isSeconds,
    jti: isText,
    auth_time: isSeconds,
    amr: isAmr,
    role: (value: unknown) => roles.includes(value as string),
    plan: isText,
  }
  const rules = { typ: 'at+jwt', claims, audience, longestSec, invalid: 'AUTH_TOKEN_INVALID', expired: 'AUTH_TOKEN_EXPIRED' } as const
  return verifyJwt(token, keys, rules, nowMs) as AccessClaims
}

import { randomUUID } from 'node:crypto'
import { isSeconds, isText, signJwt, verifyJwt } from './jwt.ts'
import type { KeySource } from './key-source.ts'
import type { KeyPair } from './keys.ts'

const longestSec = 60

/** A call of one of our programs: `sub system:<name>`, for one callee, at most a minute. */
export function signServiceToken(
  key: KeyPair,
  { name, audience, nowMs }: { readonly name: string; readonly audience: string; readonly nowMs: number },
): string {
  const iat = Math.floor(nowMs / 1_000)
  return signJwt('service+jwt', { sub: `system:${name}`, aud: audience, iat, exp: iat + longestSec, jti: randomUUID() }, key)
}

/**
 * @param keysOf the keys of one service: a token is checked with the key of the very service that it names
 * @throws TokenError
 */
export function verifyServiceToken(
  token: unknown,
  {
    name,
    keysOf,
    audience,
    nowMs,
  }: { readonly name: string; readonly keysOf: (name: string) => KeySource; readonly audience: string; readonly nowMs: number },
): { readonly name: string; readonly jti: string } {
  const claims = { sub: (value: unknown) => value === `system:${name}`, aud: isText, iat: isSeconds, exp: isSeconds, jti: isText }
  const rules = { typ: 'service+jwt', claims, audience, longestSec, invalid: 'AUTH_TOKEN_INVALID', expired: 'AUTH_TOKEN_EXPIRED' } as const
  const { jti } = verifyJwt(token, keysOf(name), rules, nowMs)
  return { name, jti: jti as string }
}

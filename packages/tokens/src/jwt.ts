import { type KeyObject, sign, verify } from 'node:crypto'
import type { KeySource } from './key-source.ts'
import { type Claims, createKnownTokens, type Opened } from './known-tokens.ts'
import { TokenError, type TokenErrorCode } from './token-error.ts'

export type ClaimRules = {
  readonly typ: 'at+jwt' | 'grant+jwt' | 'service+jwt'
  /** Exactly these claims, each with its test: none missing, none more. */
  readonly claims: Readonly<Record<string, (value: unknown) => boolean>>
  readonly audience: string
  readonly longestSec: number
  readonly invalid: TokenErrorCode
  readonly expired: TokenErrorCode
}

const toleranceSec = 5
const longest = 4_096
const segment = /^[A-Za-z0-9_-]+$/
const known = createKnownTokens()
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
/** An RFC 7638 thumbprint: what is no such text is never looked up. */
const keyId = /^[A-Za-z0-9_-]{43}$/

/** A compact JWS (RFC 7515) with EdDSA; the header holds alg, typ and kid and nothing else. */
export function signJwt(typ: ClaimRules['typ'], claims: Claims, key: { readonly kid: string; readonly privateKey: KeyObject }): string {
  const head = encode({ alg: 'EdDSA', typ, kid: key.kid })
  const body = encode(claims)
  return `${head}.${body}.${sign(null, Buffer.from(`${head}.${body}`), key.privateKey).toString('base64url')}`
}

/**
 * The claims of a token, if every rule holds: one algorithm, header exactly {alg, typ, kid}, one spelling of base64url and of JSON, a known
 * key, a string audience, whole-second times that lie around now, no claim missing or unknown. That a key signed a text is remembered for
 * texts that are shown again and again; everything else is asked each time.
 * @param nowMs milliseconds; floored to whole seconds before comparing, as the times of a JWT are
 * @throws TokenError
 */
export function verifyJwt(token: unknown, keys: KeySource, rules: ClaimRules, nowMs: number): Claims {
  const refuse = (why: string): never => {
    throw new TokenError(rules.invalid, why)
  }
  if (typeof token !== 'string' || token.length > longest) return refuse('not a token')
  const opened = known.find(token, keys) ?? open(token, keys, rules, refuse)
  if (opened.typ !== rules.typ) return refuse('algorithm or type')
  const { claims } = opened
  const names = Object.keys(rules.claims)
  if (Object.keys(claims).length !== names.length || !names.every((name) => rules.claims[name]?.(claims[name]))) return refuse('claims')
  if (claims.aud !== rules.audience) return refuse('audience')
  checkTimes(claims, rules, Math.floor(nowMs / 1_000))
  return claims
}

/** What a key of ours signed, of the wanted kind. Only a person's token is shown again and again, and worth a place in memory. */
function open(token: string, keys: KeySource, { typ }: ClaimRules, refuse: (why: string) => never): Opened {
  const parts = token.split('.')
  const [head = '', body = '', signature = ''] = parts
  if (parts.length !== 3 || !parts.every((part) => segment.test(part) && isOnlySpelling(part))) return refuse('not a compact JWS')
  const header = decode(head)
  if (!header) return refuse('header')
  if (Object.keys(header).sort().join() !== 'alg,kid,typ') return refuse('header')
  if (header.alg !== 'EdDSA' || header.typ !== typ) return refuse('algorithm or type')
  if (typeof header.kid !== 'string' || !keyId.test(header.kid)) return refuse('key id')
  const key = keys.find(header.kid)
  if (key?.type !== 'public' || key.asymmetricKeyType !== 'ed25519') return refuse('key')
  if (!verify(null, Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url'))) return refuse('signature')
  const claims = decode(body)
  if (!claims) return refuse('claims')
  const opened: Opened = { kid: header.kid, key, typ, claims }
  if (typ === 'at+jwt') known.add(token, opened)
  return opened
}

function checkTimes(claims: Claims, { longestSec, invalid, expired }: ClaimRules, nowSec: number): void {
  const { iat, exp } = claims
  if (!isSeconds(iat) || !isSeconds(exp)) throw new TokenError(invalid, 'times')
  if (exp <= iat || exp - iat > longestSec) throw new TokenError(invalid, 'lifetime')
  if (iat > nowSec + toleranceSec) throw new TokenError(expired, 'issued in the future')
  if (exp + toleranceSec < nowSec) throw new TokenError(expired, 'expired')
}

export const isSeconds = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value > 0
export const isText = (value: unknown): value is string => typeof value === 'string' && value.length > 0 && value.length <= 300

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

/** The last character of a segment may carry unused bits; only one spelling of the same bytes is taken. */
function isOnlySpelling(part: string): boolean {
  return Buffer.from(part, 'base64url').toString('base64url') === part
}

/** JSON as we write it and no other spelling: a name that stands twice, white space and numbers such as 1e3 do not come back the same. */
export function decode(part: string): Record<string, unknown> | null {
  try {
    const text = utf8.decode(Buffer.from(part, 'base64url'))
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value) || JSON.stringify(value) !== text) return null
    return value as Record<string, unknown>
  } catch {
    return null
  }
}

import { createHmac, type KeyObject, randomUUID, sign } from 'node:crypto'
import type { KeyPair } from '@console/tokens/keys'

type Part = Readonly<Record<string, unknown>>
export const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

/** A token with whatever header and claims, signed well: only what the case is about is wrong with it. */
export function signed(header: Part, claims: Part, key: KeyObject): string {
  const text = `${encode(header)}.${encode(claims)}`
  return `${text}.${sign(null, Buffer.from(text), key).toString('base64url')}`
}

/** The confusion of algorithms: a public key taken for a shared secret. */
export function keyedWith(header: Part, claims: Part, secret: string | Buffer): string {
  const text = `${encode(header)}.${encode(claims)}`
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
}

export const nowSec = (): number => Math.floor(Date.now() / 1_000)
export const headerOf = (typ: string, { kid }: KeyPair): Record<string, unknown> => ({ alg: 'EdDSA', typ, kid })

/** Claims of an access token for the DevOps product, as platform-service would sign them. */
export const accessClaims = (over: Part = {}): Record<string, unknown> => ({
  iss: 'https://api.bytelyst.com/platform/api',
  sub: 'somebody',
  sid: 'a-session',
  aud: 'bytelyst-devops',
  auth_time: nowSec(),
  amr: ['pwd'],
  role: 'admin',
  plan: 'pro',
  iat: nowSec(),
  exp: nowSec() + 300,
  jti: randomUUID(),
  ...over,
})

/** Claims of a confirmation for host-agent, by the same person and session. */
export const grantClaims = (over: Part = {}): Record<string, unknown> => ({
  aud: 'host-agent',
  sub: 'somebody',
  sid: 'a-session',
  verb: 'scripts.approve',
  digest: 'ab'.repeat(32),
  iat: nowSec(),
  exp: nowSec() + 120,
  jti: randomUUID(),
  ...over,
})

/** Claims of a service's own token. */
export const serviceClaims = (over: Part = {}): Record<string, unknown> => ({
  sub: 'system:devops-backend',
  aud: 'host-agent',
  iat: nowSec(),
  exp: nowSec() + 60,
  jti: randomUUID(),
  ...over,
})

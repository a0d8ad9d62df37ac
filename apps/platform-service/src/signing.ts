import { type AccessClaims, signAccessToken } from '@console/tokens/access-token'
import { checkCsrf, makeCsrf } from '@console/tokens/csrf'
import { grantLifetimeSec, signGrant } from '@console/tokens/grant'
import type { KeySource } from '@console/tokens/key-source'
import { type PublicJwk, signingKeyFrom } from '@console/tokens/keys'
import { csrfKeyFrom } from './identity/secret-value.ts'

type Access = Pick<AccessClaims, 'sub' | 'sid' | 'aud' | 'auth_time' | 'amr' | 'role' | 'plan'>
type Grant = { readonly aud: string; readonly sub: string; readonly sid: string; readonly verb: string; readonly digest: string }
export type Signing = {
  /** What is published: the current key first, then the one before. */
  readonly jwks: readonly PublicJwk[]
  readonly keys: KeySource
  access(claims: Access, lifetimeSec: number): string
  grant(claims: Grant): { grant: string; expiresInSec: number }
  /** From now on signs with another secret; what the one before signed is good until its time. */
  rotate(secret: string): void
  csrf(sid: string): string
  isCsrf(sid: string, token: string | undefined): boolean
}

/** All that follows from `JWT_SECRET`. The secret before still verifies, so that a rotation signs nobody out; it signs nothing. */
export function createSigning(
  secrets: readonly [string, ...string[]],
  { issuer, now }: { readonly issuer: string; readonly now: () => number },
): Signing {
  const pairs = secrets.map(signingKeyFrom)
  const csrfKeys = secrets.map(csrfKeyFrom)
  let [current, csrfKey] = [signingKeyFrom(secrets[0]), csrfKeyFrom(secrets[0])]
  return {
    get jwks() {
      return pairs.map(({ jwk }) => jwk)
    },
    rotate(secret) {
      current = signingKeyFrom(secret)
      csrfKey = csrfKeyFrom(secret)
      const known = pairs.findIndex(({ kid }) => kid === current.kid)
      if (known >= 0) pairs.splice(known, 1)
      pairs.unshift(current)
      csrfKeys.unshift(csrfKey)
    },
    keys: { find: (kid) => pairs.find((pair) => pair.kid === kid)?.publicKey ?? null },
    access: (claims, lifetimeSec) => signAccessToken(current, { iss: issuer, ...claims }, { nowMs: now(), lifetimeSec }),
    grant: (claims) => ({ grant: signGrant(current, claims, { nowMs: now() }), expiresInSec: grantLifetimeSec }),
    csrf: (sid) => makeCsrf(csrfKey, sid, now()),
    isCsrf: (sid, token) => csrfKeys.some((key) => checkCsrf(key, sid, token, now())),
  }
}

import { type KeyObject, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { signAccessToken, verifyAccessToken } from './access-token.ts'
import { signGrant, verifyGrant } from './grant.ts'
import { signingKeyFrom } from './keys.ts'

const key = signingKeyFrom('a secret that only these tests know, 3')
const stranger = signingKeyFrom('a secret of somebody else altogether, 3')
const now = 1_800_000_000
const nowMs = now * 1_000
const person = {
  iss: 'https://api.test',
  sub: 'u',
  sid: 's',
  aud: 'p',
  auth_time: now,
  amr: ['pwd'],
  role: 'viewer',
  plan: 'free',
} as const
const keys = { find: (kid: string): KeyObject | null => (kid === key.kid ? key.publicKey : null) }

/** What the log of the callee learns; `taken` for a token that is good. */
function why(token: unknown): string {
  try {
    verifyAccessToken(token, { keys, audience: 'p', nowMs })
    return 'taken'
  } catch (error) {
    return (error as { why: string }).why
  }
}
const made = (): string => signAccessToken(key, person, { nowMs })
const claims = (over: object = {}): object => ({ ...JSON.parse(Buffer.from(made().split('.')[1] ?? '', 'base64url').toString()), ...over })
const header = (over: object = {}): object => ({ alg: 'EdDSA', typ: 'at+jwt', kid: key.kid, ...over })
const sealed = (head: string | Buffer, body: string | Buffer): string => {
  const text = [head, body].map((part) => Buffer.from(part as string).toString('base64url')).join('.')
  return `${text}.${sign(null, Buffer.from(text), key.privateKey).toString('base64url')}`
}
const forged = (head: object, body: unknown): string => sealed(JSON.stringify(head), JSON.stringify(body))

describe('why a token is refused', () => {
  it.each<[string, unknown]>([
    ['not a token', 7],
    ['not a token', 'x'.repeat(4_097)],
    ['not a compact JWS', 'a.b'],
    ['not a compact JWS', 'x'.repeat(4_096)],
    ['header', sealed('no JSON', '{}')],
    ['header', forged(header({ crit: ['b64'] }), claims())],
    ['algorithm or type', forged(header({ alg: 'HS256' }), claims())],
    ['algorithm or type', signGrant(key, { aud: 'p', sub: 'u', sid: 's', verb: 'v', digest: 'a'.repeat(64) }, { nowMs })],
    ['key id', forged(header({ kid: 7 }), claims())],
    ['key id', forged(header({ kid: `x${key.kid}` }), claims())],
    ['key id', forged(header({ kid: `${key.kid}x` }), claims())],
    ['key', forged(header({ kid: stranger.kid }), claims())],
    ['signature', signAccessToken({ ...stranger, kid: key.kid }, person, { nowMs })],
    ['claims', sealed(JSON.stringify(header()), 'no JSON')],
    ['claims', forged(header(), null)],
    ['claims', forged(header(), [claims()])],
    ['claims', forged(header(), claims({ iat: String(now) }))],
    ['claims', forged(header(), claims({ more: 1 }))],
    ['audience', forged(header(), claims({ aud: 'other' }))],
    ['lifetime', forged(header(), claims({ exp: now + 301 }))],
    ['lifetime', forged(header(), claims({ exp: now }))],
    ['issued in the future', forged(header(), claims({ iat: now + 6, exp: now + 60 }))],
    ['expired', forged(header(), claims({ iat: now - 60, exp: now - 6 }))],
    ['taken', made()],
  ])('is told to the callee: %s', (reason, token) => expect(why(token)).toBe(reason))

  it('is told of one that was good a moment ago as well', () => {
    const token = made()
    expect([why(token), why(token)]).toEqual(['taken', 'taken'])
    const asGrant = () => verifyGrant(token, { keys, audience: 'p', nowMs })
    expect(asGrant).toThrow(expect.objectContaining({ code: 'AUTH_GRANT_INVALID', why: 'algorithm or type' }))
  })
})

describe('a text of claims', () => {
  it('is UTF-8 without a mark before it: no other bytes stand for the same claims', () => {
    const text = JSON.stringify(claims({ plan: 'é' }))
    expect(why(sealed(JSON.stringify(header()), text))).toBe('taken')
    expect(why(sealed(JSON.stringify(header()), Buffer.concat([Buffer.from('\ufeff'), Buffer.from(text)])))).toBe('claims')
    // Bytes that are no UTF-8 would read as the sign for what cannot be read, and that is a character like any other.
    const broken = Buffer.from(JSON.stringify(claims({ plan: '\ufffd' })).replace('\ufffd', '\u00e9'), 'latin1')
    expect(why(sealed(JSON.stringify(header()), broken))).toBe('claims')
  })
})

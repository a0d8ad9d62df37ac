import { createPublicKey, type KeyObject } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { signAccessToken, verifyAccessToken } from './access-token.ts'
import { signingKeyFrom } from './keys.ts'
import { createKnownTokens, type Opened } from './known-tokens.ts'
import { signServiceToken, verifyServiceToken } from './service-token.ts'

const key = signingKeyFrom('a secret that only these tests know, 1')
const other = signingKeyFrom('another secret that only these tests know')
const nowMs = 1_800_000_000_500
const person = {
  iss: 'https://api.test',
  sub: 'u',
  sid: 's',
  aud: 'p',
  auth_time: 1_800_000_000,
  amr: ['pwd'],
  role: 'admin',
  plan: 'pro',
} as const
const sourceOf = (publicKey: KeyObject | null, issuer?: string) => ({ find: () => publicKey, issuer: () => issuer })
const readAgain = (publicKey: KeyObject) => createPublicKey({ key: publicKey.export({ format: 'jwk' }), format: 'jwk' })
const fresh = () => signAccessToken(key, person, { nowMs })
const check = (token: string, { at = nowMs, audience = 'p', keys = sourceOf(key.publicKey) } = {}) =>
  verifyAccessToken(token, { keys, audience, nowMs: at })
const codeOf = (run: () => unknown): string => {
  try {
    run()
    return 'taken'
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('a token that was shown before', () => {
  it('is refused as it would have been the first time', () => {
    const token = fresh()
    const [head = '', body = '', signature = ''] = token.split('.')
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as object
    const forged = Buffer.from(JSON.stringify({ ...claims, role: 'admin', sub: 'somebody else' })).toString('base64url')
    const changed = `${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`
    const attempts: Record<string, () => unknown> = {
      'after its end': () => check(token, { at: nowMs + 306_000 }),
      'before its beginning': () => check(token, { at: nowMs - 60_000 }),
      'for another audience': () => check(token, { audience: 'q' }),
      'with its key taken away': () => check(token, { keys: sourceOf(null) }),
      'with another key under the same id': () => check(token, { keys: sourceOf(other.publicKey) }),
      'with a key of another kind under the same id': () => check(token, { keys: sourceOf(key.privateKey) }),
      'when another issuer publishes its key': () => check(token, { keys: sourceOf(key.publicKey, 'https://elsewhere.test') }),
      'as a token of a service': () =>
        verifyServiceToken(token, { name: 'u', keysOf: () => sourceOf(key.publicKey), audience: 'p', nowMs }),
      'with another body under its signature': () => check(`${head}.${forged}.${signature}`),
      'with another signature': () => check(`${head}.${body}.${changed}`),
      'with a character more': () => check(`${token}A`),
    }
    const refused = Object.entries(attempts).map(([how, attempt]) => [how, codeOf(attempt)])
    expect(codeOf(() => check(token))).toBe('taken')
    expect(Object.entries(attempts).map(([how, attempt]) => [how, codeOf(attempt)])).toEqual(refused)
    expect(refused.map(([, code]) => code)).not.toContain('taken')
    expect(codeOf(() => check(token))).toBe('taken')
  })

  it('says the same of whoever shows it, and nobody can change what it says', () => {
    const token = fresh()
    const first = check(token)
    expect(check(token)).toEqual(first)
    expect(() => Object.assign(first, { role: 'viewer' })).toThrow(TypeError)
    expect(() => (first.amr as string[]).push('api')).toThrow(TypeError)
  })

  it('is known by its key read again from a file', () => {
    const token = fresh()
    check(token)
    expect(codeOf(() => check(token, { keys: sourceOf(readAgain(key.publicKey)) }))).toBe('taken')
    expect(codeOf(() => check(token, { keys: sourceOf(readAgain(other.publicKey)) }))).toBe('AUTH_TOKEN_INVALID')
  })
})

describe('known tokens', () => {
  const opened: Opened = { kid: key.kid, key: key.publicKey, typ: 'at+jwt', claims: {} }

  it('are no more than the most, the newest of them', () => {
    const known = createKnownTokens(3)
    for (const token of ['a', 'b', 'c', 'd']) known.add(token, opened)
    expect(known.size).toBe(3)
    expect(['a', 'b', 'd'].map((token) => known.find(token, sourceOf(key.publicKey)) !== null)).toEqual([false, true, true])
  })

  it('hold none that is shown once', () => {
    let lookups = 0
    const keys = {
      find: () => {
        lookups += 1
        return key.publicKey
      },
    }
    const token = signServiceToken(key, { name: 'backend', audience: 'd', nowMs })
    const ask = () => verifyServiceToken(token, { name: 'backend', keysOf: () => keys, audience: 'd', nowMs })
    ask()
    ask()
    expect(lookups).toBe(2)
  })
})

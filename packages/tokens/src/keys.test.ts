import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, hkdfSync } from 'node:crypto'
import { calculateJwkThumbprint } from 'jose'
import { describe, expect, it } from 'vitest'
import { verifyAccessToken } from './access-token.ts'
import { checkCsrf, csrfLifetimeMs, makeCsrf } from './csrf.ts'
import { signGrant, verifyGrant } from './grant.ts'
import { isSeconds, isText, signJwt } from './jwt.ts'
import { assertSecret, jwkOf, keyPairOf, kidOf, publicKeyFrom, signingKeyFrom } from './keys.ts'

const secret = 'Zk3v9QpL1xWc7RtY5uBn2mHs8dGfAj4e'
const key = signingKeyFrom(secret)
const keys = { find: () => key.publicKey }
const nowMs = 1_800_000_000_000
const now = nowMs / 1_000
const told = (run: () => unknown): string => {
  try {
    run()
    return 'taken'
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('a secret', () => {
  it('has 32 bytes and ten different characters, and is no sample', () => {
    assertSecret('KEY', secret)
    assertSecret('KEY', 'é123456789'.repeat(3))
    assertSecret('KEY', 'abcdeghijk'.repeat(4))
    expect(() => assertSecret('KEY', secret.slice(1))).toThrow('KEY is shorter than 32 bytes. Make one with: openssl rand -base64 32')
    expect(() => assertSecret('KEY', 'abcdeghij'.repeat(4))).toThrow('KEY looks like a sample, not a secret. Make one with: openssl')
  })

  it.each([
    ...['changeme', 'change_me', 'change-me', 'change me', 'EXAMPLE', 'sample', 'placeholder', 'password', 'secretkey', 'secret_key'],
    ...['secret key', 'secret-key', 'your-', 'your_', 'your ', 'dummy', 'insecure', 'default', 'xxxx'],
  ])('is none with %s in it', (word) => expect(() => assertSecret('KEY', `${secret}${word}${secret}`)).toThrow('looks like a sample'))

  it.each(['0123456789', 'ABCDEF'])('is none that begins with %s', (beginning) => {
    expect(() => assertSecret('KEY', `${beginning}${secret}`)).toThrow('looks like a sample')
    assertSecret('KEY', `${secret}${beginning}`)
  })
})

describe('a signing key', () => {
  it('follows from its secret by HKDF over fixed words, so that every part and every version finds the same', () => {
    const seed = Buffer.from(hkdfSync('sha256', secret, 'bytelyst', 'ed25519 signing key v1', 32))
    const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
    const expected = createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }))
    expect(key.publicKey.equals(expected)).toBe(true)
  })

  it('is published as RFC 8037 writes it, under its RFC 7638 thumbprint', async () => {
    const { x } = key.publicKey.export({ format: 'jwk' })
    expect(key.jwk).toEqual({ kty: 'OKP', crv: 'Ed25519', x, kid: await calculateJwkThumbprint({ ...key.jwk }), use: 'sig', alg: 'EdDSA' })
    expect([kidOf(key.publicKey), publicKeyFrom(jwkOf(key.publicKey)).kid]).toEqual([key.kid, key.kid])
    expect(publicKeyFrom({ ...key.jwk, kid: 'told' }).publicKey.equals(key.publicKey)).toBe(true)
  })

  it('is Ed25519 and nothing else', () => {
    for (const { privateKey } of [generateKeyPairSync('ec', { namedCurve: 'P-256' }), generateKeyPairSync('ed448')])
      expect(() => keyPairOf(privateKey)).toThrow('only Ed25519 keys sign here')
    const x = key.jwk.x
    for (const over of [
      { kty: 'EC' },
      { crv: 'X25519' },
      { crv: 'Ed448' },
      { x: 7 },
      { x: `${x}A` },
      { x: x.slice(1) },
      { x: `${x.slice(1)}=` },
    ])
      expect(() => publicKeyFrom({ ...key.jwk, ...over })).toThrow('not an Ed25519 public key')
    for (const value of [null, undefined, 7, 'x', {}]) expect(() => publicKeyFrom(value)).toThrow('not an Ed25519 public key')
    expect(() => publicKeyFrom({ ...key.jwk, d: x })).toThrow('a private key does not belong here')
  })
})

describe('the shapes of claims', () => {
  it('are whole seconds after 1970', () => {
    expect([1, 2 ** 53 - 1].every(isSeconds)).toBe(true)
    expect([0, -1, 1.5, 2 ** 53, '5', null].some(isSeconds)).toBe(false)
  })

  it('are texts of 1 to 300 characters', () => {
    expect(['x', 'x'.repeat(300)].every(isText)).toBe(true)
    expect(['', 'x'.repeat(301), ['x'], 5].some(isText)).toBe(false)
  })

  it('are one to five ways to sign in', () => {
    const claims = { iss: 'i', sub: 'u', sid: 's', aud: 'p', iat: now, exp: now + 60, jti: 'j', auth_time: now, role: 'viewer', plan: 'x' }
    const asked = (amr: unknown) =>
      told(() => verifyAccessToken(signJwt('at+jwt', { ...claims, amr }, key), { keys, audience: 'p', nowMs }))
    expect([['pwd'], ['a', 'b', 'c', 'd', 'e']].map(asked)).toEqual(['taken', 'taken'])
    for (const amr of [[], ['a', 'b', 'c', 'd', 'e', 'f'], ['pwd', 7], [7, 'pwd'], 'pwd']) expect(asked(amr)).toBe('AUTH_TOKEN_INVALID')
  })

  it('are exactly 64 hex digits for what was confirmed', () => {
    const asked = (digest: string) =>
      told(() =>
        verifyGrant(signGrant(key, { aud: 'a', sub: 'u', sid: 's', verb: 'v', digest }, { nowMs }), { keys, audience: 'a', nowMs }),
      )
    const digest = createHash('sha256').update('x').digest('hex')
    expect(asked(digest)).toBe('taken')
    for (const other of [`${digest}0`, `0${digest}`, digest.slice(1), digest.toUpperCase()]) expect(asked(other)).toBe('AUTH_GRANT_INVALID')
  })

  it('are those of an object, not of a list or of nothing', () => {
    for (const claims of [[], null, 7, 'x', true])
      expect(told(() => verifyGrant(signJwt('grant+jwt', claims as never, key), { keys, audience: 'a', nowMs }))).toBe('AUTH_GRANT_INVALID')
  })

  it('are those of a token of at most 4096 characters, in its alphabet from end to end', () => {
    const good = signGrant(key, { aud: 'a', sub: 'u', sid: 's', verb: 'v', digest: 'd'.repeat(64) }, { nowMs })
    const asked = (token: string) => told(() => verifyGrant(token, { keys, audience: 'a', nowMs }))
    expect(asked(good)).toBe('taken')
    for (const token of [` ${good}`, `${good} `, `${good}\n`, `=${good}`, good.replace('.', '=.'), `${good}.`, `${good}.x`])
      expect(asked(token)).toBe('AUTH_GRANT_INVALID')
  })
})

describe('a CSRF token', () => {
  it('is good from five seconds before its second to an hour after it, the ends left out', () => {
    const token = makeCsrf(secret, 'sid', nowMs)
    const at = (ms: number) => checkCsrf(secret, 'sid', token, nowMs + ms)
    expect([at(-5_000), at(-4_999), at(0), at(csrfLifetimeMs - 1), at(csrfLifetimeMs)]).toEqual([false, true, true, true, false])
  })

  it('stands alone: nothing before it, nothing behind it, and it is a text', () => {
    const token = makeCsrf(secret, 'sid', nowMs)
    for (const other of [`1${token}`, ` ${token}`, `x.${token}`, `${token}x`, [token], { toString: () => token }, null, 7])
      expect(checkCsrf(secret, 'sid', other, nowMs)).toBe(false)
  })
})

import { createHmac, createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { importJWK, jwtVerify, SignJWT } from 'jose'
import { afterAll, describe, expect, it } from 'vitest'
import { signAccessToken, verifyAccessToken } from './access-token.ts'
import { checkCsrf, makeCsrf } from './csrf.ts'
import { signGrant, verifyGrant } from './grant.ts'
import { loadOrCreateServiceKey, serviceKeysIn } from './key-files.ts'
import { assertSecret, kidOf, signingKeyFrom } from './keys.ts'
import { signServiceToken, verifyServiceToken } from './service-token.ts'

const key = signingKeyFrom('a secret that only these tests know, 1')
const other = signingKeyFrom('another secret that only these tests know')
const keys = { find: (kid: string) => (kid === key.kid ? key.publicKey : null) }
const nowMs = 1_800_000_000_500
const now = 1_800_000_000
const person = {
  iss: 'https://api.test',
  sub: 'u',
  sid: 's',
  aud: 'bytelyst-devops',
  auth_time: now,
  amr: ['pwd'],
  role: 'admin',
  plan: 'pro',
} as const
const access = () => signAccessToken(key, person, { nowMs })
const check = (token: unknown, at = nowMs) => verifyAccessToken(token, { keys, audience: 'bytelyst-devops', nowMs: at })
const codeOf = (run: () => unknown): string => {
  try {
    run()
    return 'taken'
  } catch (error) {
    return (error as { code: string }).code
  }
}
/** A token of any shape with a good signature. */
const forge = async (claims: object, header: object = { alg: 'EdDSA', typ: 'at+jwt', kid: key.kid }) =>
  new SignJWT(claims as never).setProtectedHeader(header as never).sign(key.privateKey)
const good = (): Record<string, unknown> => JSON.parse(Buffer.from(access().split('.')[1] ?? '', 'base64url').toString())

describe('an access token', () => {
  it('is read by us and by jose alike', async () => {
    expect(check(access())).toMatchObject({ sub: 'u', role: 'admin', exp: now + 300 })
    const jwk = await importJWK({ ...key.jwk }, 'EdDSA')
    const { payload } = await jwtVerify(access(), jwk, { currentDate: new Date(nowMs), typ: 'at+jwt' })
    expect(payload.sid).toBe('s')
    expect(kidOf(key.publicKey)).toBe(key.kid)
  })

  it('is refused with another algorithm, key, header or spelling', async () => {
    const [head = '', body = '', signature = ''] = access().split('.')
    const none = Buffer.from('{"alg":"none","typ":"at+jwt","kid":"x"}').toString('base64url')
    const hmacHead = Buffer.from(JSON.stringify({ alg: 'HS256', typ: 'at+jwt', kid: key.kid })).toString('base64url')
    const hmac = createHmac('sha256', key.jwk.x).update(`${hmacHead}.${body}`).digest('base64url')
    const bad = [
      `${none}.${body}.`,
      `${hmacHead}.${body}.${hmac}`,
      `${head}.${body}`,
      `${access()}=`,
      ` ${access()}`,
      `${head}.${body}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`,
      signAccessToken(other, person, { nowMs }),
      7,
      null,
      'x'.repeat(5_000),
    ]
    for (const token of bad) expect(codeOf(() => check(token))).toBe('AUTH_TOKEN_INVALID')
    for (const more of [{ jku: 'https://evil.test' }, { jwk: key.jwk }, { x5u: 'https://evil.test' }, { crit: ['b64'], b64: true }]) {
      const token = await forge(good(), { alg: 'EdDSA', typ: 'at+jwt', kid: key.kid, ...more }).catch(() => 'unsigned')
      expect(codeOf(() => check(token))).toBe('AUTH_TOKEN_INVALID')
    }
    for (const typ of ['JWT', 'grant+jwt', 'service+jwt'])
      expect(
        codeOf(() => check(access().replace(head, Buffer.from(JSON.stringify({ alg: 'EdDSA', typ, kid: key.kid })).toString('base64url')))),
      ).toBe('AUTH_TOKEN_INVALID')
  })

  it('is refused with a claim missing, unknown, of another type, or for another audience', async () => {
    const changes: Record<string, unknown>[] = [
      { aud: 'other' },
      { aud: ['bytelyst-devops'] },
      { role: 'root' },
      { amr: [] },
      { exp: String(now + 60) },
      { extra: 1 },
      { jti: undefined },
      { sub: '' },
      { exp: now + 301 },
      { exp: now - 1 },
    ]
    for (const change of changes) {
      const token = await forge({ ...good(), ...change })
      expect([change, codeOf(() => check(token))]).toEqual([change, 'AUTH_TOKEN_INVALID'])
    }
  })

  it('ends when it says, five seconds either way', () => {
    expect(codeOf(() => check(access(), nowMs + 305_000))).toBe('taken')
    expect(codeOf(() => check(access(), nowMs + 306_000))).toBe('AUTH_TOKEN_EXPIRED')
    expect(codeOf(() => check(access(), nowMs - 5_000))).toBe('taken')
    expect(codeOf(() => check(access(), nowMs - 6_000))).toBe('AUTH_TOKEN_EXPIRED')
  })
})

describe('a grant', () => {
  const claims = { aud: 'host-agent', sub: 'u', sid: 's', verb: 'scripts.approve', digest: 'a'.repeat(64) }
  const grant = () => signGrant(key, claims, { nowMs })
  const checkGrant = (token: string, audience = 'host-agent', at = nowMs) => verifyGrant(token, { keys, audience, nowMs: at })

  it('lives two minutes, for one callee', () => {
    expect(checkGrant(grant())).toMatchObject(claims)
    expect(codeOf(() => checkGrant(grant(), 'docker-proxy'))).toBe('AUTH_GRANT_INVALID')
    expect(codeOf(() => checkGrant(grant(), 'host-agent', nowMs + 126_000))).toBe('AUTH_GRANT_EXPIRED')
  })

  it('is no access token, and an access token is no grant', () => {
    expect(codeOf(() => checkGrant(access()))).toBe('AUTH_GRANT_INVALID')
    expect(codeOf(() => check(grant()))).toBe('AUTH_TOKEN_INVALID')
  })
})

describe('a service token and its key', () => {
  const base = mkdtempSync(join(tmpdir(), 'tokens-'))
  const keysDir = join(base, 'keys')
  afterAll(() => rmSync(base, { recursive: true }))
  const keysOf = serviceKeysIn(keysDir)
  const service = loadOrCreateServiceKey({ dir: join(base, 'devops'), keysDir, name: 'devops-backend' })
  const token = () => signServiceToken(service, { name: 'devops-backend', audience: 'docker-proxy', nowMs })
  const checkService = (text: string, over: object = {}) =>
    verifyServiceToken(text, { name: 'devops-backend', keysOf, audience: 'docker-proxy', nowMs, ...over })

  it('proves one service to one callee for a minute', () => {
    expect(checkService(token())).toMatchObject({ name: 'devops-backend' })
    expect(codeOf(() => checkService(token(), { audience: 'host-agent' }))).toBe('AUTH_TOKEN_INVALID')
    expect(codeOf(() => checkService(token(), { nowMs: nowMs + 70_000 }))).toBe('AUTH_TOKEN_EXPIRED')
    expect(codeOf(() => checkService(signServiceToken(service, { name: 'other', audience: 'docker-proxy', nowMs })))).toBe(
      'AUTH_TOKEN_INVALID',
    )
    expect(loadOrCreateServiceKey({ dir: join(base, 'devops'), keysDir, name: 'devops-backend' }).kid).toBe(service.kid)
  })
})

describe('secrets and CSRF', () => {
  it('refuses short and sample secrets', () => {
    for (const weak of ['short', 'change-me-change-me-change-me-change-me', 'a'.repeat(40), '0123456789abcdef0123456789abcdef'])
      expect(() => assertSecret('JWT_SECRET', weak)).toThrow('JWT_SECRET')
    expect(() => assertSecret('JWT_SECRET', 'kX9v2LqTz7RwB4mNc8YdHs3JfGp6UaVe')).not.toThrow()
  })

  it('binds a CSRF token to its session and its hour', () => {
    const token = makeCsrf('key', 'sid', nowMs)
    expect(checkCsrf('key', 'sid', token, nowMs + 3_590_000)).toBe(true)
    for (const [k, s, t, at] of [
      ['other', 'sid', token, nowMs],
      ['key', 'other', token, nowMs],
      ['key', 'sid', `${token}x`, nowMs],
      ['key', 'sid', token, nowMs + 3_601_000],
      ['key', 'sid', undefined, nowMs],
    ] as const)
      expect(checkCsrf(k, s, t, at)).toBe(false)
  })

  it('knows one spelling of a CSRF token', () => {
    const token = makeCsrf('key', 'sid', nowMs)
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const same = [...alphabet].map((last) => `${token.slice(0, -1)}${last}`)
    expect(same.filter((text) => checkCsrf('key', 'sid', text, nowMs))).toEqual([token])
    expect(checkCsrf('key', 'sid', makeCsrf('key', 'sid', nowMs + 6_000), nowMs)).toBe(false)
  })

  it('takes only Ed25519 keys', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    expect(createPrivateKey(privateKey.export({ format: 'pem', type: 'pkcs8' })).asymmetricKeyType).toBe('ec')
    expect(() => verifyAccessToken(access(), { keys: { find: () => privateKey }, audience: 'bytelyst-devops', nowMs })).toThrow()
  })
})

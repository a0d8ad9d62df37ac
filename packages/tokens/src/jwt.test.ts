import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import fc from 'fast-check'
import { compactVerify, importJWK, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { signAccessToken, verifyAccessToken } from './access-token.ts'
import { signGrant, verifyGrant } from './grant.ts'
import { kidOf, signingKeyFrom } from './keys.ts'
import { signServiceToken, verifyServiceToken } from './service-token.ts'

const key = signingKeyFrom('a secret that only these tests know, 2')
const previous = signingKeyFrom('the secret that they knew before, and so on')
const stranger = signingKeyFrom('a secret of somebody else altogether, 2')
const asked: string[] = []
const keys = {
  find(kid: string): KeyObject | null {
    asked.push(kid)
    return kid === key.kid ? key.publicKey : kid === previous.kid ? previous.publicKey : null
  },
}
const now = 1_800_000_000
const nowMs = now * 1_000 + 999
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
const confirmed = { aud: 'host-agent', sub: 'u', sid: 's', verb: 'scripts.approve', digest: 'a'.repeat(64) }

const kinds = {
  'at+jwt': {
    make: () => signAccessToken(key, person, { nowMs }),
    check: (token: unknown, at = nowMs) => verifyAccessToken(token, { keys, audience: 'p', issuer: person.iss, nowMs: at }),
    invalid: 'AUTH_TOKEN_INVALID',
    expired: 'AUTH_TOKEN_EXPIRED',
    lifetime: 300,
  },
  'grant+jwt': {
    make: () => signGrant(key, confirmed, { nowMs }),
    check: (token: unknown, at = nowMs) => verifyGrant(token, { keys, audience: 'host-agent', nowMs: at }),
    invalid: 'AUTH_GRANT_INVALID',
    expired: 'AUTH_GRANT_EXPIRED',
    lifetime: 120,
  },
  'service+jwt': {
    make: () => signServiceToken(key, { name: 'devops-backend', audience: 'host-agent', nowMs }),
    check: (token: unknown, at = nowMs) =>
      verifyServiceToken(token, { name: 'devops-backend', keysOf: () => keys, audience: 'host-agent', nowMs: at }),
    invalid: 'AUTH_TOKEN_INVALID',
    expired: 'AUTH_TOKEN_EXPIRED',
    lifetime: 60,
  },
} as const
type Kind = keyof typeof kinds
const allKinds = Object.keys(kinds) as Kind[]

const told = (run: () => unknown): string => {
  try {
    run()
    return 'taken'
  } catch (error) {
    return (error as { code: string }).code
  }
}
const encode = (text: string): string => Buffer.from(text).toString('base64url')
const claimsOf = (token: string): Record<string, unknown> => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
const header = (typ: string, more: object = {}) => ({ alg: 'EdDSA', typ, kid: key.kid, ...more })
/** Signs whatever text is given: the signature is never what is wrong. */
const seal = (head: string, body: string, by = key): string => {
  const text = `${encode(head)}.${encode(body)}`
  return `${text}.${sign(null, Buffer.from(text), by.privateKey).toString('base64url')}`
}
const forge = (typ: string, claims: object, more: object = {}, by = key): string =>
  seal(JSON.stringify(header(typ, more)), JSON.stringify(claims), by)

describe.each(allKinds)('a token of the kind %s', (typ) => {
  const { make, check, invalid, expired, lifetime } = kinds[typ]

  it('is verified by jose with the same key, and one that jose made is taken here', async () => {
    const { protectedHeader } = await compactVerify(make(), await importJWK({ ...key.jwk }, 'EdDSA'))
    expect(protectedHeader).toEqual(header(typ))
    const theirs = await new SignJWT(claimsOf(make())).setProtectedHeader(header(typ)).sign(key.privateKey)
    expect(told(() => check(theirs))).toBe('taken')
  })

  it('is taken with the previous key while that is in the set, and with no other', () => {
    const claims = claimsOf(make())
    expect(told(() => check(forge(typ, claims, { kid: previous.kid }, previous)))).toBe('taken')
    expect(told(() => check(forge(typ, claims, { kid: stranger.kid }, stranger)))).toBe(invalid)
    expect(told(() => check(forge(typ, claims, { kid: key.kid }, stranger)))).toBe(invalid)
  })

  it('has one algorithm, whatever the header says', () => {
    const body = JSON.stringify(claimsOf(make()))
    const algorithms = ['none', 'nOnE', 'NONE', '', 'HS256', 'RS256', 'ES256', 'PS256', 'Ed25519', 'eddsa', ['EdDSA'], null, 1]
    for (const alg of algorithms) {
      const head = JSON.stringify(header(typ, { alg }))
      const open = `${encode(head)}.${encode(body)}`
      const secrets = [
        key.jwk.x,
        ` ${key.jwk.x}`,
        JSON.stringify(key.jwk),
        key.publicKey.export({ format: 'pem', type: 'spki' }).toString(),
      ]
      const macs = secrets.map((secret) => createHmac('sha256', secret).update(open).digest('base64url'))
      for (const token of [seal(head, body), `${open}.`, ...macs.map((mac) => `${open}.${mac}`)])
        expect([alg, told(() => check(token))]).toEqual([alg, invalid])
    }
  })

  it('is refused when a key of another kind is found for it', () => {
    const pairs = [
      generateKeyPairSync('rsa', { modulusLength: 2_048 }),
      generateKeyPairSync('ec', { namedCurve: 'P-256' }),
      generateKeyPairSync('x25519'),
    ]
    const token = signAccessToken(key, person, { nowMs })
    for (const found of [...pairs.map(({ publicKey }) => publicKey), key.privateKey])
      expect(told(() => verifyAccessToken(token, { keys: { find: () => found }, audience: 'p', nowMs }))).toBe('AUTH_TOKEN_INVALID')
  })

  it('looks up nothing but a thumbprint, and fetches nothing that a header names', () => {
    const claims = claimsOf(make())
    asked.length = 0
    const strange = [
      '../../etc/passwd',
      'https://evil.test/key',
      "' OR 1=1 --",
      '',
      'x'.repeat(42),
      'x'.repeat(5_000),
      ['a'],
      { kid: 'a' },
      null,
    ]
    for (const kid of strange) expect([kid, told(() => check(forge(typ, claims, { kid })))]).toEqual([kid, invalid])
    expect(asked).toEqual([])
    const more = [
      { jku: 'https://evil.test' },
      { x5u: 'https://evil.test' },
      { jwk: stranger.jwk },
      { x5c: ['MIIB'] },
      { crit: ['b64'], b64: true },
      { crit: ['unknown'] },
      { zip: 'DEF' },
      { cty: 'JWT' },
    ]
    for (const one of more) expect([one, told(() => check(forge(typ, claims, one)))]).toEqual([one, invalid])
    for (const missing of ['alg', 'typ', 'kid']) expect(told(() => check(forge(typ, claims, { [missing]: undefined })))).toBe(invalid)
  })

  it('is no token of another kind, even with the claims of the other', () => {
    for (const other of [...allKinds.filter((one) => one !== typ), 'JWT', 'AT+JWT', 'application/at+jwt', ''])
      expect([other, told(() => check(forge(other, claimsOf(make()))))]).toEqual([other, invalid])
    for (const other of allKinds.filter((one) => one !== typ)) expect(told(() => check(kinds[other].make()))).toBe(invalid)
  })

  it('has each of its claims once, of its type, and no other', () => {
    const good = claimsOf(make())
    expect(told(() => check(forge(typ, good)))).toBe('taken')
    for (const name of Object.keys(good)) {
      const { [name]: _, ...rest } = good
      expect([name, told(() => check(forge(typ, rest)))]).toEqual([name, invalid])
      for (const value of [null, '', {}, [], true, [good[name]], { toString: 1 }, 'x'.repeat(301)])
        expect([name, value, told(() => check(forge(typ, { ...good, [name]: value })))]).toEqual([name, value, invalid])
    }
    for (const more of [{ nbf: now }, { scope: 'all' }, { admin: true }])
      expect(told(() => check(forge(typ, { ...good, ...more })))).toBe(invalid)
  })

  it('is for one callee: a list that names it is no name', () => {
    const good = claimsOf(make())
    for (const aud of [[good.aud], [good.aud, 'other'], 'other', `${good.aud} `, String(good.aud).toUpperCase()])
      expect([aud, told(() => check(forge(typ, { ...good, aud })))]).toEqual([aud, invalid])
  })

  it('counts whole seconds, and five of tolerance on either side', () => {
    const made = Math.floor(nowMs / 1_000) * 1_000
    const ends = made + lifetime * 1_000
    expect(told(() => check(make(), ends + 5_999))).toBe('taken')
    expect(told(() => check(make(), ends + 6_000))).toBe(expired)
    expect(told(() => check(make(), made - 5_000))).toBe('taken')
    expect(told(() => check(make(), made - 5_001))).toBe(expired)
    for (const offMs of [-600_000, 600_000]) expect(told(() => check(make(), nowMs + offMs))).toBe(expired)
  })

  it('lives no longer than its kind may, and its times are whole numbers', () => {
    const good = claimsOf(make())
    expect(told(() => check(forge(typ, { ...good, exp: now + lifetime })))).toBe('taken')
    const bad = [now + lifetime + 1, now, now - 1, now + 0.5, String(now + 30), -1, 0, 1e21]
    for (const exp of bad) expect([exp, told(() => check(forge(typ, { ...good, exp })))]).toEqual([exp, invalid])
    for (const iat of [String(now), now + 0.5, -1, 0])
      expect([iat, told(() => check(forge(typ, { ...good, iat })))]).toEqual([iat, invalid])
  })

  it('has one spelling', () => {
    const [head = '', body = '', signature = ''] = make().split('.')
    const spaced = [
      seal(`${JSON.stringify(header(typ))} `, JSON.stringify(claimsOf(make()))),
      seal(JSON.stringify(header(typ)), JSON.stringify(claimsOf(make()), null, 1)),
      seal(`\ufeff${JSON.stringify(header(typ))}`, JSON.stringify(claimsOf(make()))),
      seal(`{"alg":"none","alg":"EdDSA","typ":"${typ}","kid":"${key.kid}"}`, JSON.stringify(claimsOf(make()))),
      seal(JSON.stringify(header(typ)), JSON.stringify(claimsOf(make())).replace('{', '{"sub":"system:other",')),
      seal(JSON.stringify(header(typ)), JSON.stringify(claimsOf(make())).replace(`"iat":${now}`, `"iat":${now}.0`)),
      seal(JSON.stringify(header(typ)), `[${JSON.stringify(claimsOf(make()))}]`),
      seal('"EdDSA"', JSON.stringify(claimsOf(make()))),
    ]
    const written = [
      `${make()}=`,
      `${head}=.${body}.${signature}`,
      ` ${make()}`,
      `${make()}\n`,
      `${head}. ${body}.${signature}`,
      `${make()}.`,
      `${make()}.${signature}`,
      `${head}.${body}`,
      `${head}..${signature}`,
      make().replaceAll('-', '+').replaceAll('_', '/').concat('+'),
      `Bearer ${make()}`,
      'x'.repeat(4_097),
      7,
      null,
      undefined,
      {},
      [make()],
    ]
    for (const token of [...spaced, ...written]) expect(told(() => check(token))).toBe(invalid)
    // A signature of 64 bytes leaves four bits of its last character unused: fifteen further spellings, none of which is taken.
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const same = [...alphabet].map((last) => `${head}.${body}.${signature.slice(0, -1)}${last}`)
    expect(same.filter((token) => told(() => check(token)) === 'taken')).toEqual([`${head}.${body}.${signature}`])
  })

  it('is taken by nobody when any one character of it is another', () => {
    const token = make()
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.constantFrom(...'ABab01-_.=+/ "{}'), (at, char) => {
        fc.pre(token[at] !== char)
        expect(told(() => check(`${token.slice(0, at)}${char}${token.slice(at + 1)}`))).toBe(invalid)
      }),
      { seed: 7, numRuns: 500 },
    )
  })

  it('never fails in another way than by its two codes, whatever it is given', () => {
    const parts = fc.oneof(fc.string(), fc.json().map(encode), fc.constantFrom(...make().split('.')))
    const token = fc.oneof(
      fc.anything(),
      fc.array(parts, { maxLength: 4 }).map((list) => list.join('.')),
    )
    fc.assert(
      fc.property(token, fc.json(), (text, claims) => {
        expect([invalid, expired, 'taken']).toContain(told(() => check(text)))
        expect(told(() => check(seal(JSON.stringify(header(typ)), claims)))).toBe(invalid)
      }),
      { seed: 8, numRuns: 300 },
    )
  })
})

describe('what is signed', () => {
  it('is what comes back, and never lives longer than its kind may', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(text, text, text, fc.integer({ min: 1, max: 9_000 }), (sub, sid, verb, lifetimeSec) => {
        const grant = verifyGrant(signGrant(key, { ...confirmed, sub, sid, verb }, { nowMs, lifetimeSec }), {
          keys,
          audience: 'host-agent',
          nowMs,
        })
        expect(grant).toMatchObject({ sub, sid, verb, iat: now, exp: now + Math.min(lifetimeSec, 120) })
        const access = verifyAccessToken(signAccessToken(key, { ...person, sub, sid }, { nowMs, lifetimeSec }), {
          keys,
          audience: 'p',
          nowMs,
        })
        expect(access).toMatchObject({ sub, sid, exp: now + Math.min(lifetimeSec, 300) })
      }),
      { seed: 9, numRuns: 200 },
    )
  })

  it('is refused when it is longer than 4,096 characters, however well it is signed', () => {
    const long = (length: number) =>
      signAccessToken(
        key,
        { ...person, sub: '€'.repeat(length), sid: '€'.repeat(length), plan: '€'.repeat(length), amr: ['€'.repeat(length)] },
        { nowMs },
      )
    expect(long(300).length).toBeGreaterThan(4_096)
    expect(told(() => kinds['at+jwt'].check(long(300)))).toBe('AUTH_TOKEN_INVALID')
    expect(told(() => kinds['at+jwt'].check(long(100)))).toBe('taken')
  })

  it('has an id of its own each time', () => {
    const ids = Array.from({ length: 100 }, () => kinds['grant+jwt'].check(kinds['grant+jwt'].make()).jti)
    expect(new Set(ids).size).toBe(100)
  })

  it('names its issuer, which is compared whole where it is known', () => {
    const check = (iss: unknown, issuer?: string) =>
      told(() =>
        verifyAccessToken(forge('at+jwt', { ...claimsOf(kinds['at+jwt'].make()), iss }), {
          keys,
          audience: 'p',
          nowMs,
          ...(issuer !== undefined && { issuer }),
        }),
      )
    expect(check('https://other.test')).toBe('taken')
    expect(check('https://other.test', person.iss)).toBe('AUTH_TOKEN_INVALID')
    expect(check([person.iss], person.iss)).toBe('AUTH_TOKEN_INVALID')
  })

  it('proves the service that it names, by the key of that service alone', () => {
    const token = (sub: string) => forge('service+jwt', { ...claimsOf(kinds['service+jwt'].make()), sub })
    for (const sub of ['devops-backend', 'system:host-agent', 'system:devops-backend ', 'person:devops-backend'])
      expect(told(() => kinds['service+jwt'].check(token(sub)))).toBe('AUTH_TOKEN_INVALID')
    const asked: string[] = []
    const keysOf = (name: string) => {
      asked.push(name)
      return { find: () => null }
    }
    told(() => verifyServiceToken(token('system:devops-backend'), { name: 'devops-backend', keysOf, audience: 'host-agent', nowMs }))
    expect(asked).toEqual(['devops-backend'])
  })

  it('is signed with the key that follows from the secret, always the same', async () => {
    expect(signingKeyFrom('one and the same secret of 32 bytes').kid).toBe(signingKeyFrom('one and the same secret of 32 bytes').kid)
    expect(key.kid).not.toBe(previous.kid)
    const { calculateJwkThumbprint } = await import('jose')
    expect(kidOf(key.publicKey)).toBe(await calculateJwkThumbprint({ kty: 'OKP', crv: 'Ed25519', x: key.jwk.x }))
  })
})

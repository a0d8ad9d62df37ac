import { describe, expect, it } from 'vitest'
import { bearerOf, cookieNames, cookiesOf, nameOfToken } from './credentials.ts'
import { assertOwnPage } from './origin.ts'

const refused = (code: string, status: number) => expect.objectContaining({ code, status })
const cookies = (cookie?: string) => cookiesOf({ headers: { ...(cookie !== undefined && { cookie }) } } as never)
const bearer = (authorization?: string) => bearerOf({ headers: { ...(authorization !== undefined && { authorization }) } } as never)

describe('the cookies of a request', () => {
  it('have names that a browser guards where it can', () => {
    expect(cookieNames(true)).toEqual({
      session: '__Secure-bl_sid',
      reference: '__Secure-bl_ref',
      tie: '__Host-bl_tie',
      upstream: '__Host-bl_oidc',
    })
    expect(cookieNames(false)).toEqual({ session: 'bl_sid', reference: 'bl_ref', tie: 'bl_tie', upstream: 'bl_oidc' })
  })

  it('are read as they stand, with spaces around them taken off', () => {
    expect({ ...cookies('a=1; b = 2 ;c=x=y;d=;flag;=e') }).toEqual({ a: '1', b: '2', c: 'x=y', d: '', '': 'e' })
    expect({ ...cookies() }).toEqual({})
    expect({ ...cookies('') }).toEqual({})
    expect(cookies('__proto__=x; toString=y')).toMatchObject({ toString: 'y' })
    expect(Object.getPrototypeOf(cookies('a=1'))).toBe(null)
  })

  it('are refused when one came twice, in whichever spelling of spaces', () => {
    for (const text of ['a=1;a=2', 'a=1; a =1', 'b=0; a=; a=', '__proto__=1;__proto__=2'])
      expect(() => cookies(text)).toThrow(refused('REQUEST_INVALID', 400))
  })
})

describe('the bearer token of a request', () => {
  it('is what stands behind the word, once', () => {
    expect([bearer('Bearer abc.DEF-_~+/=='), bearer()]).toEqual(['abc.DEF-_~+/==', null])
    expect(bearer(`Bearer ${'x'.repeat(4_193)}`)).toHaveLength(4_193)
  })

  it.each([
    '',
    'Bearer',
    'Bearer ',
    'bearer abc',
    ' Bearer abc',
    'x Bearer abc',
    'Bearer  abc',
    'Bearer abc def',
    'Bearer abc,',
    'Bearer =',
    'Basic abc',
  ])('is none in %j', (header) => expect(() => bearer(header)).toThrow(refused('AUTH_TOKEN_INVALID', 401)))

  it('is not read when it is longer than any of ours', () => {
    expect(() => bearer(`Bearer ${'x'.repeat(4_194)}`)).toThrow(refused('AUTH_TOKEN_INVALID', 401))
  })
})

describe('what a token did', () => {
  it('is told by whose it is and which', () => {
    expect(nameOfToken('One', 'nightly')).toBe('One, token nightly')
  })
})

describe('a page of our own', () => {
  const own = 'http://localhost:3000'
  const from = (over: Record<string, string | undefined>) => () =>
    assertOwnPage({ origin: own, 'content-type': 'application/json', ...over }, [own, 'http://localhost:3001'])

  it('is on the list, letter by letter, and sends JSON', () => {
    for (const over of [{}, { origin: 'http://localhost:3001' }, { 'sec-fetch-site': 'same-site' }, { 'sec-fetch-site': 'same-origin' }])
      expect(from(over)).not.toThrow()
  })

  it.each([
    undefined,
    '',
    'null',
    `${own}/`,
    `${own}.evil.test`,
    'http://localhost:30000',
    'https://localhost:3000',
    'http://LOCALHOST:3000',
  ])('is not %s', (origin) => expect(from({ origin })).toThrow(refused('AUTH_ORIGIN_REFUSED', 403)))

  it('is not on another site, and sends nothing that a form can send', () => {
    expect(from({ 'sec-fetch-site': 'cross-site' })).toThrow(refused('AUTH_ORIGIN_REFUSED', 403))
    for (const type of [
      undefined,
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      'application/json; charset=utf-8',
    ])
      expect(from({ 'content-type': type })).toThrow(refused('CONTENT_TYPE_REFUSED', 415))
  })
})

import { signAccessToken } from '@console/tokens/access-token'
import { signingKeyFrom } from '@console/tokens/keys'
import { signServiceToken } from '@console/tokens/service-token'
import { TokenError } from '@console/tokens/token-error'
import { describe, expect, it } from 'vitest'
import { callerOf, type Trust } from './caller.ts'
import type { DaemonError } from './problem.ts'

const platform = signingKeyFrom('a secret of the one who signs for people, long enough')
const backend = signingKeyFrom('a secret of the one service that asks, long enough')
const keysOf = (key: typeof platform) => ({ find: (kid: string) => (kid === key.kid ? key.publicKey : null) })
const nowMs = 1_800_000_000_000
const trust: Trust = {
  daemon: 'docker-proxy',
  productId: 'console',
  tokenKeys: keysOf(platform),
  serviceKeysOf: (name) => (name === 'devops-backend' ? keysOf(backend) : { find: () => null }),
  now: () => nowMs,
}
const claims = { iss: 'platform', sub: 'u1', sid: 's1', aud: 'console', auth_time: 1, amr: ['pwd'], role: 'operator', plan: 'x' } as const
const person = (over: object = {}, at = nowMs) => signAccessToken(platform, { ...claims, ...over }, { nowMs: at })
const service = (over: object = {}) => signServiceToken(backend, { name: 'devops-backend', audience: 'docker-proxy', nowMs, ...over })

function judged(authorization: string | undefined): string {
  try {
    return callerOf(authorization, trust).id
  } catch (error) {
    const { status, code } = error as DaemonError
    return `${status} ${code}`
  }
}

describe('who asks a daemon', () => {
  it('is a person by the token that was forwarded, or the backend by its own key', () => {
    expect(callerOf(`Bearer ${person()}`, trust)).toEqual({ kind: 'person', id: 'u1', sid: 's1', role: 'operator', amr: ['pwd'] })
    expect(callerOf(`Bearer ${service()}`, trust)).toEqual({ kind: 'service', id: 'system:devops-backend' })
  })

  it.each([
    ['nothing', undefined],
    ['an empty header', ''],
    ['another scheme', `Basic ${person()}`],
    ['the scheme in small letters', `bearer ${person()}`],
    ['two spaces', `Bearer  ${person()}`],
    ['something before it', `x Bearer ${person()}`],
    ['something behind it', `Bearer ${person()} x`],
    ['no token', 'Bearer '],
  ])('is nobody with %s', (_, authorization) => {
    expect(judged(authorization)).toBe('401 AUTH_REQUIRED')
  })

  it.each([
    ['for another product', () => person({ aud: 'other' })],
    ['that is old', () => person({}, nowMs - 900_000)],
    ['of a service for another daemon', () => service({ audience: 'host-agent' })],
    ['of a service that is old', () => service({ nowMs: nowMs - 900_000 })],
    ['of another service with the backend’s key', () => service({ name: 'other' })],
    ['of the backend by the key of people', () => signServiceToken(platform, { name: 'devops-backend', audience: 'docker-proxy', nowMs })],
    ['of a person by the key of the backend', () => signAccessToken(backend, claims, { nowMs })],
    ['that is no token', () => 'abc'],
    ['without a head', () => '.a.b'],
    ['whose head is null', () => `${Buffer.from('null').toString('base64url')}.a.b`],
  ])('is refused with one %s', (_, token) => {
    expect(judged(`Bearer ${token()}`)).toBe('401 AUTH_TOKEN_INVALID')
  })

  it('keeps for the log why a token was refused, and passes a fault of its own on as one', () => {
    let thrown: unknown
    try {
      callerOf('Bearer abc', trust)
    } catch (error) {
      thrown = (error as Error).cause
    }
    expect(thrown).toBeInstanceOf(TokenError)
    const find = (): never => {
      throw new RangeError('broken')
    }
    expect(() => callerOf(`Bearer ${person()}`, { ...trust, tokenKeys: { find } })).toThrow(RangeError)
  })
})

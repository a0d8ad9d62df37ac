import { grantMemoryMs, signGrant } from '@console/tokens/grant'
import { signingKeyFrom } from '@console/tokens/keys'
import { defineVerb } from '@console/verbs/verb'
import { describe, expect, it } from 'vitest'
import type { Caller, Trust } from './caller.ts'
import { createBurntGrants, grantFor } from './grants.ts'

const key = signingKeyFrom('a secret that only these tests know, 5')
const nowMs = 1_800_000_000_000
const digest = 'd'.repeat(64)
const verb = defineVerb({
  id: 'things.remove',
  daemon: 'docker-proxy',
  risk: 'destroy',
  role: 'admin',
  service: false,
  args: { container: { is: 'ref' } },
  limits: [],
  runs: 'none',
})
const caller: Extract<Caller, { kind: 'person' }> = { kind: 'person', id: 'u', sid: 's', role: 'admin', amr: ['pwd'] }
const claims = { aud: 'docker-proxy', sub: 'u', sid: 's', verb: String(verb.id), digest }
const made = (over: Partial<typeof claims> = {}, at = nowMs) => signGrant(key, { ...claims, ...over }, { nowMs: at })
const trustAt = (at: number, find: Trust['tokenKeys']['find'] = () => key.publicKey): Trust => ({
  daemon: 'docker-proxy',
  productId: 'p',
  tokenKeys: { find },
  serviceKeysOf: () => ({ find: () => null }),
  now: () => at,
})
type Case = { who?: Caller; burnt?: ReturnType<typeof createBurntGrants>; trust?: Trust }
const judge = (token: string | undefined, { who = caller, burnt = createBurntGrants(() => nowMs), trust = trustAt(nowMs) }: Case = {}) =>
  grantFor(verb, { token, caller: who, digest, burnt, trust })
const refused = (code: string, status: number) => expect.objectContaining({ code, status })

describe('a confirmation', () => {
  it('is good for exactly this person, session, verb, plan and daemon', () => {
    expect(judge(made())).toMatchObject(claims)
    for (const over of [{ sub: 'v' }, { sid: 't' }, { verb: 'things.touch' }, { digest: 'e'.repeat(64) }])
      expect(() => judge(made(over))).toThrow(refused('AUTH_GRANT_MISMATCH', 403))
    expect(() => judge(made({ aud: 'host-agent' }))).toThrow(refused('AUTH_GRANT_INVALID', 401))
  })

  it('is needed, and of a person', () => {
    expect(() => judge(undefined)).toThrow(refused('AUTH_GRANT_REQUIRED', 403))
    expect(() => judge(made(), { who: { kind: 'service', id: 'u' } })).toThrow(refused('AUTH_GRANT_REQUIRED', 403))
  })

  it('is told too old from not valid, and a fault of the keys from both', () => {
    expect(() => judge(made({}, nowMs - 130_000))).toThrow(refused('AUTH_GRANT_EXPIRED', 401))
    expect(() => judge('x')).toThrow(refused('AUTH_GRANT_INVALID', 401))
    expect(() => judge(made(), { trust: trustAt(nowMs, () => null) })).toThrow(refused('AUTH_GRANT_INVALID', 401))
    const fault = Object.assign(new Error('no such folder'), { code: 'AUTH_GRANT_EXPIRED' })
    const broken = trustAt(nowMs, () => {
      throw fault
    })
    expect(() => judge(made(), { trust: broken })).toThrow(fault)
  })

  it('is good once', () => {
    const burnt = createBurntGrants(() => nowMs)
    const token = made()
    burnt.add(judge(token, { burnt }).jti, nowMs)
    expect(() => judge(token, { burnt })).toThrow(refused('AUTH_GRANT_USED', 409))
    expect(judge(made(), { burnt })).toMatchObject(claims)
    burnt.remove(judge(made(), { burnt }).jti)
    expect(() => judge(token, { burnt })).toThrow(refused('AUTH_GRANT_USED', 409))
  })

  it('is not judged while the clock stands before the newest burn', () => {
    const burnt = createBurntGrants(() => nowMs)
    burnt.add('later', nowMs + 6_000)
    expect(() => judge(made(), { burnt })).toThrow(refused('AUDIT_UNAVAILABLE', 503))
  })
})

describe('burnt confirmations', () => {
  it('are remembered as long as one could be replayed, to the millisecond, and forgotten then', () => {
    let now = nowMs
    const burnt = createBurntGrants(() => now)
    burnt.add('one', now)
    now += grantMemoryMs
    burnt.add('two', now)
    expect([burnt.has('one'), burnt.has('two'), burnt.has('three')]).toEqual([true, true, false])
    now += 1
    burnt.add('three', now)
    expect([burnt.has('one'), burnt.has('two'), burnt.has('three')]).toEqual([false, true, true])
  })

  it('are given back when nothing was done', () => {
    const burnt = createBurntGrants(() => nowMs)
    burnt.add('one', nowMs)
    burnt.remove('one')
    expect(burnt.has('one')).toBe(false)
  })

  it('tell a clock that is back by more than five seconds, by the newest and not by the last', () => {
    let now = nowMs
    const burnt = createBurntGrants(() => now)
    expect(burnt.clockIsBack()).toBe(false)
    burnt.add('new', nowMs)
    burnt.add('old', nowMs - 60_000)
    now = nowMs - 5_000
    expect(burnt.clockIsBack()).toBe(false)
    now -= 1
    expect(burnt.clockIsBack()).toBe(true)
  })
})

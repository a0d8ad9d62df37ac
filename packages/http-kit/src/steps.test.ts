import { createHash } from 'node:crypto'
import type { Action } from '@console/contracts/action'
import { signGrant } from '@console/tokens/grant'
import { signingKeyFrom } from '@console/tokens/keys'
import { canonical, directPlan } from '@console/verbs/canonical'
import { restartContainer } from '@console/verbs/containers'
import type { FastifyRequest } from 'fastify'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Actor } from './context.ts'
import { hashOf, keyOf, memoryIdempotency } from './idempotency.ts'
import type { MountOptions } from './mount-options.ts'
import { steps } from './steps.ts'
import { admin, change, destroy, origin, read, restart } from './toy-service.fake.ts'
import { createUsedGrants } from './used-grants.ts'

const key = signingKeyFrom('a secret for the tests of the steps, long enough')
const nowMs = 1_800_000_000_000
const service: Actor = { ...admin, kind: 'service', id: 'system:other', role: null, sid: null, byCookie: false }
const token: Actor = { ...admin, kind: 'token', sid: null, byCookie: false, actions: ['toy.thing.get'] }
const byHeader: Actor = { ...admin, byCookie: false }
const isPublic = { auth: 'public' } as const
const passes = 'passes'

let options: MountOptions
let rows: { outcome: string; code?: string }[]
let taken: unknown[][]
let waitMs: number
beforeEach(() => {
  rows = []
  taken = []
  waitMs = 0
  options = {
    name: 'toy-service',
    limits: { addressPerMinute: 7, refusalsPerMinute: 5 },
    counters: {
      take: (...call: unknown[]) => {
        taken.push(call)
        return waitMs
      },
    },
    audit: { append: async (row: { outcome: string }) => void rows.push(row) },
    alarm: () => undefined,
    allowedOrigins: [origin],
    checkCsrf: (_actor: Actor, given: string | undefined) => given === 'good',
    authenticate: async () => admin,
    idempotency: memoryIdempotency(),
    grantKeys: { find: (kid: string) => (kid === key.kid ? key.publicKey : null) },
    usedGrants: createUsedGrants(() => nowMs),
    now: () => nowMs,
  } as unknown as MountOptions
})

type Sent = {
  actor?: Actor | null
  headers?: Record<string, string | string[]>
  body?: unknown
  params?: object
  rawHeaders?: string[]
}
const requestOf = ({ actor = admin, headers = {}, body, params = {}, rawHeaders = [] }: Sent = {}): FastifyRequest =>
  ({ actor, headers, body, params, id: 'r1', ip: '10.0.0.9', raw: { rawHeaders }, log: { error: () => undefined } }) as never
/** What a step makes of a request: `passes`, or status and code of its refusal. */
async function step(name: string, given: object, request: FastifyRequest): Promise<string> {
  const found = steps.find((one) => one.name === name)
  if (!found) throw new Error(`there is no step ${name}`)
  try {
    await found.run(request, given as Action, options)
    return passes
  } catch (error) {
    const { status, code } = error as { status?: number; code?: string }
    return `${status} ${code}`
  }
}

describe('the steps', () => {
  it('stand in this order, at these places of a request', () => {
    expect(steps.map(({ at, name }) => `${at} ${name}`)).toEqual([
      ...['limitAddress', 'authenticate', 'checkOrigin', 'limitActor', 'checkPermission', 'checkFactor'].map((name) => `onRequest ${name}`),
      ...['checkSignature', 'inflate', 'checkGrant', 'checkBody'].map((name) => `preValidation ${name}`),
      ...['checkIfMatch', 'findRepeat', 'recordIntent'].map((name) => `preHandler ${name}`),
    ])
  })
})

describe('limitAddress and authenticate', () => {
  it('counts each address by itself, over a minute, and refuses while there is something to wait for', async () => {
    expect(await step('limitAddress', read, requestOf())).toBe(passes)
    expect(taken).toEqual([['address 10.0.0.9', 7, 60_000]])
    waitMs = 1
    expect(await step('limitAddress', read, requestOf())).toBe('429 RATE_LIMITED')
  })

  it('puts who was recognised on the request, and asks nobody for a public action', async () => {
    const [known, unknown] = [requestOf({ actor: null }), requestOf({ actor: null })]
    await step('authenticate', read, known)
    await step('authenticate', { ...read, ...isPublic }, unknown)
    expect([known.actor, unknown.actor]).toEqual([admin, null])
  })

  it.each([
    ['a read', read, 1],
    ['a change', change, 1],
    ['a change of no risk', { ...change, risk: 'none' }, 1],
    ['a question', { ...read, risk: 'none' }, 0],
  ])('writes %s of nobody down, unless it only asks who is there', async (_, action, count) => {
    const refusal = Object.assign(new Error('no'), { status: 401, code: 'AUTH_REQUIRED' })
    options = { ...options, authenticate: () => Promise.reject(refusal) }
    expect(await step('authenticate', action, requestOf({ actor: null }))).toBe('401 AUTH_REQUIRED')
    expect(rows).toHaveLength(count)
  })
})

describe('authenticate, of a public action', () => {
  it('refuses two cookies of one name all the same: one of them was planted', async () => {
    const sent = (cookie: string) => requestOf({ actor: null, headers: { cookie } })
    expect(await step('authenticate', { ...read, ...isPublic }, sent('a=1; a=2'))).toBe('400 REQUEST_INVALID')
    expect(await step('authenticate', { ...read, ...isPublic }, sent('a=1; b=2'))).toBe(passes)
  })
})

describe('checkOrigin', () => {
  const page = { origin, 'content-type': 'application/json', 'x-csrf-token': 'good' }
  it.each([
    ['a read from anywhere', read, { headers: {} }, passes],
    ['a change from an own page', change, { headers: page }, passes],
    ['a change from another page', change, { headers: { ...page, origin: 'http://evil.test' } }, '403 AUTH_ORIGIN_REFUSED'],
    ['a change of an old page', change, { headers: { ...page, 'x-csrf-token': 'old' } }, '403 AUTH_CSRF_INVALID'],
    ['a change with two tokens', change, { headers: { ...page, 'x-csrf-token': ['good', 'good'] } }, '403 AUTH_CSRF_INVALID'],
    ['a public change from an own page', { ...change, ...isPublic }, { headers: { ...page, 'x-csrf-token': 'old' } }, passes],
    ['a public change from nowhere', { ...change, ...isPublic }, { headers: {} }, '403 AUTH_ORIGIN_REFUSED'],
    ['a public change from nowhere, by header', { ...change, ...isPublic }, { actor: byHeader }, '403 AUTH_ORIGIN_REFUSED'],
    ['a change by header', change, { actor: byHeader, headers: { 'content-type': 'application/json' } }, passes],
    ['a change by header without a body', change, { actor: byHeader }, passes],
    ['a form by header', change, { actor: byHeader, headers: { 'content-type': 'text/plain' } }, '415 CONTENT_TYPE_REFUSED'],
    ['lines of another program', { ...change, auth: 'ingest' }, { actor: service, headers: { 'content-type': 'text/plain' } }, passes],
  ])('judges %s', async (_, action, sent, result) => {
    expect(await step('checkOrigin', action, requestOf(sent as Sent))).toBe(result)
    expect(rows).toMatchObject(result === passes ? [] : [{ outcome: 'denied', code: result.slice(4) }])
  })
})

describe('checkPermission', () => {
  it.each([
    ['nobody, publicly', { ...change, ...isPublic }, null, passes],
    ['an admin', change, admin, passes],
    ['a viewer', { ...change, role: 'operator' }, { ...admin, role: 'viewer' }, '403 AUTH_FORBIDDEN'],
    ['a person without a role', change, { ...admin, role: null }, '403 AUTH_FORBIDDEN'],
    ['a person on a route of services', { ...change, auth: 'service' }, admin, '403 AUTH_FORBIDDEN'],
    ['a service on a route of people', change, service, '403 AUTH_FORBIDDEN'],
    ['a service on its route', { ...change, auth: 'service' }, service, passes],
    ['a token on what it covers', read, token, passes],
    ['a token on what it does not cover', change, token, '403 AUTH_FORBIDDEN'],
  ])('judges %s', async (_, action, actor, result) => {
    expect(await step('checkPermission', action, requestOf({ actor: actor as Actor | null }))).toBe(result)
    expect(rows).toMatchObject(result === passes ? [] : [{ outcome: 'denied', code: 'AUTH_FORBIDDEN' }])
  })
})

describe('checkFactor', () => {
  const asks = { ...read, factor: 'fresh' }
  it.each([
    ['a factor of five minutes ago', asks, { ...admin, factorAtMs: nowMs - 300_000 }, passes],
    ['a factor of longer ago', asks, { ...admin, factorAtMs: nowMs - 300_001 }, '403 AUTH_STEP_UP_REQUIRED'],
    ['a program, which has none', asks, token, '403 AUTH_STEP_UP_REQUIRED'],
    ['no factor where none is asked for', read, token, passes],
  ])('judges %s', async (_, action, actor, result) => {
    expect(await step('checkFactor', action, requestOf({ actor }))).toBe(result)
    expect(rows).toMatchObject(result === passes ? [] : [{ outcome: 'denied', code: 'AUTH_STEP_UP_REQUIRED' }])
  })
})

describe('checkGrant', () => {
  const planOf = (verb: string, args: Record<string, string>) =>
    createHash('sha256')
      .update(canonical(directPlan(verb, 'local', args)))
      .digest('hex')
  const claims = {
    aud: 'toy-service',
    sub: 'u1',
    sid: 's1',
    verb: destroy.id,
    digest: planOf(destroy.id, { id: 'a', why: 'x' }),
  }
  const signed = (over: Partial<Record<keyof typeof claims, string>> = {}, at = nowMs) =>
    signGrant(key, { ...claims, ...over }, { nowMs: at })
  const sent = (grant: string, more: Sent = {}) =>
    requestOf({ params: { id: 'a' }, body: { why: 'x' }, headers: { 'x-grant': grant }, ...more })

  it('lets the confirmation of this person, session, action and plan pass, and puts it on the request', async () => {
    const request = sent(signed())
    expect(await step('checkGrant', destroy, request)).toBe(passes)
    expect(request.grantJti).toMatch(/^[0-9a-f-]{36}$/)
    expect(await step('checkGrant', change, requestOf())).toBe(passes)
  })

  it.each([
    ['of another person', { sub: 'u2' }],
    ['of another session', { sid: 's2' }],
    ['of another action', { verb: 'toy.thing.get' }],
    ['of another plan', { digest: planOf(destroy.id, { id: 'b', why: 'x' }) }],
    ['without the body', { digest: planOf(destroy.id, { id: 'a' }) }],
    ['without the path', { digest: planOf(destroy.id, { why: 'x' }) }],
  ])('refuses one %s', async (_, over) => {
    expect(await step('checkGrant', destroy, sent(signed(over)))).toBe('403 AUTH_GRANT_MISMATCH')
    expect(rows).toMatchObject([{ outcome: 'denied', code: 'AUTH_GRANT_MISMATCH' }])
  })

  it('refuses one for another part, one that is too old, none, two, and one by a token', async () => {
    expect(await step('checkGrant', destroy, sent(signed({ aud: 'host-agent' })))).toBe('401 AUTH_GRANT_INVALID')
    expect(await step('checkGrant', destroy, sent(signed({}, nowMs - 600_000)))).toBe('401 AUTH_GRANT_EXPIRED')
    expect(await step('checkGrant', destroy, requestOf())).toBe('403 AUTH_GRANT_REQUIRED')
    expect(await step('checkGrant', destroy, requestOf({ headers: { 'x-grant': [signed(), signed()] } }))).toBe('403 AUTH_GRANT_REQUIRED')
    expect(await step('checkGrant', destroy, sent(signed(), { actor: { ...token, sid: 's1' } }))).toBe('403 AUTH_GRANT_REQUIRED')
  })

  it('refuses what no plan can be made of, whatever was confirmed', async () => {
    expect(await step('checkGrant', destroy, sent(signed(), { body: { why: Number.NaN } }))).toBe('403 AUTH_GRANT_MISMATCH')
  })

  it('compares the digest of a plan that was shown, where one is named', async () => {
    const digest = 'b'.repeat(64)
    expect(await step('checkGrant', destroy, sent(signed({ digest }), { body: { digest } }))).toBe(passes)
    expect(await step('checkGrant', destroy, sent(signed(), { body: { digest } }))).toBe('403 AUTH_GRANT_MISMATCH')
  })

  it('leaves the burning of what a daemon does to the daemon, for which the confirmation must be', async () => {
    const verb = { ...restart, risk: 'destroy' }
    const digest = planOf(restartContainer.id, { id: 'a', why: 'x' })
    const request = sent(signed({ aud: restartContainer.daemon, verb: restartContainer.id, digest }))
    expect(await step('checkGrant', verb, request)).toBe(passes)
    expect(request.grantJti).toBeUndefined()
    expect(await step('checkGrant', verb, sent(signed({ verb: restartContainer.id, digest })))).toBe('401 AUTH_GRANT_INVALID')
  })

  it('refuses one that was used, and any while the clock stands before the newest use', async () => {
    const request = sent(signed())
    await step('checkGrant', destroy, request)
    options.usedGrants.add(request.grantJti ?? '')
    expect(await step('checkGrant', destroy, request)).toBe('409 AUTH_GRANT_USED')
    options = { ...options, usedGrants: { ...options.usedGrants, clockIsBack: () => true } }
    expect(await step('checkGrant', destroy, sent(signed()))).toBe('503 AUDIT_UNAVAILABLE')
  })

  it('passes a fault of its own on as a fault', async () => {
    const find = (): never => {
      throw new RangeError('broken')
    }
    options = { ...options, grantKeys: { find } }
    expect(await step('checkGrant', destroy, sent(signed()))).toBe('undefined undefined')
    expect(rows).toMatchObject([{ outcome: 'denied', code: 'INTERNAL' }])
  })
})

describe('checkBody and checkIfMatch', () => {
  it.each([
    ['none', undefined, passes],
    ['null', null, passes],
    ['an empty object', {}, passes],
    ['a field', { a: 1 }, '400 INPUT_INVALID'],
    ['a number', 0, '400 INPUT_INVALID'],
    ['an empty text', '', '400 INPUT_INVALID'],
  ])('judges a body that is not declared: %s', async (_, body, result) => {
    expect(await step('checkBody', destroy, requestOf({ body }))).toBe(result)
    expect(await step('checkBody', change, requestOf({ body }))).toBe(passes)
  })

  it.each([
    ['none', {}, '428 IF_MATCH_REQUIRED'],
    ['two', { 'if-match': ['a', 'b'] }, '428 IF_MATCH_REQUIRED'],
    ['one', { 'if-match': '"a"' }, passes],
  ])('judges If-Match where it is needed: %s', async (_, headers, result) => {
    expect(await step('checkIfMatch', { ...change, ifMatch: true }, requestOf({ headers } as Sent))).toBe(result)
    expect(await step('checkIfMatch', change, requestOf({ headers } as Sent))).toBe(passes)
  })
})

describe('findRepeat', () => {
  const given = '12345678'
  const sent = (over: Sent = {}) => requestOf({ headers: { 'idempotency-key': given }, body: { name: 'ab' }, params: { id: 'a' }, ...over })
  const answer = { bodyHash: hashOf({ id: 'a' }, { name: 'ab' }), status: 201, body: { id: 'ab' }, headers: {} }

  it('finds the first answer of the same person to the same request', async () => {
    await options.idempotency.put(keyOf('u1', change.id, given), answer)
    const [same, other, body, path] = [
      sent(),
      sent({ actor: { ...admin, id: 'u2' } }),
      sent({ body: { name: 'cd' } }),
      sent({ params: { id: 'b' } }),
    ]
    expect(await step('findRepeat', change, same)).toBe(passes)
    expect(await step('findRepeat', change, other)).toBe(passes)
    expect([same.repeatOf, other.repeatOf]).toEqual([answer, undefined])
    expect([same.idempotencyKey, other.idempotencyKey]).toEqual([keyOf('u1', change.id, given), keyOf('u2', change.id, given)])
    expect(await step('findRepeat', change, body)).toBe('409 IDEMPOTENCY_CONFLICT')
    expect(await step('findRepeat', change, path)).toBe('409 IDEMPOTENCY_CONFLICT')
  })

  it('has nothing to repeat without a key, and none of a read', async () => {
    await options.idempotency.put(keyOf('u1', change.id, given), answer)
    for (const [action, request] of [
      [change, sent({ headers: {} })],
      [{ ...change, risk: 'read' }, sent()],
      [{ ...change, risk: 'none' }, sent()],
    ] as const) {
      expect(await step('findRepeat', action, request)).toBe(passes)
      expect([request.repeatOf, request.idempotencyKey]).toEqual([undefined, undefined])
    }
  })

  it.each([['1234567'], ['a b c d e'], [['12345678', '12345678']]])('refuses the key %s', async (bad) => {
    expect(await step('findRepeat', change, sent({ headers: { 'idempotency-key': bad } }))).toBe('400 INPUT_INVALID')
  })
})

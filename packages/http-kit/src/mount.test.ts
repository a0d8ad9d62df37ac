import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import type { NewRow } from '@console/audit-chain/log'
import { type Action, defineAction } from '@console/contracts/action'
import { signGrant } from '@console/tokens/grant'
import { signingKeyFrom } from '@console/tokens/keys'
import { restartContainer } from '@console/verbs/containers'
import { createSlidingWindows } from '@console/verbs/sliding-window'
import type { FastifyInstance } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type BoundAction, bind } from './bind.ts'
import type { Actor } from './context.ts'
import { memoryIdempotency } from './idempotency.ts'
import { defaultLimits } from './limits.ts'
import { mount } from './mount.ts'
import { AppError } from './problem.ts'
import { buildServer, listenOn } from './server.ts'
import { steps } from './steps.ts'
import { createStreamDesk } from './streams.ts'
import { createUsedGrants } from './used-grants.ts'

const at = { api: 'devops', auth: 'session', errors: ['TOY_BROKEN'], summary: 'Play.' } as const
const thing = z.strictObject({ id: z.string() })
const read = defineAction({
  ...at,
  id: 'toy.thing.get',
  method: 'GET',
  path: '/things/:id',
  risk: 'read',
  params: thing,
  success: { status: 200, body: thing },
})
const change = defineAction({
  ...at,
  id: 'toy.thing.change',
  method: 'POST',
  path: '/things',
  risk: 'change',
  body: z.strictObject({ name: z.string().min(2), secret: z.string().optional() }),
  success: { status: 201, body: thing },
  audit: { target: { body: 'name' }, fields: { name: 'keep', secret: 'mask' } },
})
const destroy = defineAction({
  ...at,
  id: 'toy.thing.remove',
  method: 'DELETE',
  path: '/things/:id',
  risk: 'destroy',
  params: thing,
  success: { status: 204 },
  audit: { target: { param: 'id' }, fields: {} },
  confirm: 'Gone.',
})
const follow = defineAction({
  ...at,
  id: 'toy.thing.stream',
  method: 'GET',
  path: '/stream',
  risk: 'read',
  success: { status: 200, stream: [{ event: 'tick', data: z.string() }] },
})
const restart = defineAction({
  ...at,
  id: 'toy.thing.restart',
  method: 'POST',
  path: '/things/:id/restart',
  verb: restartContainer,
  params: thing,
  success: { status: 204 },
  audit: { target: { param: 'id' }, fields: {} },
})
const declared = [read, change, destroy, follow, restart] as unknown as Action[]
const key = signingKeyFrom('a secret for the tests of the mount, long enough')
const origin = 'http://localhost:3000'

describe('the mount', () => {
  let app: FastifyInstance
  let rows: NewRow[]
  let effects: string[]
  let essential: string[]
  let actor: Actor
  let auditFails: 'never' | 'intent' | 'outcome'
  let alive: boolean
  let port: number
  const bound = (): BoundAction[] => [
    bind(read, async ({ params }) => ({ id: params.id })),
    bind(change, async ({ body }) => {
      effects.push(body.name)
      if (body.name === 'broken') throw new AppError('TOY_BROKEN', 409, 'It is broken.')
      if (body.name === 'undeclared') throw new AppError('OTHER', 409, 'secret text')
      return { id: body.name }
    }),
    bind(destroy, async ({ params }) => void effects.push(`gone ${params.id}`)),
    bind(restart, async ({ params }) => void effects.push(`restarted ${params.id}`)),
    bind(follow, async function* () {
      yield { event: 'tick', data: 'line\n\ndata: forged', id: '1' }
      await new Promise(() => undefined)
    }),
  ]
  const start = async (over: { bound?: BoundAction[]; maxChange?: number } = {}) => {
    app = await buildServer({
      name: 'toy',
      production: false,
      allowedOrigins: [origin],
      hosts: ['localhost', '127.0.0.1'],
      trustedProxy: [],
      write: () => undefined,
    })
    const limits = { ...defaultLimits, perMinute: { ...defaultLimits.perMinute, change: over.maxChange ?? 30, destroy: 100 } }
    mount(app, {
      name: 'toy-service',
      prefix: '/api',
      declared,
      bound: over.bound ?? bound(),
      strayPaths: [],
      limits,
      counters: createSlidingWindows(() => performance.now()),
      allowedOrigins: [origin],
      audit: {
        append: async (row, options) => {
          if (options?.essential) essential.push(`${row.action} ${row.outcome}`)
          if (auditFails === 'intent' && row.outcome === 'started') throw new Error('disk')
          if (auditFails === 'outcome' && row.outcome !== 'started') throw new Error('disk')
          rows.push(row)
          return { ...row, seq: rows.length, at: '', log: 'toy', prev: '', hash: '' }
        },
      },
      idempotency: memoryIdempotency(),
      grantKeys: { find: (kid) => (kid === key.kid ? key.publicKey : null) },
      usedGrants: createUsedGrants(() => Date.now()),
      streams: createStreamDesk(limits, async () => alive),
      authenticate: async () => actor,
      checkCsrf: (_actor, token) => token === 'good',
      translate: (error) => error,
      alarm: () => undefined,
      now: () => Date.now(),
    })
    await listenOn(app, ['127.0.0.1'], 0)
    port = (app.server.address() as AddressInfo).port
  }
  const send = (method: string, path: string, { body, headers = {} }: { body?: unknown; headers?: Record<string, string> } = {}) =>
    fetch(`http://127.0.0.1:${port}/api${path}`, {
      method,
      headers: { origin, 'x-csrf-token': 'good', ...(method !== 'GET' && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  const grantFor = (over: Partial<Parameters<typeof signGrant>[1]> = {}) =>
    signGrant(
      key,
      { aud: 'toy-service', sub: 'u1', sid: 's1', verb: 'toy.thing.remove', digest: digestOfX, ...over },
      { nowMs: Date.now() },
    )
  const digestOfX = 'c2ad0a9d28fe0e0ff0ab1b2d8a5eb7d0a6a1f1b4c4a94f1ee7e2a7c1b3c4d5e6'

  beforeEach(() => {
    rows = []
    effects = []
    essential = []
    auditFails = 'never'
    alive = true
    actor = { kind: 'person', id: 'u1', name: 'One', role: 'admin', sid: 's1', byCookie: true, accessToken: null }
  })
  afterEach(() => app?.close())

  it('takes the steps in this order', () => {
    expect(steps.map(({ name }) => name)).toEqual([
      'limitAddress',
      'authenticate',
      'checkOrigin',
      'limitActor',
      'checkPermission',
      'checkGrant',
      'checkBody',
      'checkIfMatch',
      'findRepeat',
      'recordIntent',
    ])
  })

  it('writes intent and outcome around a change, and masks', async () => {
    await start()
    expect((await send('POST', '/things', { body: { name: 'ab', secret: 'hunter2' } })).status).toBe(201)
    expect(rows).toMatchObject([
      { outcome: 'started', target: 'ab', input: { name: 'ab', secret: '***' } },
      { outcome: 'done', of: 1 },
    ])
    expect(JSON.stringify(rows)).not.toContain('hunter2')
  })

  it('tells an expected failure with its code, and a foreign error without its text', async () => {
    await start()
    const failed = await send('POST', '/things', { body: { name: 'broken' } })
    expect([failed.status, await failed.json()]).toMatchObject([409, { code: 'TOY_BROKEN', detail: 'It is broken.' }])
    expect(rows.at(-1)).toMatchObject({ outcome: 'failed', code: 'TOY_BROKEN' })
    const odd = await send('POST', '/things', { body: { name: 'undeclared' } })
    expect(odd.status).toBe(500)
    expect(await odd.text()).not.toContain('secret text')
  })

  it('does nothing when the intent cannot be written', async () => {
    await start()
    auditFails = 'intent'
    const reply = await send('POST', '/things', { body: { name: 'ab' } })
    expect([reply.status, (await reply.json()) as object, effects]).toMatchObject([503, { code: 'AUDIT_UNAVAILABLE' }, []])
  })

  it('lets the intent of what ends trouble use the space held back for a full disk, and of nothing else', async () => {
    await start()
    expect((await send('POST', '/things/x/restart')).status).toBe(204)
    expect((await send('POST', '/things', { body: { name: 'ab' } })).status).toBe(201)
    expect(essential).toEqual(['toy.thing.restart started'])
  })

  it('answers truly when only the outcome row is lost', async () => {
    await start()
    auditFails = 'outcome'
    expect((await send('POST', '/things', { body: { name: 'ab' } })).status).toBe(201)
  })

  it('refuses by role, Origin, fetch site and CSRF, each with a row', async () => {
    await start()
    expect((await send('POST', '/things', { body: { name: 'ab' }, headers: { origin: 'http://localhost:3000.evil.test' } })).status).toBe(
      403,
    )
    expect((await send('POST', '/things', { body: { name: 'ab' }, headers: { 'x-csrf-token': 'bad' } })).status).toBe(403)
    actor = { ...actor, role: 'viewer' }
    expect((await send('POST', '/things', { body: { name: 'ab' } })).status).toBe(403)
    actor = { ...actor, role: null }
    expect((await send('GET', '/things/x')).status).toBe(403)
    expect(rows.map(({ outcome, code }) => `${outcome} ${code}`)).toEqual([
      'denied AUTH_ORIGIN_REFUSED',
      'denied AUTH_CSRF_INVALID',
      'denied AUTH_FORBIDDEN',
      'denied AUTH_FORBIDDEN',
    ])
    expect(effects).toEqual([])
  })

  it('destroys only with a confirmation for this person, session, verb and plan, and once', async () => {
    const { createHash } = await import('node:crypto')
    const { canonical, directPlan } = await import('@console/verbs/canonical')
    const digest = createHash('sha256')
      .update(canonical(directPlan('toy.thing.remove', 'local', { id: 'x' })))
      .digest('hex')
    await start()
    const attempt = async (grant?: string) => {
      const reply = await send('DELETE', '/things/x', { ...(grant && { headers: { 'x-grant': grant } }) })
      return reply.status === 204 ? 'done' : ((await reply.json()) as { code: string }).code
    }
    expect(await attempt()).toBe('AUTH_GRANT_REQUIRED')
    expect(await attempt(grantFor())).toBe('AUTH_GRANT_MISMATCH')
    expect(await attempt(grantFor({ digest, sub: 'u2' }))).toBe('AUTH_GRANT_MISMATCH')
    expect(await attempt(grantFor({ digest, sid: 's2' }))).toBe('AUTH_GRANT_MISMATCH')
    expect(await attempt(grantFor({ digest, verb: 'toy.thing.other' }))).toBe('AUTH_GRANT_MISMATCH')
    expect(await attempt(grantFor({ digest, aud: 'docker-proxy' }))).toBe('AUTH_GRANT_INVALID')
    expect(effects).toEqual([])
    const good = grantFor({ digest })
    expect((await Promise.all(Array.from({ length: 5 }, () => attempt(good)))).sort()).toEqual([
      'AUTH_GRANT_USED',
      'AUTH_GRANT_USED',
      'AUTH_GRANT_USED',
      'AUTH_GRANT_USED',
      'done',
    ])
    expect(effects).toEqual(['gone x'])
    actor = { ...actor, kind: 'token' }
    expect(await attempt(grantFor({ digest }))).toBe('AUTH_GRANT_REQUIRED')
  })

  it('names field and rule of bad input, unknown fields too, and leaves no row', async () => {
    await start()
    const reply = await send('POST', '/things', { body: { name: 'a', other: 1 } })
    const problem = (await reply.json()) as { errors: { field: string }[] }
    expect(problem.errors.map(({ field }) => field).sort()).toEqual(['body.name', 'body.other'])
    expect(rows).toEqual([])
    expect((await send('DELETE', '/things/x', { body: { sneaky: 1 }, headers: { 'x-grant': grantFor() } })).status).toBe(403)
  })

  it('answers a repeat with the first result, and refuses the key for another request', async () => {
    await start()
    const headers = { 'idempotency-key': 'key-12345' }
    const first = await (await send('POST', '/things', { body: { name: 'ab' }, headers })).json()
    const again = await send('POST', '/things', { body: { name: 'ab' }, headers })
    expect([again.headers.get('idempotency-replayed'), await again.json(), effects]).toEqual(['true', first, ['ab']])
    expect((await send('POST', '/things', { body: { name: 'cd' }, headers })).status).toBe(409)
  })

  it('limits before it looks at the permission', async () => {
    await start({ maxChange: 2 })
    actor = { ...actor, role: 'viewer' }
    const statuses = []
    for (let n = 0; n < 3; n += 1) statuses.push((await send('POST', '/things', { body: { name: 'ab' } })).status)
    expect(statuses).toEqual([403, 403, 429])
  })

  it('does not start with an action unbound, bound twice, or a stray route', async () => {
    await expect(start({ bound: bound().slice(1) })).rejects.toThrow('without a handler: [toy.thing.get]')
    await expect(start({ bound: [...bound(), ...bound().slice(0, 1)] })).rejects.toThrow('bound twice')
    await start()
    expect(() => app.get('/stray', async () => 'x')).toThrow()
  })

  it('streams events that no line can forge, and ends them with the session', async () => {
    await start()
    const reply = await send('GET', '/stream')
    const reader = reply.body?.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    while (!text.includes('event: tick')) text += (await reader?.read())?.value
    expect(text).toContain('id: 1\nevent: tick\ndata: "line\\n\\ndata: forged"\n\n')
    alive = false
    const endBefore = Date.now() + 5_000
    while (!text.includes('event: end') && Date.now() < endBefore) text += (await reader?.read())?.value ?? ''
    expect(text).toContain('"reason":"session"')
  })

  it('refuses raw oddities: two hosts, foreign hosts, upgrades, compressed bodies, duplicate names, other content types', async () => {
    await start()
    const raw = (text: string) =>
      new Promise<string>((resolve) => {
        const socket = connect(port, '127.0.0.1', () => socket.write(text))
        let reply = ''
        socket.on('data', (chunk) => (reply += String(chunk)))
        socket.once('close', () => resolve(reply.split('\r\n')[0] ?? ''))
      })
    const get = 'GET /api/things/x HTTP/1.1\r\nConnection: close\r\n'
    expect(await raw(`${get}Host: localhost\r\n\r\n`)).toContain('200')
    expect(await raw(`${get}Host: localhost\r\nHost: localhost\r\n\r\n`)).toContain('400')
    expect(await raw(`${get}Host: evil.test\r\n\r\n`)).toContain('421')
    expect(await raw(`${get}Host: localhost\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n`)).toContain('400')
    const post = (body: string, more = 'Content-Type: application/json\r\n') =>
      raw(
        `POST /api/things HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nOrigin: ${origin}\r\nX-CSRF-Token: good\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`,
      )
    expect(await post('{"name":"ab"}')).toContain('201')
    expect(await post('{"name":"ab","name":"cd"}')).toContain('400')
    expect(await post('{"name":"ab"}', 'Content-Type: application/json; charset=utf-8\r\n')).toContain('415')
    expect(await post('{"name":"ab"}', 'Content-Type: application/json\r\nContent-Encoding: gzip\r\n')).toContain('415')
  })
})

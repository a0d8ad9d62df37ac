import { connect } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { defaultLimits } from './limits.ts'
import { steps } from './steps.ts'
import { origin, startToy, type Toy } from './toy-service.fake.ts'

describe('the mount', () => {
  let toy: Toy
  const start = async (over: Parameters<typeof startToy>[0] = {}) => {
    toy = await startToy(over)
  }
  const send: Toy['send'] = (...call) => toy.send(...call)
  afterEach(() => toy?.app.close())

  it('takes the steps in this order', () => {
    expect(steps.map(({ name }) => name)).toEqual([
      'limitAddress',
      'authenticate',
      'checkOrigin',
      'limitActor',
      'checkPermission',
      'checkFactor',
      'checkSignature',
      'inflate',
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
    expect(toy.rows).toMatchObject([
      { outcome: 'started', target: 'ab', input: { name: 'ab', secret: expect.stringMatching(/^hmac-sha256:[0-9a-f]{64}$/) } },
      { outcome: 'done', of: 1 },
    ])
    expect(JSON.stringify(toy.rows)).not.toContain('hunter2')
  })

  it('keeps in the outcome row what the handler tells of before, and no more than the registry names', async () => {
    await start()
    await send('POST', '/things', { body: { name: 'known' } })
    await send('POST', '/things', { body: { name: 'broken' } })
    const outcomes = toy.rows.filter(({ outcome }) => outcome !== 'started')
    expect(outcomes.map(({ outcome, details }) => ({ outcome, details }))).toEqual([
      { outcome: 'done', details: { before: 'old' } },
      { outcome: 'failed', details: { before: 'whole' } },
    ])
    expect((await send('POST', '/things', { body: { name: 'stray' } })).status).toBe(500)
    expect(toy.rows.at(-1)).toMatchObject({ outcome: 'failed', code: 'INTERNAL' })
    expect(JSON.stringify(toy.rows)).not.toContain('hunter2')
  })

  it('takes an older spelling for the other action that it is: its role, its record, and no confirmation', async () => {
    await start()
    const answer = async (body: unknown, headers = {}) => {
      const reply = await send('POST', '/sweep', { body, headers })
      const {
        code = '',
        detail = '',
        errors = [],
      } = reply.status === 204 ? {} : ((await reply.json()) as { code: string; detail: string; errors?: { field: string }[] })
      return [reply.status, code, reply.status === 409 ? detail : errors.map(({ field }) => field).join()]
    }
    const digest = 'd'.repeat(64)
    const grant = { 'x-grant': toy.grant({ verb: 'toy.thing.sweep', digest }) }
    const older = [409, 'TOY_BROKEN', 'planned one']
    toy.actor = { ...toy.actor, role: 'operator' }
    expect(await answer({ type: 'one' })).toEqual(older)
    expect(await answer({ type: 'three' })).toEqual([400, 'INPUT_INVALID', 'body.type'])
    // Whatever says more than the older spelling is judged as what the route is now.
    for (const body of [{ type: 'one', digest }, { digest }, {}, { nothingKnowsThis: true }, ['type'], { type: 'one', force: true }])
      expect([body, ...(await answer(body, grant))]).toEqual([body, 403, 'AUTH_FORBIDDEN', ''])
    toy.actor = { ...toy.actor, role: 'viewer' }
    expect((await answer({ type: 'one' }))[1]).toBe('AUTH_FORBIDDEN')
    expect(toy.rows.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      ...Array.from({ length: 6 }, () => 'toy.thing.sweep denied'),
      'toy.thing.plan denied',
    ])
    expect(toy.effects).toEqual([])
    toy.actor = { ...toy.actor, role: 'admin' }
    expect(await answer({ type: 'one' }, grant)).toEqual(older)
    expect((await answer({ digest }))[1]).toBe('AUTH_GRANT_REQUIRED')
    expect((await answer({ type: 'one', digest }, grant))[1]).toBe('INPUT_INVALID')
    expect((await answer({ digest }, grant))[0]).toBe(204)
    expect(toy.effects).toEqual([`swept ${digest}`])
  })

  it('counts an older spelling once, against the budget of what it is, and the usual one against its own', async () => {
    const perMinute = { ...defaultLimits.perMinute, read: 6, destroy: 2 }
    await start({ limits: { perMinute } })
    const digest = 'd'.repeat(64)
    const sweep = (body: unknown) =>
      send('POST', '/sweep', { body, headers: { 'x-grant': toy.grant({ verb: 'toy.thing.sweep', digest }) } }).then(({ status }) => status)
    expect([await sweep({ digest }), await sweep({ digest }), await sweep({ digest })]).toEqual([204, 204, 429])
    expect([await sweep({ type: 'one' }), await sweep({ type: 'one' }), await sweep({ type: 'one' })]).toEqual([409, 409, 409])
    expect(await sweep({ type: 'one' })).toBe(429)
    // What only reads is never kept for a repeat, so its key is not looked at.
    toy.actor = { ...toy.actor, id: 'u2' }
    expect((await send('POST', '/sweep', { body: { type: 'one' }, headers: { 'idempotency-key': '?' } })).status).toBe(409)
  })

  it('answers a body that is nothing as bad input of the usual spelling', async () => {
    await start()
    const headers = { 'x-grant': toy.grant({ verb: 'toy.thing.sweep', digest: 'd'.repeat(64) }) }
    const answers = [null, 'type', 7].map((body) => send('POST', '/sweep', { body, headers }))
    for (const answer of [...answers, send('POST', '/sweep', { headers: { ...headers, 'content-type': 'text/plain' } })])
      expect([400, 403, 415]).toContain((await answer).status)
    expect(toy.effects).toEqual([])
  })

  it('lets a token that may plan use the older spelling, and nothing else of that route', async () => {
    await start()
    toy.actor = { ...toy.actor, kind: 'token', byCookie: false, sid: null, actions: ['toy.thing.plan'] }
    expect((await send('POST', '/sweep', { body: { type: 'two' } })).status).toBe(409)
    expect((await send('POST', '/sweep', { body: { digest: 'd'.repeat(64) } })).status).toBe(403)
    toy.actor = { ...toy.actor, actions: ['toy.thing.get'] }
    expect((await send('POST', '/sweep', { body: { type: 'two' } })).status).toBe(403)
    expect(toy.effects).toEqual([])
  })

  it('tells an expected failure with its code, and a foreign error without its text', async () => {
    await start()
    const failed = await send('POST', '/things', { body: { name: 'broken' } })
    expect([failed.status, await failed.json()]).toMatchObject([409, { code: 'TOY_BROKEN', detail: 'It is broken.' }])
    expect(toy.rows.at(-1)).toMatchObject({ outcome: 'failed', code: 'TOY_BROKEN' })
    const odd = await send('POST', '/things', { body: { name: 'undeclared' } })
    expect(odd.status).toBe(500)
    expect(await odd.text()).not.toContain('secret text')
  })

  it('does nothing when the intent cannot be written', async () => {
    await start()
    toy.auditFails = 'intent'
    const reply = await send('POST', '/things', { body: { name: 'ab' } })
    expect([reply.status, (await reply.json()) as object, toy.effects]).toMatchObject([503, { code: 'AUDIT_UNAVAILABLE' }, []])
  })

  it('lets the intent of what ends trouble use the space held back for a full disk, and of nothing else', async () => {
    await start()
    expect((await send('POST', '/things/x/restart')).status).toBe(204)
    expect((await send('POST', '/things', { body: { name: 'ab' } })).status).toBe(201)
    expect(toy.essential).toEqual(['toy.thing.restart started'])
  })

  it('answers truly when only the outcome row is lost', async () => {
    await start()
    toy.auditFails = 'outcome'
    expect((await send('POST', '/things', { body: { name: 'ab' } })).status).toBe(201)
  })

  it('refuses by role, Origin, fetch site and CSRF, each with a row', async () => {
    await start()
    expect((await send('POST', '/things', { body: { name: 'ab' }, headers: { origin: 'http://localhost:3000.evil.test' } })).status).toBe(
      403,
    )
    expect((await send('POST', '/things', { body: { name: 'ab' }, headers: { 'x-csrf-token': 'bad' } })).status).toBe(403)
    toy.actor = { ...toy.actor, role: 'viewer' }
    expect((await send('POST', '/things', { body: { name: 'ab' } })).status).toBe(403)
    toy.actor = { ...toy.actor, role: null }
    expect((await send('GET', '/things/x')).status).toBe(403)
    expect(toy.rows.map(({ outcome, code }) => `${outcome} ${code}`)).toEqual([
      'denied AUTH_ORIGIN_REFUSED',
      'denied AUTH_CSRF_INVALID',
      'denied AUTH_FORBIDDEN',
      'denied AUTH_FORBIDDEN',
    ])
    expect(toy.effects).toEqual([])
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
    expect(await attempt(toy.grant())).toBe('AUTH_GRANT_MISMATCH')
    expect(await attempt(toy.grant({ digest, sub: 'u2' }))).toBe('AUTH_GRANT_MISMATCH')
    expect(await attempt(toy.grant({ digest, sid: 's2' }))).toBe('AUTH_GRANT_MISMATCH')
    expect(await attempt(toy.grant({ digest, verb: 'toy.thing.other' }))).toBe('AUTH_GRANT_MISMATCH')
    expect(await attempt(toy.grant({ digest, aud: 'docker-proxy' }))).toBe('AUTH_GRANT_INVALID')
    expect(toy.effects).toEqual([])
    const good = toy.grant({ digest })
    expect((await Promise.all(Array.from({ length: 5 }, () => attempt(good)))).sort()).toEqual([
      'AUTH_GRANT_USED',
      'AUTH_GRANT_USED',
      'AUTH_GRANT_USED',
      'AUTH_GRANT_USED',
      'done',
    ])
    expect(toy.effects).toEqual(['gone x'])
    toy.actor = { ...toy.actor, kind: 'token' }
    expect(await attempt(toy.grant({ digest }))).toBe('AUTH_GRANT_REQUIRED')
  })

  it('names field and rule of bad input, unknown fields too, and leaves no row', async () => {
    await start()
    const reply = await send('POST', '/things', { body: { name: 'a', other: 1 } })
    const problem = (await reply.json()) as { errors: { field: string }[] }
    expect(problem.errors.map(({ field }) => field).sort()).toEqual(['body.name', 'body.other'])
    expect(toy.rows).toEqual([])
    expect((await send('DELETE', '/things/x', { body: { sneaky: 1 }, headers: { 'x-grant': toy.grant() } })).status).toBe(403)
  })

  it('refuses a part of the path or of the query that is not as declared, and asks nobody', async () => {
    await start()
    const refusal = async (path: string) => {
      const reply = await send('GET', path)
      const { errors = [] } = (await reply.json()) as { errors?: { field: string }[] }
      return [reply.status, ...errors.map(({ field }) => field)]
    }
    expect(await refusal(`/things/${'x'.repeat(41)}`)).toEqual([400, 'params.id'])
    expect(await refusal('/things/x?part=middle')).toEqual([400, 'query.part'])
    expect(await refusal('/things/x?other=1')).toEqual([400, 'query.other'])
    expect(await refusal('/things/x?part=head')).toEqual([200])
  })

  it('never sends a field that is not declared, whatever a handler gives', async () => {
    await start()
    const reply = await send('GET', '/things/talkative')
    expect([reply.status, await reply.text()]).toEqual([500, expect.not.stringContaining('hunter2')])
  })

  it('says of a path that is no route that there is none', async () => {
    await start()
    const reply = await send('GET', '/nowhere')
    expect([reply.status, await reply.json()]).toMatchObject([404, { code: 'ROUTE_NOT_FOUND' }])
  })

  it('takes nothing off the budget for what was refused, or broke off before all of it was there', async () => {
    await start({ maxChange: 1 })
    expect((await send('POST', '/things', { body: { name: 'a' } })).status).toBe(400)
    const socket = connect(toy.port, '127.0.0.1')
    socket.write(
      `POST /api/things HTTP/1.1\r\nHost: localhost\r\nOrigin: ${origin}\r\nX-CSRF-Token: good\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"na`,
    )
    await vi.waitFor(async () => expect((await send('POST', '/things', { body: { name: 'ab' } })).status).toBe(429), 15_000)
    expect(toy.effects).toEqual([])
    socket.destroy()
    await vi.waitFor(async () => expect((await send('POST', '/things', { body: { name: 'ab' } })).status).toBe(201), 15_000)
    expect((await send('POST', '/things', { body: { name: 'ab' } })).status).toBe(429)
  })

  it('answers a repeat with the first result, and refuses the key for another request', async () => {
    await start()
    const headers = { 'idempotency-key': 'key-12345' }
    const first = await (await send('POST', '/things', { body: { name: 'ab' }, headers })).json()
    const again = await send('POST', '/things', { body: { name: 'ab' }, headers })
    expect([again.headers.get('idempotency-replayed'), await again.json(), toy.effects]).toEqual(['true', first, ['ab']])
    expect((await send('POST', '/things', { body: { name: 'cd' }, headers })).status).toBe(409)
  })

  it('streams events that no line can forge, and ends them with the session', async () => {
    await start()
    const reply = await send('GET', '/stream')
    const reader = reply.body?.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    while (!text.includes('event: tick')) text += (await reader?.read())?.value
    expect(text).toContain('id: 1\nevent: tick\ndata: "line\\n\\ndata: forged"\n\n')
    toy.alive = false
    const endBefore = Date.now() + 5_000
    while (!text.includes('event: end') && Date.now() < endBefore) text += (await reader?.read())?.value ?? ''
    expect(text).toContain('"reason":"session"')
  })

  it('refuses raw oddities: two hosts, foreign hosts, upgrades, compressed bodies, duplicate names, other content types', async () => {
    await start()
    const raw = (text: string) =>
      new Promise<string>((resolve) => {
        const socket = connect(toy.port, '127.0.0.1', () => socket.write(text))
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

  it('answers what cannot be read as a request as a problem, and ends the connection', async () => {
    await start()
    const whole = (text: string) =>
      new Promise<string>((resolve) => {
        const socket = connect(toy.port, '127.0.0.1', () => socket.write(text))
        let reply = ''
        socket.on('data', (chunk) => (reply += String(chunk)))
        socket.once('close', () => resolve(reply))
      })
    for (const [text, status] of [
      [`GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, 431],
      ['no request at all\r\n\r\n', 400],
      ...[`things/${'x'.repeat(300)}`, 'things/%zz', '%c0%ae/x'].map(
        (path) => [`GET /api/${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`, 400] as const,
      ),
    ] as const) {
      const [head = '', body = ''] = (await whole(text)).split('\r\n\r\n')
      expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
      expect(head.toLowerCase()).toContain('content-type: application/problem+json')
      expect(head.toLowerCase()).toContain('x-content-type-options: nosniff')
      expect(JSON.parse(body)).toMatchObject({ status, code: 'REQUEST_INVALID', requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) })
    }
  })
})

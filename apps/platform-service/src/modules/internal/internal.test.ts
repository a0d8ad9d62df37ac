import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openAuditLog } from '@console/audit-chain/log'
import { verifyAccessToken } from '@console/tokens/access-token'
import { loadOrCreateServiceKey, tokenKeysIn } from '@console/tokens/key-files'
import { keyPairOf } from '@console/tokens/keys'
import { signServiceToken } from '@console/tokens/service-token'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { partition } from '../../collections.ts'
import type { UserDoc } from '../../documents.ts'
import { type Answer, type Browser, goodPassword, invited, type Platform, rowsOf, setUp, startPlatform } from '../../platform.fake.ts'

let platform: Platform
let ada: Browser
beforeEach(async () => {
  platform = await startPlatform()
  ada = await setUp(platform)
})
afterEach(() => platform.close())
const code = (answer: Answer) => [answer.status, String(answer.body.code)]
const inactive = { active: false }
const ask = (browser: Browser, over: object = {}, service = 'devops-backend') =>
  platform.service(service, '/internal/introspect', {
    token: browser.cookie('__Secure-bl_ref'),
    tie: browser.cookie('__Host-bl_tie'),
    activity: false,
    ...over,
  })

describe('introspection', () => {
  it('answers person, session, role, plan and an access token for this product alone', async () => {
    const { body } = await ask(ada)
    const me = (await ada.get('/auth/session')).body.user
    expect(body).toMatchObject({
      active: true,
      kind: 'session',
      user: { id: me?.id, name: 'Ada King' },
      role: 'admin',
      plan: 'pro',
      notAfterMs: null,
    })
    const claims = verifyAccessToken(String(body.accessToken), {
      keys: tokenKeysIn(platform.config.keysDir),
      audience: 'bytelyst-devops',
      issuer: platform.config.issuer,
      nowMs: platform.clock.ms,
    })
    expect(claims).toMatchObject({ sub: String(me?.id), sid: String(body.sid), role: 'admin', plan: 'pro', amr: ['pwd'] })
    expect(claims.exp - claims.iat).toBe(300)
    expect(claims.auth_time).toBe(Math.floor(platform.clock.ms / 1_000))
    expect(JSON.stringify(claims)).not.toContain('ada@example.com')
  })

  it('tells what people may do now at the caller’s product, for work of theirs that waits', async () => {
    const { id } = await invited(platform, ada, 'bob@example.com', [{ productId: 'bytelyst-devops', role: 'operator' }])
    const { id: other } = await invited(platform, ada, 'eve@example.com', [{ productId: 'bytelyst-platform', role: 'admin' }])
    const standing = async (service = 'devops-backend') =>
      platform.service(service, '/internal/people/standing', { userIds: [id, other, 'nobody'] })
    const roles = async () => ((await standing()).body.items as unknown as { role: string | null }[]).map(({ role }) => role)
    expect(await roles()).toEqual(['operator', null, null])
    await ada.call('PUT', `/memberships/${id}/bytelyst-devops`, { body: { role: 'viewer' } })
    expect(await roles()).toEqual(['viewer', null, null])
    const until = new Date(platform.clock.ms + 60_000).toISOString()
    await ada.call('PUT', `/memberships/${id}/bytelyst-devops`, { body: { role: 'operator', expiresAt: until } })
    expect(await roles()).toEqual(['operator', null, null])
    platform.clock.ms += 60_000
    expect(await roles()).toEqual([null, null, null])
    await ada.call('PUT', `/memberships/${id}/bytelyst-devops`, { body: { role: 'operator', expiresAt: null } })
    await ada.post(`/users/${id}/disable`, { reason: 'left the company' })
    expect(await roles()).toEqual([null, null, null])
    expect(code(await standing('docker-proxy'))).toEqual([403, 'INTROSPECT_FORBIDDEN'])
  })

  it('tells what it counts of itself to devops-backend alone, with each request in it', async () => {
    for (let n = 0; n < 7; n += 1) await ada.get('/auth/session')
    const told = (await platform.service('devops-backend', '/internal/figures', {})).body
    const actions = told.actions as unknown as { action: string; done: number }[]
    expect(actions.find(({ action }) => action === 'auth.session.get')?.done).toBeGreaterThanOrEqual(7)
    expect((await platform.service('devops-backend', '/internal/metrics', {})).body.text).toContain(
      'console_requests_total{action="auth.session.get"',
    )
    for (const path of ['/internal/figures', '/internal/metrics'])
      expect(code(await platform.service('docker-proxy', path, {}))).toEqual([403, 'AUTH_FORBIDDEN'])
  })

  it('answers no at once when the session ended, the person was disabled, or the membership went', async () => {
    const { browser: bob, id } = await invited(platform, ada, 'bob@example.com', [{ productId: 'bytelyst-devops', role: 'operator' }])
    expect((await ask(bob)).body).toMatchObject({ active: true, role: 'operator' })
    await ada.call('PUT', `/memberships/${id}/bytelyst-devops`, { body: { role: 'viewer' } })
    expect((await ask(bob)).body).toMatchObject({ active: true, role: 'viewer' })
    await ada.call('DELETE', `/memberships/${id}/bytelyst-devops`)
    expect((await ask(bob)).body).toEqual(inactive)
    await ada.call('PUT', `/memberships/${id}/bytelyst-devops`, { body: { role: 'viewer' } })
    expect((await ask(bob)).body).toMatchObject({ active: true })
    await ada.post(`/users/${id}/disable`, { reason: 'left the company' })
    expect((await ask(bob)).body).toEqual(inactive)
    expect((await ask(ada)).body).toMatchObject({ active: true })
    const before = { token: ada.cookie('__Secure-bl_ref'), tie: ada.cookie('__Host-bl_tie') }
    await ada.post('/auth/logout')
    expect((await ask(ada, before)).body).toEqual(inactive)
  })

  it('answers no for a person who is disabled, even where a session was left', async () => {
    const { users } = platform.collections
    const [user] = (await users.find(partition, { limit: 1 })).items
    await users.replace(partition, user?.id ?? '', { ...(user?.doc as UserDoc), status: 'disabled' }, user?.etag ?? '')
    expect((await ask(ada)).body).toEqual(inactive)
    expect((await ada.get('/auth/session')).status).toBe(401)
  })

  it('ends with the membership, and so does the access token', async () => {
    const expiresAt = new Date(platform.clock.ms + 100_000).toISOString()
    const { browser: bob } = await invited(platform, ada, 'bob@example.com', [{ productId: 'bytelyst-devops', role: 'viewer', expiresAt }])
    const { body } = await ask(bob)
    expect(Number(body.notAfterMs)).toBe(Date.parse(expiresAt))
    const claims = JSON.parse(Buffer.from(String(body.accessToken).split('.')[1] ?? '', 'base64url').toString()) as { exp: number }
    expect(claims.exp * 1_000).toBeLessThanOrEqual(Date.parse(expiresAt))
    platform.clock.ms += 100_000
    expect((await ask(bob)).body).toEqual(inactive)
  })

  it('answers no to a foreign tie, none, a session, and what nobody ever made', async () => {
    const eve = platform.browser()
    await eve.signIn('ada@example.com', goodPassword)
    expect((await ask(ada, { tie: eve.cookie('__Host-bl_tie') })).body).toEqual(inactive)
    expect((await ask(ada, { tie: null })).body).toEqual(inactive)
    expect((await ask(ada, { token: ada.cookie('__Secure-bl_sid') })).body).toEqual(inactive)
    expect((await ask(ada, { token: 'blt_nothing' })).body).toEqual(inactive)
  })

  it('goes on for ten seconds with the reference of before a step-up', async () => {
    const before = { token: ada.cookie('__Secure-bl_ref'), tie: ada.cookie('__Host-bl_tie') }
    const { sid } = (await ask(ada)).body
    await ada.post('/auth/step-up', { password: goodPassword })
    expect((await ask(ada)).body).toMatchObject({ active: true, sid })
    platform.clock.ms += 9_999
    expect((await ask(ada, before)).body).toMatchObject({ active: true, sid })
    platform.clock.ms += 1
    expect((await ask(ada, before)).body).toEqual(inactive)
  })

  it('counts as use only when a person caused it', async () => {
    for (const [activity, status] of [
      [false, 401],
      [true, 200],
    ] as const) {
      const browser = platform.browser()
      await browser.signIn('ada@example.com', goodPassword)
      platform.clock.ms += 5 * 3_600_000
      await ask(browser, { activity })
      platform.clock.ms += 5 * 3_600_000
      expect((await browser.get('/auth/session')).status).toBe(status)
    }
  })

  it('is for the service of the product, with nothing said about references of others', async () => {
    for (const service of ['docker-proxy', 'host-agent', 'other-backend'])
      expect(code(await ask(ada, {}, service))).toEqual([403, 'INTROSPECT_FORBIDDEN'])
    await ada.post('/products', {
      id: 'other',
      name: 'Other',
      apiPath: '/api/other',
      service: 'other-backend',
      url: null,
      status: 'active',
      defaultRole: 'viewer',
      plans: ['pro'],
      owners: [],
    })
    const refused = await ask(ada, {}, 'other-backend')
    expect(code(refused)).toEqual([403, 'INTROSPECT_FORBIDDEN'])
    expect(refused.text).not.toMatch(/devops|Ada/)
    expect((await ask(ada, { token: 'unknown' }, 'other-backend')).body).toEqual(inactive)
  })

  it('refuses tokens that are forged, for somebody else, of another key, or missing', async () => {
    const name = 'devops-backend'
    await ask(ada)
    const key = loadOrCreateServiceKey({ dir: join(platform.folder, name), keysDir: platform.config.keysDir, name })
    const stranger = keyPairOf(generateKeyPairSync('ed25519').privateKey)
    const nowMs = platform.clock.ms
    const audience = 'platform-service'
    const forged = [
      signServiceToken(stranger, { name, audience, nowMs }),
      signServiceToken(key, { name, audience: 'docker-proxy', nowMs }),
      signServiceToken(key, { name: 'host-agent', audience, nowMs }),
      signServiceToken(key, { name, audience, nowMs: nowMs - 70_000 }),
      `${signServiceToken(key, { name, audience, nowMs })}x`,
      String((await ask(ada)).body.accessToken),
    ]
    for (const token of forged)
      expect(code(await platform.service(name, '/internal/introspect', { token: 'x', tie: null, activity: false }, token))).toEqual([
        401,
        'AUTH_TOKEN_INVALID',
      ])
    expect(code(await ada.post('/internal/introspect', { token: 'x', tie: null, activity: false }))).toEqual([401, 'AUTH_REQUIRED'])
  })
})

describe('the identity log for devops-backend', () => {
  const post = (path: string, body?: object, service = 'devops-backend') => platform.service(service, `/internal/journal/${path}`, body)

  it('is read by number, and verified', async () => {
    const { body } = await post('read', { after: 0, limit: 2 })
    expect(body).toMatchObject({
      head: 2,
      rows: [
        { seq: 1, outcome: 'started' },
        { seq: 2, outcome: 'done', of: 1, log: 'platform-service' },
      ],
    })
    expect((await post('verify')).body).toMatchObject({ state: 'valid', rows: 2, firstBadSeq: null, unanchored: 2, lastCheckpointAt: null })
    await post('checkpoint')
    expect((await post('verify')).body).toMatchObject({ state: 'valid', unanchored: 0, lastCheckpointAt: expect.any(String) })
  })

  it('takes a checkpoint of another log, and none that is not signed by it', async () => {
    const name = 'docker-proxy'
    const key = loadOrCreateServiceKey({ dir: join(platform.folder, name), keysDir: platform.config.keysDir, name })
    const other = await openAuditLog({ dir: join(platform.folder, name, 'audit'), name, key: key.privateKey, reserveBytes: 0 })
    await other.append({ action: 'a.b.c', actor: { kind: 'service', id: name }, requestId: 'r', target: '-', outcome: 'done' })
    const checkpoint = await other.checkpoint()
    await other.close()
    expect((await post('witness', { checkpoint: JSON.stringify(checkpoint) })).status).toBe(204)
    expect((await ada.get('/audit?limit=1')).body).toMatchObject({ items: [{ target: name, actor: { kind: 'service' } }] })
    const lied = JSON.stringify({ ...checkpoint, size: 9 })
    for (const wrong of [lied, 'no json', JSON.stringify({ ...checkpoint, log: '../../etc/passwd' })])
      expect(code(await post('witness', { checkpoint: wrong }))).toEqual([409, 'CHECKPOINT_REFUSED'])
  })

  it('signs a checkpoint of itself a minute after the last, asked or not', async () => {
    const file = join(platform.folder, 'platform/audit/platform-service.checkpoint')
    const sizeKept = () => (JSON.parse(readFileSync(file, 'utf8')) as { size: number }).size
    await platform.app.checkpoints.tick()
    const first = sizeKept()
    await ada.signIn('ada@example.com', goodPassword)
    await platform.app.checkpoints.tick()
    expect(sizeKept()).toBe(first)
    platform.clock.ms += 60_000
    await platform.app.checkpoints.tick()
    expect(sizeKept()).toBeGreaterThan(first)
  })

  it('records once each log that has been silent for five minutes, and none that was heard', async () => {
    const missing = () =>
      rowsOf(platform)
        .filter(({ action }) => action === 'audit.checkpoint.missing')
        .map(({ target }) => target)
    const name = 'docker-proxy'
    const key = loadOrCreateServiceKey({ dir: join(platform.folder, name), keysDir: platform.config.keysDir, name })
    const now = () => platform.clock.ms
    const other = await openAuditLog({ dir: join(platform.folder, name, 'audit'), name, key: key.privateKey, reserveBytes: 0, now })
    await other.append({ action: 'a.b.c', actor: { kind: 'service', id: name }, requestId: 'r', target: '-', outcome: 'done' })
    platform.clock.ms += 299_999
    const checkpoint = JSON.stringify(await other.checkpoint())
    await other.close()
    await platform.app.checkpoints.tick()
    expect(missing()).toEqual([])
    expect((await post('witness', { checkpoint })).status).toBe(204)
    platform.clock.ms += 1
    await platform.app.checkpoints.tick()
    await platform.app.checkpoints.tick()
    expect(missing()).toEqual(['devops-backend', 'host-agent'])
    platform.clock.ms += 300_000
    await platform.app.checkpoints.tick()
    expect(missing()).toEqual(['devops-backend', 'host-agent', 'docker-proxy'])
  })

  it('is for devops-backend alone', async () => {
    for (const [path, body] of [
      ['read', { after: 0, limit: 1 }],
      ['verify', {}],
      ['checkpoint', {}],
      ['witness', { checkpoint: 'x' }],
    ] as const)
      expect(code(await post(path, body, 'docker-proxy'))).toEqual([403, 'AUTH_FORBIDDEN'])
  })
})

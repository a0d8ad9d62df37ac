import { appendFileSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defaultLimits } from '@console/http-kit/limits'
import { verifyAccessToken } from '@console/tokens/access-token'
import { tokenKeysIn } from '@console/tokens/key-files'
import { allVerbs } from '@console/verbs/all'
import { afterEach, describe, expect, it } from 'vitest'
import { type Answer, type Browser, goodPassword, invited, type Platform, rowsOf, send, setUp, startPlatform } from './platform.fake.ts'

const code = (answer: Answer) => [answer.status, String(answer.body.code)]

describe('platform-service', () => {
  let platform: Platform
  afterEach(() => platform.close())

  it('keeps every session, token and CSRF token through a rotation of the signing secret', async () => {
    const [first, second] = ['uR3kq9vX2mLw8ZtY5bNc7JdP1sGhQ4fA', 'Kp7Wd2xT9cVb4NqZ6yRm1HsL8gFjE3aU']
    platform = await startPlatform({}, { JWT_SECRET: first })
    const ada = await setUp(platform)
    const ask = () =>
      platform.service('devops-backend', '/internal/introspect', {
        token: ada.cookie('__Secure-bl_ref'),
        tie: ada.cookie('__Host-bl_tie'),
        activity: false,
      })
    const before = String((await ask()).body.accessToken)
    const csrf = ada.csrf
    const check = (token: string) =>
      verifyAccessToken(token, { keys: tokenKeysIn(platform.config.keysDir), audience: 'bytelyst-devops', nowMs: platform.clock.ms })

    platform = await platform.restart({}, { JWT_SECRET: second, JWT_SECRET_PREVIOUS: first })
    const browser = at(platform, ada)
    expect((await browser.post('/auth/step-up', { password: goodPassword }, { 'x-csrf-token': csrf })).status).toBe(200)
    copy(browser, ada)
    const after = String((await ask()).body.accessToken)
    expect(check(before).sub).toBe(check(after).sub)
    expect(kidOf(before)).not.toBe(kidOf(after))
    const { body } = await send(platform.port, 'GET', '/.well-known/jwks.json')
    expect(body.keys).toMatchObject([{ kid: kidOf(after), kty: 'OKP', crv: 'Ed25519' }, { kid: kidOf(before) }])
    expect(JSON.parse(readFileSync(join(platform.config.keysDir, 'platform-service.jwks'), 'utf8'))).toEqual(body)

    platform = await platform.restart({}, { JWT_SECRET: second })
    expect((await at(platform, ada).get('/auth/session')).status).toBe(200)
    expect((await at(platform, ada).post('/auth/step-up', { password: goodPassword }, { 'x-csrf-token': csrf })).status).toBe(403)
    expect(() => check(before)).toThrow()
  })

  it('publishes no private half', async () => {
    platform = await startPlatform()
    const { text, headers } = await send(platform.port, 'GET', '/.well-known/jwks.json')
    expect(text).not.toContain('"d"')
    expect(headers['cache-control']).toBe('public, max-age=60')
  })

  it('lets no password, hash, cookie, link or secret into any answer, log line, audit row or document', async () => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    const seen: string[] = []
    const look = async (answer: Promise<Answer>) => {
      const got = await answer
      seen.push(got.text)
      return got
    }
    const made = await ada.post('/invites', { email: 'bob@example.com', memberships: [{ productId: 'bytelyst-devops', role: 'viewer' }] })
    const token = String(made.body.link).split('#')[1] ?? ''
    const bob = platform.browser()
    await look(bob.post('/invites/show', { token }))
    await look(bob.post('/invites/accept', { token, name: 'Bob', password: goodPassword }))
    await look(bob.signIn('bob@example.com', goodPassword))
    await look(bob.signIn('bob@example.com', 'an attempt that is wrong'))
    await look(ada.post('/auth/step-up', { password: goodPassword }))
    const [verb] = allVerbs.filter(({ risk }) => risk === 'destroy')
    const grant = await ada.post('/auth/grants', { verb: verb?.id, digest: 'a'.repeat(64) })
    await look(ada.post('/auth/password/change', { current: goodPassword, next: 'copper meadow lantern seven', endOtherSessions: false }))
    for (const path of [
      '/users',
      '/invites',
      '/throttles',
      '/audit?limit=500',
      '/auth/session',
      '/auth/sessions',
      '/products',
      '/health',
      '/setup',
      '/docs/json',
    ])
      await look(ada.get(path))
    await platform.service('devops-backend', '/internal/introspect', {
      token: ada.cookie('__Secure-bl_ref'),
      tie: ada.cookie('__Host-bl_tie'),
      activity: true,
    })
    const secrets = [
      goodPassword,
      'an attempt that is wrong',
      'copper meadow',
      '$argon2',
      platform.setupToken,
      token,
      String(grant.body.grant),
      ...platform.config.jwtSecrets,
      ...[...ada.jar.values(), ...bob.jar.values()].map(({ value }) => value),
    ]
    await platform.app.sweeper.sweep()
    const audit = join(platform.folder, 'platform/audit')
    const rows = readdirSync(audit).map((file) => readFileSync(join(audit, file), 'utf8'))
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThan(6)
      for (const text of [...seen, ...platform.lines, ...rows]) expect(text).not.toContain(secret)
    }
    const documents =
      readFileSync(join(platform.folder, 'platform/store.db'), 'latin1') +
      readFileSync(join(platform.folder, 'platform/store.db-wal'), 'latin1')
    for (const secret of secrets.filter((one) => one !== '$argon2')) expect(documents).not.toContain(secret)
    expect(rowsOf(platform).length).toBeGreaterThan(8)
  })

  it('signs nobody in and changes nothing while the audit log cannot be written, and says so', async () => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    const audit = join(platform.folder, 'platform/audit')
    const [segment = ''] = readdirSync(audit).filter((file) => file.endsWith('.log'))
    appendFileSync(join(audit, segment), 'somebody else was here\n')
    const browser = platform.browser()
    expect(code(await browser.signIn('ada@example.com', goodPassword))).toEqual([503, 'AUDIT_UNAVAILABLE'])
    expect(browser.jar.size).toBe(0)
    expect(
      code(await ada.post('/invites', { email: 'x@example.com', memberships: [{ productId: 'bytelyst-devops', role: 'viewer' }] })),
    ).toEqual([503, 'AUDIT_UNAVAILABLE'])
    expect((await ada.get('/users')).body).toMatchObject({ total: 1 })
    expect((await platform.browser().get('/health')).body).toMatchObject({ status: 'degraded' })
  })

  it('answers for its health here and at the root, and describes itself', async () => {
    platform = await startPlatform()
    const healthy = { status: 'ok', problems: [] }
    expect((await platform.browser().get('/health')).body).toEqual(healthy)
    expect((await send(platform.port, 'GET', '/health')).body).toEqual(healthy)
    expect((await platform.browser().get('/docs/json')).body).toMatchObject({ openapi: expect.stringMatching(/^3\.1/) })
    expect(code(await platform.browser().get('/nothing'))).toEqual([404, 'ROUTE_NOT_FOUND'])
    expect((await send(platform.port, 'GET', '/health', { headers: { host: 'evil.test' } })).status).toBe(421)
  })

  it('sweeps what has ended, and keeps when somebody was last here', async () => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    platform.clock.ms += 61_000
    await ada.call('GET', '/auth/session', { headers: { 'x-activity': '1' } })
    const seen = new Date(platform.clock.ms).toISOString()
    const { sessions, references, throttles } = platform.collections
    platform.clock.ms += 8 * 86_400_000
    await platform.app.sweeper.sweep()
    for (const collection of [sessions, references, throttles]) expect((await collection.find('all', { limit: 10 })).items).toEqual([])
    platform = await platform.restart()
    const again = platform.browser()
    expect((await platform.collections.users.find('all', { limit: 1 })).items[0]?.doc.lastSeenAt).toBe(seen)
    expect((await again.signIn('ada@example.com', goodPassword)).status).toBe(200)
  })

  it('knows when somebody was last here after a start, while the session still lives', async () => {
    platform = await startPlatform()
    const { browser, id } = await invited(platform, await setUp(platform), 'bob@example.com', [
      { productId: 'bytelyst-devops', role: 'viewer' },
    ])
    platform.clock.ms += 61_000
    await browser.call('GET', '/auth/session', { headers: { 'x-activity': '1' } })
    const seen = new Date(platform.clock.ms).toISOString()
    platform = await platform.restart()
    const again = platform.browser()
    await again.signIn('ada@example.com', goodPassword)
    expect((await again.get(`/users/${id}`)).body).toMatchObject({ lastSeenAt: seen })
  })

  it('writes what it only counted before it closes', async () => {
    platform = await startPlatform()
    await setUp(platform)
    for (let n = 0; n < 9; n += 1) await platform.browser().signIn('ada@example.com', 'wrong')
    platform = await platform.restart()
    const failed = rowsOf(platform).filter(({ outcome }) => outcome === 'failed')
    expect(failed.map(({ count = 1 }) => count)).toEqual([1, 1, 1, 1, 1, 4])
  })

  it('counts changes of the last minute after a restart too', async () => {
    platform = await startPlatform({ limits: defaultLimits })
    const ada = await setUp(platform)
    const change = (browser: Browser) => browser.post('/auth/grants', { verb: 'nothing.here', digest: 'a'.repeat(64) })
    for (let n = 0; n < 30; n += 1) expect((await change(ada)).status).toBe(400)
    expect((await change(ada)).status).toBe(429)
    platform = await platform.restart()
    expect((await change(at(platform, ada))).status).toBe(429)
  })
})

/** The same browser at the service after its restart, which has another port. */
function at(platform: Platform, browser: Browser): Browser {
  const again = platform.browser()
  copy(browser, again)
  return again
}

function copy(from: Browser, to: Browser): void {
  to.jar.clear()
  for (const [name, cookie] of from.jar) to.jar.set(name, cookie)
  to.csrf = from.csrf
}

function kidOf(token: string): string {
  return String((JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }).kid)
}

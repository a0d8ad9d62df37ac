import { authenticatorCode } from '@console/testkit/authenticator'
import { enrol, postOf } from '@console/testkit/second-factor'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Answer, type Browser, goodPassword, invited, type Platform, rowsOf, setUp, startPlatform } from '../../platform.fake.ts'

const code = (answer: Answer) => [answer.status, String(answer.body.code)]
const minute = 60_000
const hour = 60 * minute
const email = 'ada@example.com'
const viewer = [{ productId: 'bytelyst-platform', role: 'viewer' }]

describe('the sign-in settings', () => {
  let platform: Platform
  let ada: Browser
  const read = async () => (await ada.get('/settings')).body as unknown as { settings: object; etag: string; changedBy: string | null }
  const put = async (change: object, etag?: string) => {
    const now = await read()
    return ada.call('PUT', '/settings', { body: { ...now.settings, ...change }, headers: { 'if-match': `"${etag ?? now.etag}"` } })
  }
  const set = async (change: object) => expect((await put(change)).status).toBe(200)
  const signedIn = async (who = email) => {
    const browser = platform.browser()
    const answer = await browser.signIn(who, goodPassword)
    expect(answer.status).toBe(200)
    return { browser, answer }
  }

  const use = (browser: Browser) => browser.call('GET', '/auth/session', { headers: { 'x-activity': '1' } })

  beforeEach(async () => {
    platform = await startPlatform({ rules: null })
    ada = await setUp(platform)
  })
  afterEach(() => platform.close())

  it('are written on the version that was seen, by an admin with a fresh factor, and the row holds both', async () => {
    const first = await read()
    expect(first).toMatchObject({ settings: { idleMinutes: 480, sessionHours: 168, secondFactor: 'admins' }, changedBy: null })
    expect((await ada.call('PUT', '/settings', { body: first.settings })).status).toBe(428)
    await set({ idleMinutes: 30 })
    expect(rowsOf(platform).at(-1)).toMatchObject({ action: 'signIn.settings.update', details: { before: { idleMinutes: 480 } } })
    expect(rowsOf(platform).at(-2)).toMatchObject({ outcome: 'started', input: { idleMinutes: 30 } })
    expect(code(await put({ idleMinutes: 60 }, first.etag))).toEqual([412, 'PRECONDITION_FAILED'])
    expect(await read()).toMatchObject({ settings: { idleMinutes: 30 }, changedBy: 'Ada King' })
    platform.clock.ms += 5 * minute + 1
    expect(code(await put({ idleMinutes: 60 }))).toEqual([403, 'AUTH_STEP_UP_REQUIRED'])
    platform = await platform.restart()
    ada = (await signedIn()).browser
    await enrol(postOf(ada), platform.clock.ms)
    expect(await read()).toMatchObject({ settings: { idleMinutes: 30 } })
  })

  it('ask admins for a second factor where nobody chose otherwise: the first one from the second sign-in on, an invited one at once', async () => {
    const roles = [{ productId: 'bytelyst-devops', role: 'admin' }]
    expect((await ada.get('/users')).status).toBe(200)
    const { browser: bob } = await invited(platform, ada, 'bob@example.com', roles)
    expect(code(await bob.get('/products'))).toEqual([403, 'AUTH_ENROL_REQUIRED'])
    const { browser, answer } = await signedIn()
    expect(answer.body.enrol).toBe(true)
    expect(code(await browser.get('/users'))).toEqual([403, 'AUTH_ENROL_REQUIRED'])
    await enrol(postOf(browser), platform.clock.ms)
    expect((await browser.get('/users')).status).toBe(200)
    // The first session was made without it.
    expect(code(await ada.get('/users'))).toEqual([401, 'AUTH_REQUIRED'])
    expect((await signedIn()).answer.body.challenge).toBeTruthy()
  })

  it('go no lower than what the console promises', async () => {
    for (const weaker of [{ idleMinutes: 481 }, { sessionHours: 169 }, { resetMinutes: 31 }, { inviteHours: 721 }, { idleMinutes: 0 }])
      expect([weaker, ...code(await put(weaker))]).toEqual([weaker, 400, 'INPUT_INVALID'])
    expect(code(await put({ inviteDomains: ['no domain'] }))).toEqual([400, 'INPUT_INVALID'])
    expect(await read()).toMatchObject({ changedBy: null })
  })

  it('end a session that was left alone, one that is there already too', async () => {
    const { browser } = await signedIn()
    platform.clock.ms += 9 * minute
    expect((await browser.get('/auth/session')).status).toBe(200)
    platform.clock.ms -= 9 * minute
    await set({ idleMinutes: 10 })
    platform.clock.ms += 9 * minute
    expect((await browser.get('/auth/session')).status).toBe(200)
    platform.clock.ms += minute
    expect((await browser.get('/auth/session')).status).toBe(401)
  })

  it('end a session at its longest life, however it is used', async () => {
    await set({ sessionHours: 2 })
    const { browser, answer } = await signedIn()
    expect(answer.body.endsAt).toBe(new Date(platform.clock.ms + 2 * hour).toISOString())
    expect(answer.setCookies.every((cookie) => cookie.includes('Max-Age=7200'))).toBe(true)
    for (let half = 0; half < 3; half += 1) {
      platform.clock.ms += hour / 2
      expect((await use(browser)).status).toBe(200)
    }
    platform.clock.ms += hour / 2
    expect((await use(browser)).status).toBe(401)
  })

  it('shorten the life of a session that is there already', async () => {
    const { browser } = await signedIn()
    await set({ sessionHours: 1 })
    platform.clock.ms += hour - 1
    expect((await use(browser)).status).toBe(200)
    platform.clock.ms += 1
    expect((await use(browser)).status).toBe(401)
  })

  it('bound the life of an invite, and whom it can be for', async () => {
    const invite = (to: string, more = {}) => ada.post('/invites', { email: to, memberships: viewer, ...more })
    await set({ inviteHours: 24, inviteDomains: ['Example.com', 'example.org', 'example.com'] })
    expect((await read()).settings).toMatchObject({ inviteDomains: ['example.com', 'example.org'] })
    const made = (await invite('bob@example.com')).body.invite as unknown as { expiresAt: string }
    expect(made.expiresAt).toBe(new Date(platform.clock.ms + 24 * hour).toISOString())
    const longer = await invite('eve@example.com', { expiresInHours: 25 })
    expect([...code(longer), longer.text]).toEqual([400, 'INPUT_INVALID', expect.stringContaining('body.expiresInHours')])
    for (const stranger of ['x@elsewhere.net', 'x@sub.example.com', 'x@example.com.evil.net'])
      expect([stranger, ...code(await invite(stranger))]).toEqual([stranger, 400, 'INPUT_INVALID'])
    // A link that was made before lives on; a new one is bound by what stands now.
    await set({ inviteHours: 12 })
    const [{ id }] = (await ada.get('/invites')).body.items as unknown as [{ id: string }]
    const renewed = (await ada.post(`/invites/${id}/renew`)).body.invite as unknown as { expiresAt: string }
    expect(renewed.expiresAt).toBe(new Date(platform.clock.ms + 12 * hour).toISOString())
    await set({ inviteDomains: ['example.org'] })
    expect(code(await ada.post(`/invites/${id}/renew`))).toEqual([400, 'INPUT_INVALID'])
    await set({ inviteDomains: [] })
    expect((await invite('x@elsewhere.net')).status).toBe(201)
  })

  it('bound the life of a link that resets a password', async () => {
    await set({ resetMinutes: 5 })
    const { id } = await invited(platform, ada, 'bob@example.com', viewer)
    const link = async () => String((await ada.post(`/users/${id}/reset-link`, { reason: 'they asked' })).body.link).split('#')[1]
    const show = async (token: string | undefined) => (await platform.browser().post('/auth/password/reset/show', { token })).status
    const token = await link()
    platform.clock.ms += 5 * minute - 1
    expect(await show(token)).toBe(200)
    platform.clock.ms += 1
    expect(await show(token)).toBe(404)
  })

  it('ask everybody for a second factor: until there is one, a session is good for nothing but making it', async () => {
    const { id } = await invited(platform, ada, 'bob@example.com', [{ productId: 'bytelyst-devops', role: 'operator' }, ...viewer])
    await set({ secondFactor: 'everybody' })
    const { browser: bob, answer } = await signedIn('bob@example.com')
    bob.csrf = String(answer.body.csrfToken)
    expect(answer.body).toMatchObject({ enrol: true, factors: ['password'] })
    expect(answer.setCookies.map((cookie) => cookie.split('=')[0])).toEqual(['__Secure-bl_sid', '__Host-bl_tie'])
    for (const refused of [
      await bob.get('/products'),
      await bob.get('/auth/sessions'),
      await bob.post('/auth/api-tokens', { name: 'x', productId: 'bytelyst-devops', actions: ['services.service.list'], expiresInDays: 1 }),
      await bob.post('/auth/password/change', { current: goodPassword, next: 'copper meadow lantern seven', endOtherSessions: false }),
      await bob.post('/auth/grants', { verb: 'scripts.approve', digest: 'a'.repeat(64) }),
    ])
      expect(code(refused)).toEqual([403, 'AUTH_ENROL_REQUIRED'])
    expect(rowsOf(platform).at(-1)).toMatchObject({ code: 'AUTH_ENROL_REQUIRED', outcome: 'denied', actor: { kind: 'person', id } })
    expect((await bob.post('/auth/step-up', { password: goodPassword })).setCookies).toHaveLength(2)
    expect((await bob.get('/auth/session')).setCookies).toEqual([])

    const { secret } = (await bob.post('/auth/factors/totp')).body
    const enabled = await bob.post('/auth/factors/totp/enable', { code: authenticatorCode(String(secret), platform.clock.ms) })
    expect(enabled.body.recoveryCodes).toHaveLength(10)
    const whole = await bob.get('/auth/session')
    expect(whole.body.enrol).toBeUndefined()
    expect(whole.setCookies.map((cookie) => cookie.split('=')[0])).toContain('__Secure-bl_ref')
    expect((await bob.get('/products')).status).toBe(200)

    // Whoever takes it away again is where they were, in every product.
    const ask = async () => {
      const [token, tie] = [bob.cookie('__Secure-bl_ref'), bob.cookie('__Host-bl_tie')]
      return (await platform.service('devops-backend', '/internal/introspect', { token, tie, activity: false })).body.active
    }
    expect(await ask()).toBe(true)
    bob.csrf = String((await bob.get('/auth/session')).body.csrfToken)
    expect((await bob.call('DELETE', '/auth/factors/totp')).status).toBe(204)
    expect(await ask()).toBe(false)
    expect(code(await bob.get('/products'))).toEqual([403, 'AUTH_ENROL_REQUIRED'])
  })

  it('ask admins of any product for one at their next sign-in, and nobody else', async () => {
    await invited(platform, ada, 'bob@example.com', [{ productId: 'bytelyst-devops', role: 'operator' }, ...viewer])
    const { id } = await invited(platform, ada, 'eve@example.com', viewer)
    await set({ secondFactor: 'admins' })
    expect((await signedIn()).answer.body.enrol).toBe(true)
    expect((await signedIn('bob@example.com')).answer.body.enrol).toBeUndefined()
    const { browser: eve, answer } = await signedIn('eve@example.com')
    expect(answer.body.enrol).toBeUndefined()
    expect((await ada.call('PUT', `/memberships/${id}/bytelyst-devops`, { body: { role: 'admin' } })).status).toBe(200)
    expect((await eve.get('/products')).status).toBe(200)
    expect((await signedIn('eve@example.com')).answer.body.enrol).toBe(true)
  })

  it('let an API token rest while its person needs a second factor and has none, and go on afterwards', async () => {
    const token = async (productId: string, actions: string[]) =>
      String((await ada.post('/auth/api-tokens', { name: 'ci', productId, actions, expiresInDays: 7 })).body.secret)
    const ours = await token('bytelyst-platform', ['users.user.list'])
    const devops = await token('bytelyst-devops', ['services.service.list'])
    const list = () => platform.browser().call('GET', '/users', { headers: { authorization: `Bearer ${ours}` } })
    const isActive = async () =>
      (await platform.service('devops-backend', '/internal/introspect', { token: devops, tie: null, activity: true })).body.active
    const states = async () => ((await ada.get('/auth/api-tokens')).body.items as unknown as { state: string }[]).map(({ state }) => state)
    const all = async () => [(await list()).status, await isActive(), await states()]
    await set({ secondFactor: 'choice' })
    expect(await all()).toEqual([200, true, ['active', 'active']])
    await set({ secondFactor: 'admins' })
    expect(await all()).toEqual([403, false, ['resting', 'resting']])
    expect(code(await list())).toEqual([403, 'AUTH_ENROL_REQUIRED'])
    expect(rowsOf(platform).at(-1)).toMatchObject({ code: 'AUTH_ENROL_REQUIRED', outcome: 'denied', actor: { kind: 'token' } })
    const { secret } = (await ada.post('/auth/factors/totp')).body
    expect((await ada.post('/auth/factors/totp/enable', { code: authenticatorCode(String(secret), platform.clock.ms) })).status).toBe(200)
    expect(await all()).toEqual([200, true, ['active', 'active']])
  })

  it('leave sessions alone that were there before, and ask somebody who comes by an invite too', async () => {
    await set({ secondFactor: 'everybody' })
    expect((await ada.get('/users')).status).toBe(200)
    const { browser } = await invited(platform, ada, 'bob@example.com', viewer)
    expect(code(await browser.get('/products'))).toEqual([403, 'AUTH_ENROL_REQUIRED'])
  })
})

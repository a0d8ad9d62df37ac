import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Browser, goodPassword, invited, type Platform, rowsOf, setUp, startPlatform } from '../../platform.fake.ts'

let platform: Platform
let ada: Browser
beforeEach(async () => {
  platform = await startPlatform()
  ada = await setUp(platform)
})
afterEach(() => platform.close())
const at = '/platform/api/auth/session'
const code = (answer: { status: number; body: { readonly code?: unknown } }) => [answer.status, String(answer.body.code)]
const hour = 3_600_000

describe('a session', () => {
  it('ends eight hours after the last thing that a person did, polling or not', async () => {
    platform.clock.ms += 7 * hour
    expect((await ada.get('/auth/session')).status).toBe(200)
    await ada.call('GET', '/auth/session', { headers: { 'x-activity': '1' } })
    platform.clock.ms += 7 * hour
    expect((await ada.get('/auth/session')).status).toBe(200)
    platform.clock.ms += hour
    expect(code(await ada.get('/auth/session'))).toEqual([401, 'AUTH_REQUIRED'])
  })

  it('ends after seven days whatever is done', async () => {
    for (let n = 0; n < 24; n += 1) {
      expect((await ada.call('GET', '/auth/session', { headers: { 'x-activity': '1' } })).status).toBe(200)
      platform.clock.ms += 7 * hour
    }
    expect((await ada.get('/auth/session')).status).toBe(401)
  })

  it('writes its last use at most once a minute', async () => {
    const mine = async () => String((await ada.get('/auth/sessions')).body.items?.[0]?.lastUsedAt)
    const before = await mine()
    platform.clock.ms += 59_000
    await ada.call('GET', '/auth/session', { headers: { 'x-activity': '1' } })
    expect(await mine()).toBe(before)
    platform.clock.ms += 1_000
    await ada.call('GET', '/auth/session', { headers: { 'x-activity': '1' } })
    expect(await mine()).not.toBe(before)
  })

  it('is refused with another tie than its own, without touching the cookies, and a row tells whose it was', async () => {
    const eve = platform.browser()
    await eve.signIn('ada@example.com', goodPassword)
    const planted = `__Secure-bl_sid=${ada.cookie('__Secure-bl_sid')}; __Host-bl_tie=${eve.cookie('__Host-bl_tie')}`
    const answer = await ada.call('GET', '/auth/session', { cookies: planted })
    expect(code(answer)).toEqual([401, 'AUTH_REQUIRED'])
    expect(answer.setCookies).toEqual([])
    expect(rowsOf(platform).filter((row) => row.code === 'SESSION_TIE_FOREIGN')).toHaveLength(1)
    for (const alone of [`__Secure-bl_sid=${ada.cookie('__Secure-bl_sid')}`, `__Host-bl_tie=${ada.cookie('__Host-bl_tie')}`])
      expect((await ada.call('GET', '/auth/session', { cookies: alone })).status).toBe(401)
  })

  it('is refused when two cookies of one name come, or a cookie and a token', async () => {
    const twice = `${ada.cookiesFor(at)}; __Secure-bl_sid=planted`
    expect(code(await ada.call('GET', '/auth/session', { cookies: twice }))).toEqual([400, 'REQUEST_INVALID'])
    expect(code(await ada.call('GET', '/auth/session', { headers: { authorization: 'Bearer abc' } }))).toEqual([400, 'REQUEST_INVALID'])
    expect(code(await ada.call('GET', '/auth/session', { cookies: '', headers: { authorization: 'Bearer abc' } }))).toEqual([
      401,
      'AUTH_TOKEN_INVALID',
    ])
  })

  it('is not a reference, and a reference is no session', async () => {
    const tie = `__Host-bl_tie=${ada.cookie('__Host-bl_tie')}`
    const cookies = `__Secure-bl_sid=${ada.cookie('__Secure-bl_ref')}; ${tie}`
    expect((await ada.call('GET', '/auth/session', { cookies })).status).toBe(401)
  })

  it('is never taken from the address or the body', async () => {
    const value = ada.cookie('__Secure-bl_sid')
    expect((await platform.browser().get(`/auth/session?token=${value}`)).status).toBe(401)
  })

  it('ends at sign-out, and the browser is told to forget it', async () => {
    const before = ada.cookiesFor(at)
    const answer = await ada.post('/auth/logout')
    expect(answer.status).toBe(204)
    expect(ada.jar.size).toBe(0)
    expect((await ada.call('GET', '/auth/session', { cookies: before })).status).toBe(401)
  })

  it('is among one’s own, and ended by its owner after a factor', async () => {
    const phone = platform.browser()
    await phone.call('POST', '/auth/login', {
      body: { email: 'ada@example.com', password: goodPassword },
      headers: { 'user-agent': 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/605.1' },
    })
    const { body } = await ada.get('/auth/sessions')
    expect(body.items).toMatchObject([{ current: true }, { current: false, device: 'Safari on iOS', address: '127.0.0.1' }])
    const id = String(body.items?.[1]?.id)
    platform.clock.ms += 300_001
    expect(code(await ada.call('DELETE', `/auth/sessions/${id}`))).toEqual([403, 'AUTH_STEP_UP_REQUIRED'])
    await ada.post('/auth/step-up', { password: goodPassword })
    expect((await ada.call('DELETE', `/auth/sessions/${id}`)).status).toBe(204)
    expect((await phone.get('/auth/session')).status).toBe(401)
    expect(code(await ada.call('DELETE', `/auth/sessions/${id}`))).toEqual([404, 'SESSION_NOT_FOUND'])
  })

  it('of somebody else looks as if it did not exist', async () => {
    const { browser: bob } = await invited(platform, ada, 'bob@example.com', [{ productId: 'bytelyst-devops', role: 'admin' }])
    const adas = String((await ada.get('/auth/sessions')).body.items?.[0]?.id)
    expect(code(await bob.call('DELETE', `/auth/sessions/${adas}`))).toEqual([404, 'SESSION_NOT_FOUND'])
    expect((await ada.get('/auth/session')).status).toBe(200)
  })
})

describe('new values', () => {
  it('come at step-up; the old ones work ten seconds longer, then are refused with a row, and no cookie is cleared', async () => {
    const before = ada.cookiesFor(at)
    const answer = await ada.post('/auth/step-up', { password: goodPassword })
    expect(answer.status).toBe(200)
    expect(ada.cookiesFor(at)).not.toBe(before)
    expect(answer.setCookies).toHaveLength(3)
    platform.clock.ms += 9_999
    expect((await ada.call('GET', '/auth/session', { cookies: before })).status).toBe(200)
    platform.clock.ms += 1
    const late = await ada.call('GET', '/auth/session', { cookies: before })
    expect(code(late)).toEqual([401, 'AUTH_REQUIRED'])
    expect(late.setCookies).toEqual([])
    expect(rowsOf(platform).filter((row) => row.code === 'SESSION_SUPERSEDED')).toHaveLength(1)
    expect((await ada.get('/auth/session')).status).toBe(200)
  })

  it('sign none of twenty tabs out', async () => {
    const before = ada.cookiesFor(at)
    const tabs = Array.from({ length: 20 }, () => ada.call('GET', '/auth/session', { cookies: before }))
    const [step, ...answers] = await Promise.all([ada.post('/auth/step-up', { password: goodPassword }), ...tabs])
    expect(step.status).toBe(200)
    for (const { status } of answers) expect(status).toBe(200)
  })

  it('leave one session, however often the factor is shown at once', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => ada.post('/auth/step-up', { password: goodPassword })))
    expect(answers.every(({ status }) => status === 200)).toBe(true)
    platform.clock.ms += 10_000
    const mine = (await ada.get('/auth/sessions')).body.items
    expect(mine).toHaveLength(1)
  })

  it('end with the session: ending it ends those that work ten seconds longer', async () => {
    const before = ada.cookiesFor(at)
    await ada.post('/auth/step-up', { password: goodPassword })
    await ada.post('/auth/logout')
    expect((await ada.call('GET', '/auth/session', { cookies: before })).status).toBe(401)
  })

  it('come after a role changed, and the reference of a product that was added', async () => {
    const { browser: bob, id } = await invited(platform, ada, 'bob@example.com', [{ productId: 'bytelyst-platform', role: 'viewer' }])
    expect(bob.cookie('__Secure-bl_ref')).toBe('')
    const before = bob.cookiesFor(at)
    expect((await ada.call('PUT', `/memberships/${id}/bytelyst-devops`, { body: { role: 'viewer' } })).status).toBe(200)
    expect((await bob.get('/auth/session')).body.memberships).toHaveLength(2)
    expect(bob.cookie('__Secure-bl_ref')).not.toBe('')
    expect(bob.cookiesFor(at)).not.toBe(before)
    platform.clock.ms += 10_000
    expect((await bob.call('GET', '/auth/session', { cookies: before })).status).toBe(401)
    expect((await bob.get('/auth/session')).status).toBe(200)
  })
})

describe('a reference', () => {
  it('that is missing comes at the next question who is signed in', async () => {
    const { memberships } = platform.collections
    const me = String((await ada.get('/auth/session')).body.user?.id)
    const common = { v: 1, plan: 'pro', expiresAt: null } as const
    const product = { name: 'Other', apiPath: '/api/other', service: null, url: null, defaultRole: 'viewer', plans: ['pro'] }
    await ada.post('/auth/step-up', { password: goodPassword })
    expect((await ada.post('/products', { id: 'other', owners: [], status: 'active', ...product })).status).toBe(201)
    await memberships.insert('all', `${me}:other`, { ...common, userId: me, productId: 'other', role: 'viewer' })
    expect((await ada.get('/auth/session')).setCookies).toHaveLength(4)
    expect(ada.jar.has('__Secure-bl_ref /api/other')).toBe(true)
    expect((await ada.get('/auth/session')).setCookies).toEqual([])
  })
})

describe('a change by cookie', () => {
  it('needs a token of this session, from a page of ours, as JSON', async () => {
    const { browser: bob } = await invited(platform, ada, 'bob@example.com', [{ productId: 'bytelyst-devops', role: 'viewer' }])
    const change = (headers: Record<string, string | undefined>) => ada.post('/auth/step-up', { password: goodPassword }, headers)
    expect(code(await change({ 'x-csrf-token': undefined }))).toEqual([403, 'AUTH_CSRF_INVALID'])
    expect(code(await change({ 'x-csrf-token': bob.csrf }))).toEqual([403, 'AUTH_CSRF_INVALID'])
    for (const origin of [undefined, 'null', 'http://localhost:3001.evil.test', 'https://localhost:3001', 'http://LOCALHOST:3001'])
      expect(code(await change({ origin }))).toEqual([403, 'AUTH_ORIGIN_REFUSED'])
    expect(code(await change({ 'sec-fetch-site': 'cross-site' }))).toEqual([403, 'AUTH_ORIGIN_REFUSED'])
    expect(code(await change({ 'content-type': 'text/plain' }))).toEqual([415, 'CONTENT_TYPE_REFUSED'])
    for (const site of ['same-site', 'same-origin', 'none']) expect((await change({ 'sec-fetch-site': site })).status).toBe(200)
    const old = ada.csrf
    platform.clock.ms += hour
    expect(code(await change({ 'x-csrf-token': old }))).toEqual([403, 'AUTH_CSRF_INVALID'])
  })
})

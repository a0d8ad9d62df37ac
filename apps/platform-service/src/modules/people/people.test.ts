import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { partition } from '../../collections.ts'
import type { SessionDoc } from '../../documents.ts'
import { type Answer, type Browser, goodPassword, invited, type Platform, setUp, startPlatform } from '../../platform.fake.ts'

let platform: Platform
let ada: Browser
let adaId: string
beforeEach(async () => {
  platform = await startPlatform()
  ada = await setUp(platform)
  adaId = String((await ada.get('/auth/session')).body.user?.id)
})
afterEach(() => platform.close())
const code = (answer: Answer) => [answer.status, String(answer.body.code)]
const put = (who: Browser, id: string, productId: string, body: object) => who.call('PUT', `/memberships/${id}/${productId}`, { body })
const colleague = (role = 'admin', more: object = {}) =>
  invited(platform, ada, 'bob@example.com', [{ productId: 'bytelyst-platform', role, ...more }])

describe('people', () => {
  it('are listed with what they may, open invites among them', async () => {
    await colleague('viewer')
    await ada.post('/invites', { email: 'eve@example.com', name: 'Eve', memberships: [{ productId: 'bytelyst-devops', role: 'viewer' }] })
    const { body } = await ada.get('/users?sort=email')
    expect(body).toMatchObject({
      total: 3,
      nextCursor: null,
      items: [
        { email: 'ada@example.com', status: 'active', lastAdmin: true, sessionCount: 1 },
        { email: 'bob@example.com', status: 'active', lastAdmin: false, failedSignIns: 0 },
        { email: 'eve@example.com', status: 'invited', factors: [], sessionCount: 0 },
      ],
    })
    await platform.browser().signIn('bob@example.com', goodPassword)
    const { items = [] } = (await ada.get('/users?sort=sessions&direction=desc')).body
    expect(items).toMatchObject([{ sessionCount: 2 }, { sessionCount: 1 }, { sessionCount: 0 }])
    expect((await ada.get('/users?status=invited')).body).toMatchObject({ total: 1, items: [{ name: 'Eve' }] })
    expect((await ada.get('/users?q=BOB')).body).toMatchObject({ total: 1 })
    expect(code(await ada.get('/users?cursor=nonsense'))).toEqual([400, 'INPUT_INVALID'])
    const invite = (await ada.get('/users?status=invited')).body.items?.[0]
    expect((await ada.get(`/users/${invite?.id}`)).body).toMatchObject({ status: 'invited', name: 'Eve' })
  })

  it('are found one by one, with a tag of their state', async () => {
    const answer = await ada.get(`/users/${adaId}`)
    expect(answer.headers.etag).toBe(`"${answer.body.etag}"`)
    expect(code(await ada.get('/users/nobody'))).toEqual([404, 'USER_NOT_FOUND'])
  })

  it('are seen and managed by platform admins alone', async () => {
    const { browser: bob } = await invited(platform, ada, 'bob@example.com', [{ productId: 'bytelyst-devops', role: 'admin' }])
    for (const path of ['/users', `/users/${adaId}`, '/invites', '/throttles', '/audit', '/products'])
      expect(code(await bob.get(path))).toEqual([403, 'AUTH_FORBIDDEN'])
    expect(code(await put(bob, adaId, 'bytelyst-devops', { role: 'viewer' }))).toEqual([403, 'AUTH_FORBIDDEN'])
    expect((await bob.get('/auth/session')).status).toBe(200)
    expect((await bob.get('/auth/sessions')).status).toBe(200)
  })

  it('that are disabled lose their sessions at once and get none back with the account', async () => {
    const { browser: bob, id } = await colleague('viewer')
    const disabled = await ada.post(`/users/${id}/disable`, { reason: 'left the company' })
    expect(disabled.body).toMatchObject({ status: 'disabled', disabledReason: 'left the company', sessionCount: 0 })
    expect((await bob.get('/auth/session')).status).toBe(401)
    expect((await platform.browser().signIn('bob@example.com', goodPassword)).status).toBe(401)
    expect((await ada.post(`/users/${id}/enable`)).body).toMatchObject({ status: 'active', disabledReason: null })
    expect((await bob.get('/auth/session')).status).toBe(401)
    expect((await platform.browser().signIn('bob@example.com', goodPassword)).status).toBe(200)
  })

  it('get back no session that was made while they were being disabled', async () => {
    const { browser: bob, id } = await colleague('viewer')
    await ada.post(`/users/${id}/disable`, { reason: 'left the company' })
    const { sessions } = platform.collections
    const { items } = await sessions.find(partition, { where: [{ f: 'userId', op: 'eq', v: id }], limit: 1 })
    await sessions.replace(partition, items[0]?.id ?? '', { ...(items[0]?.doc as SessionDoc), endedAt: null }, items[0]?.etag ?? '')
    await ada.post(`/users/${id}/enable`)
    expect((await bob.get('/auth/session')).status).toBe(401)
  })

  it('can be signed out everywhere', async () => {
    const { browser: bob, id } = await colleague('viewer')
    await platform.browser().signIn('bob@example.com', goodPassword)
    expect((await ada.post(`/users/${id}/sessions/end`, { reason: 'lost a laptop' })).body).toMatchObject({ ended: 2 })
    expect((await bob.get('/auth/session')).status).toBe(401)
  })

  it('keep their access through a restart', async () => {
    await colleague('viewer')
    platform = await platform.restart()
    const again = platform.browser()
    await again.signIn('ada@example.com', goodPassword)
    expect((await again.get('/users')).body).toMatchObject({ total: 2 })
  })
})

describe('access', () => {
  it('is given, changed and taken per product, and counts at once', async () => {
    const { browser: bob, id } = await colleague('viewer')
    expect((await bob.get('/users')).status).toBe(403)
    expect((await put(ada, id, 'bytelyst-platform', { role: 'admin' })).status).toBe(200)
    expect((await bob.get('/users')).status).toBe(200)
    expect((await ada.call('DELETE', `/memberships/${id}/bytelyst-platform`)).body).toMatchObject({ memberships: [] })
    expect((await bob.get('/users')).status).toBe(403)
    expect(code(await ada.call('DELETE', `/memberships/${id}/bytelyst-platform`))).toEqual([404, 'MEMBERSHIP_NOT_FOUND'])
  })

  it('ends with its membership', async () => {
    const { browser: bob, id } = await colleague('viewer')
    const expiresAt = new Date(platform.clock.ms + 60_000).toISOString()
    expect((await put(ada, id, 'bytelyst-platform', { role: 'admin', expiresAt })).status).toBe(200)
    expect((await bob.get('/users')).status).toBe(200)
    platform.clock.ms += 60_000
    expect((await bob.get('/users')).status).toBe(403)
    expect((await bob.get('/auth/session')).body.memberships).toEqual([])
  })

  it('is refused for what does not exist or lies behind', async () => {
    expect(code(await put(ada, 'nobody', 'bytelyst-devops', { role: 'viewer' }))).toEqual([404, 'USER_NOT_FOUND'])
    expect(code(await put(ada, adaId, 'nothing', { role: 'viewer' }))).toEqual([404, 'PRODUCT_NOT_FOUND'])
    expect(code(await put(ada, adaId, 'bytelyst-devops', { role: 'owner' }))).toEqual([400, 'INPUT_INVALID'])
    expect(code(await put(ada, adaId, 'bytelyst-devops', { role: 'viewer', plan: 'gold' }))).toEqual([400, 'INPUT_INVALID'])
    const past = new Date(platform.clock.ms - 1).toISOString()
    expect(code(await put(ada, adaId, 'bytelyst-devops', { role: 'viewer', expiresAt: past }))).toEqual([400, 'INPUT_INVALID'])
  })

  it('asks for a factor of the last five minutes', async () => {
    const { id } = await colleague('viewer')
    platform.clock.ms += 300_001
    const changes = [
      put(ada, id, 'bytelyst-devops', { role: 'viewer' }),
      ada.call('DELETE', `/memberships/${id}/bytelyst-platform`),
      ada.post(`/users/${id}/disable`, { reason: 'no reason' }),
      ada.post(`/users/${id}/enable`),
      ada.post('/invites', { email: 'x@example.com', memberships: [{ productId: 'bytelyst-devops', role: 'viewer' }] }),
      ada.post('/invites/some/renew'),
    ]
    for (const answer of await Promise.all(changes)) expect(code(answer)).toEqual([403, 'AUTH_STEP_UP_REQUIRED'])
  })
})

describe('the last active platform admin', () => {
  const attempts = (id: string): [string, () => Promise<Answer>][] => [
    ['disabled', () => ada.post(`/users/${id}/disable`, { reason: 'no reason' })],
    ['demoted', () => put(ada, id, 'bytelyst-platform', { role: 'operator' })],
    ['removed', () => ada.call('DELETE', `/memberships/${id}/bytelyst-platform`)],
    [
      'given an end',
      () => put(ada, id, 'bytelyst-platform', { role: 'admin', expiresAt: new Date(platform.clock.ms + 1_000).toISOString() }),
    ],
  ]

  it('cannot be disabled, demoted, removed or given an end', async () => {
    for (const [what, attempt] of attempts(adaId)) expect([what, ...code(await attempt())]).toEqual([what, 409, 'USER_LAST_ADMIN'])
    expect((await ada.get('/users')).status).toBe(200)
  })

  it('may be changed in all that leaves them one', async () => {
    expect((await ada.post(`/users/${adaId}/enable`)).body).toMatchObject({ status: 'active' })
    expect((await put(ada, adaId, 'bytelyst-platform', { role: 'admin' })).status).toBe(200)
    expect((await put(ada, adaId, 'bytelyst-devops', { role: 'viewer' })).status).toBe(200)
    expect((await ada.call('DELETE', `/memberships/${adaId}/bytelyst-devops`)).status).toBe(200)
    for (const [what, attempt] of attempts(adaId)) expect([what, ...code(await attempt())]).toEqual([what, 409, 'USER_LAST_ADMIN'])
  })

  it('is not saved by an admin who is disabled, or whose access ends by itself', async () => {
    const { id } = await colleague('admin')
    await ada.post(`/users/${id}/disable`, { reason: 'on leave' })
    expect(code(await put(ada, adaId, 'bytelyst-platform', { role: 'viewer' }))).toEqual([409, 'USER_LAST_ADMIN'])
    await ada.post(`/users/${id}/enable`)
    await put(ada, id, 'bytelyst-platform', { role: 'admin', expiresAt: new Date(platform.clock.ms + 60_000).toISOString() })
    expect(code(await put(ada, adaId, 'bytelyst-platform', { role: 'viewer' }))).toEqual([409, 'USER_LAST_ADMIN'])
  })

  it('may go once there is another', async () => {
    const { browser: bob } = await colleague('admin')
    expect((await put(ada, adaId, 'bytelyst-platform', { role: 'viewer' })).status).toBe(200)
    expect((await bob.get('/users')).body).toMatchObject({ total: 2 })
    platform = await platform.restart()
    const again = platform.browser()
    await again.signIn('bob@example.com', goodPassword)
    const { id } = (await again.get('/auth/session')).body.user ?? {}
    expect(code(await again.post(`/users/${id}/disable`, { reason: 'no reason' }))).toEqual([409, 'USER_LAST_ADMIN'])
  })

  it('is one of two who take each other away at once', async () => {
    const { browser: bob, id } = await colleague('admin')
    const answers = await Promise.all([
      put(ada, id, 'bytelyst-platform', { role: 'viewer' }),
      put(bob, adaId, 'bytelyst-platform', { role: 'viewer' }),
    ])
    // Who comes second is no admin any more, or is told that the other one is the last.
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    const left = [await ada.get('/users'), await bob.get('/users')].map(({ status }) => status)
    expect(left.sort()).toEqual([200, 403])
  })
})

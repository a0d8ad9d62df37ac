import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Answer, type Browser, invited, type Platform, rowsOf, setUp, startPlatform } from '../../platform.fake.ts'

let platform: Platform
let ada: Browser
let adaId: string
let bob: { browser: Browser; id: string }
let eve: { browser: Browser; id: string }
const code = (answer: Answer) => [answer.status, String(answer.body.code)]
const many = (who: Browser, body: object) => who.post('/users/bulk', body)
const outcomes = (answer: Answer) =>
  (answer.body.results as unknown as { userId: string; outcome: string; code: string | null }[]).map((one) => [one.outcome, one.code])
beforeEach(async () => {
  platform = await startPlatform()
  ada = await setUp(platform)
  adaId = String((await ada.get('/auth/session')).body.user?.id)
  bob = await invited(platform, ada, 'bob@example.com', [{ productId: 'bytelyst-platform', role: 'admin' }])
  eve = await invited(platform, ada, 'eve@example.com', [{ productId: 'bytelyst-devops', role: 'viewer' }])
})
afterEach(() => platform.close())

describe('many people at once', () => {
  it('are each answered by themselves, and each leaves rows of their own', async () => {
    const answer = await many(ada, { userIds: [eve.id, 'nobody', bob.id, eve.id], deed: 'disable', reason: 'all left' })
    expect([answer.status, answer.body.done, answer.body.failed]).toEqual([200, 2, 1])
    expect(outcomes(answer)).toEqual([
      ['done', null],
      ['failed', 'USER_NOT_FOUND'],
      ['done', null],
    ])
    expect((await eve.browser.get('/auth/session')).status).toBe(401)
    const rows = rowsOf(platform).filter(({ action }) => action === 'users.user.disable')
    expect(rows.map(({ target, outcome }) => [target, outcome])).toEqual([
      [eve.id, 'started'],
      [eve.id, 'done'],
      ['nobody', 'started'],
      ['nobody', 'failed'],
      [bob.id, 'started'],
      [bob.id, 'done'],
    ])
    expect(rows[1]?.of).toBe(rows[0]?.seq)
    expect(outcomes(await many(ada, { userIds: [eve.id, bob.id], deed: 'enable' }))).toEqual([
      ['done', null],
      ['done', null],
    ])
    expect((await ada.get(`/users/${eve.id}`)).body.status).toBe('active')
  })

  it('get and lose access, and lose their sessions', async () => {
    const userIds = [bob.id, eve.id]
    const given = { userIds, deed: 'setMembership', productId: 'bytelyst-devops', role: 'operator' }
    expect((await many(ada, given)).body).toMatchObject({ done: 2, failed: 0 })
    expect((await ada.get('/memberships?productId=bytelyst-devops&role=operator')).body.total).toBe(2)
    const taken = { userIds, deed: 'removeMembership', productId: 'bytelyst-devops' }
    expect((await many(ada, taken)).body).toMatchObject({ done: 2 })
    expect(outcomes(await many(ada, taken))).toEqual([
      ['failed', 'MEMBERSHIP_NOT_FOUND'],
      ['failed', 'MEMBERSHIP_NOT_FOUND'],
    ])
    expect((await many(ada, { userIds, deed: 'endSessions', reason: 'lost laptops' })).body).toMatchObject({ done: 2 })
    expect((await bob.browser.get('/auth/session')).status).toBe(401)
  })

  it('never lose the last platform admin, also when two ask at once', async () => {
    const all = { userIds: [adaId, bob.id, eve.id], deed: 'disable', reason: 'everybody' }
    const answers = await Promise.all([many(ada, all), many(bob.browser, { ...all, userIds: [...all.userIds].reverse() })])
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0)
    const { collections } = platform
    const left = (await collections.users.find('all', { limit: 10 })).items.filter(({ doc }) => doc.status === 'active')
    expect(left).toHaveLength(1)
    expect([adaId, bob.id]).toContain(left[0]?.id)
    const demote = { userIds: [left[0]?.id], deed: 'setMembership', productId: 'bytelyst-platform', role: 'viewer' }
    const admin = platform.browser()
    await admin.signIn(left[0]?.id === adaId ? 'ada@example.com' : 'bob@example.com', 'violet harbor quartz ninety')
    expect(outcomes(await many(admin, demote))).toEqual([['failed', 'USER_LAST_ADMIN']])
    expect(outcomes(await many(admin, { userIds: [left[0]?.id], deed: 'removeMembership', productId: 'bytelyst-platform' }))).toEqual([
      ['failed', 'USER_LAST_ADMIN'],
    ])
  })

  it('are not touched any more once the admin who asked is none', async () => {
    const answer = await many(ada, { userIds: [adaId, eve.id], deed: 'setMembership', productId: 'bytelyst-platform', role: 'operator' })
    expect(outcomes(answer)).toEqual([
      ['done', null],
      ['failed', 'AUTH_FORBIDDEN'],
    ])
    expect((await bob.browser.get(`/memberships?userId=${eve.id}`)).body.total).toBe(1)
  })

  it('are not touched where the request lacks something, names too many, or the factor is old', async () => {
    const userIds = [eve.id]
    const wrong = [
      { userIds, deed: 'disable' },
      { userIds, deed: 'enable', reason: 'not taken' },
      { userIds, deed: 'setMembership', productId: 'bytelyst-devops' },
      { userIds, deed: 'setMembership', productId: 'bytelyst-devops', role: 'viewer', plan: 'none' },
      { userIds, deed: 'remove' },
      { userIds: [], deed: 'enable' },
      { userIds: Array.from({ length: 201 }, (_, at) => `id-${at}`), deed: 'enable' },
    ]
    for (const body of wrong) expect([body.deed, ...code(await many(ada, body))]).toEqual([body.deed, 400, 'INPUT_INVALID'])
    expect(code(await many(ada, { userIds, deed: 'removeMembership', productId: 'none' }))).toEqual([404, 'PRODUCT_NOT_FOUND'])
    platform.clock.ms += 300_001
    expect(code(await many(ada, { userIds, deed: 'endSessions', reason: 'lost laptop' }))).toEqual([403, 'AUTH_STEP_UP_REQUIRED'])
    expect(
      rowsOf(platform)
        .filter(({ target }) => target === eve.id)
        .map(({ action }) => action),
    ).not.toContain('users.session.endAll')
    expect((await ada.get(`/users/${eve.id}`)).body.status).toBe('active')
  })
})

import { afterEach, describe, expect, it } from 'vitest'
import { goodPassword, type Platform, rowsOf, setUp, startPlatform } from '../../platform.fake.ts'

let platform: Platform
afterEach(() => platform.close())
const wish = (token: string, email = 'ada@example.com') => ({ token, email, password: goodPassword, name: 'Ada King' })

describe('the first start', () => {
  it('makes one admin of both products, who is signed in, and is over then', async () => {
    platform = await startPlatform()
    expect((await platform.browser().get('/setup')).body).toEqual({ required: true })
    expect(platform.setupToken).toMatch(/^bls_[A-Za-z0-9_-]{43}$/)
    const ada = await setUp(platform)
    const { body } = await ada.get('/auth/session')
    expect(body.memberships).toEqual([
      { productId: 'bytelyst-devops', role: 'admin', plan: 'pro', expiresAt: null },
      { productId: 'bytelyst-platform', role: 'admin', plan: 'pro', expiresAt: null },
    ])
    expect((await platform.browser().get('/setup')).body).toEqual({ required: false })
    const again = await platform.browser().post('/setup', wish(platform.setupToken, 'eve@example.com'))
    expect([again.status, String(again.body.code)]).toEqual([404, 'SETUP_DONE'])
  })

  it('lets one of twenty at once in', async () => {
    platform = await startPlatform()
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => platform.browser().post('/setup', wish(platform.setupToken, `person${n}@example.com`))),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(19).fill(404)])
    expect(rowsOf(platform).filter(({ action, outcome }) => action === 'setup.admin.create' && outcome === 'done')).toHaveLength(1)
  })

  it('takes no other token, none of an earlier start, and none that is older than an hour', async () => {
    platform = await startPlatform()
    const before = platform.setupToken
    const refused = await platform.browser().post('/setup', wish(`${before}x`))
    expect([refused.status, String(refused.body.code)]).toEqual([403, 'SETUP_TOKEN_INVALID'])
    platform = await platform.restart()
    expect(platform.setupToken).not.toBe(before)
    expect((await platform.browser().post('/setup', wish(before))).status).toBe(403)
    platform.clock.ms += 3_600_000
    expect((await platform.browser().post('/setup', wish(platform.setupToken))).status).toBe(403)
    platform.clock.ms -= 1
    expect((await platform.browser().post('/setup', wish(platform.setupToken))).status).toBe(201)
  })

  it('lets nobody try tokens without end', async () => {
    platform = await startPlatform({ throttleRules: { address: { max: 3, windowMs: 60_000 } } })
    const attempt = async (token: string) => (await platform.browser().post('/setup', wish(token))).status
    expect([await attempt('bls_a'), await attempt('bls_b'), await attempt('bls_c')]).toEqual([403, 403, 403])
    expect(await attempt(platform.setupToken)).toBe(429)
    platform.clock.ms += 60_001
    expect(await attempt(platform.setupToken)).toBe(201)
  })

  it('takes the token of the environment', async () => {
    platform = await startPlatform({}, { SETUP_TOKEN: 'only-for-this-test-0123' })
    expect((await platform.browser().post('/setup', wish('only-for-this-test-0123'))).status).toBe(201)
    platform = await platform.restart()
    expect(platform.app.setupToken).toBeNull()
  })

  it('refuses a weak password with the reason, and goes on', async () => {
    platform = await startPlatform()
    const weak = await platform.browser().post('/setup', { ...wish(platform.setupToken), password: 'password1234password' })
    expect([weak.status, String(weak.body.code)]).toEqual([400, 'AUTH_PASSWORD_WEAK'])
    expect(weak.body.details?.feedback).toContain('Add more words that are less common.')
    expect((await platform.browser().post('/setup', wish(platform.setupToken))).status).toBe(201)
  })

  it('needs a page of ours', async () => {
    platform = await startPlatform()
    const foreign = await platform.browser().post('/setup', wish(platform.setupToken), { origin: 'https://evil.test' })
    expect([foreign.status, String(foreign.body.code)]).toEqual([403, 'AUTH_ORIGIN_REFUSED'])
  })
})

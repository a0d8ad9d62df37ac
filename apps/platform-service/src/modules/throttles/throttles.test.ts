import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Answer, type Browser, goodPassword, invited, type Platform, rowsOf, setUp, startPlatform } from '../../platform.fake.ts'

const code = (answer: Answer) => [answer.status, answer.body.code]
type Listed = { id: string; kind: string; state: string; subject: string; person: unknown; failures: number; most: number; until: string }

describe('blocks after failed sign-ins', () => {
  let platform: Platform
  let ada: Browser
  const list = async (query = '') => {
    const { status, body } = await ada.get(`/throttles${query}`)
    expect(status).toBe(200)
    return body as unknown as { items: Listed[]; blocked: number; near: number }
  }
  const fail = async (email: string, times: number) => {
    for (let n = 0; n < times; n += 1) await platform.browser().signIn(email, 'wrong')
  }

  beforeEach(async () => {
    platform = await startPlatform({ throttleRules: { account: { max: 4, windowMs: 900_000 }, address: { max: 40, windowMs: 60_000 } } })
    ada = await setUp(platform)
  })
  afterEach(() => platform.close())

  it('are listed by person, what blocks first; of an e-mail that nobody has, nothing that was typed', async () => {
    await fail('my secret typed here', 2)
    await fail('ada@example.com', 4)
    const all = await list()
    expect(all).toMatchObject({ blocked: 1, near: 1 })
    const until = new Date(platform.clock.ms + 900_000).toISOString()
    const ada = { kind: 'account', state: 'blocked', subject: 'ada@example.com', failures: 4, most: 4, until }
    expect(all.items).toMatchObject([
      { ...ada, person: { name: 'Ada King' } },
      { kind: 'account', state: 'near', subject: expect.stringMatching(/^an e-mail that nobody has \(/), person: null, failures: 2 },
    ])
    expect(JSON.stringify(all)).not.toContain('secret')
    expect((await list('?state=near')).items).toHaveLength(1)
    expect((await list('?kind=address')).items).toEqual([])
  })

  it('name an address that asked too often, and it may go on when that is lifted', async () => {
    await fail('nobody@example.com', 4)
    await fail('nobody-else@example.com', 40)
    expect((await platform.browser().signIn('ada@example.com', goodPassword)).status).toBe(401)
    const [block] = (await list('?kind=address')).items
    expect(block).toMatchObject({ state: 'blocked', subject: '127.0.0.1', failures: 40, person: null })
    expect((await ada.call('DELETE', `/throttles/${block?.id}`)).status).toBe(204)
    expect(rowsOf(platform).at(-1)).toMatchObject({ outcome: 'done', details: { kind: 'address', subject: '127.0.0.1' } })
    expect((await platform.browser().signIn('ada@example.com', goodPassword)).status).toBe(200)
  })

  it('are lifted once, by an admin who showed a factor just now, on record with what was counted', async () => {
    await fail('ada@example.com', 4)
    expect((await platform.browser().signIn('ada@example.com', goodPassword)).status).toBe(401)
    const [block] = (await list()).items
    const { browser: viewer } = await invited(platform, ada, 'v@example.com', [{ productId: 'bytelyst-platform', role: 'viewer' }])
    expect(code(await viewer.call('DELETE', `/throttles/${block?.id}`))).toEqual([403, 'AUTH_FORBIDDEN'])
    platform.clock.ms += 301_000
    expect(code(await ada.call('DELETE', `/throttles/${block?.id}`))).toEqual([403, 'AUTH_STEP_UP_REQUIRED'])
    expect((await list()).blocked).toBe(1)
    platform.clock.ms -= 301_000
    expect((await ada.call('DELETE', `/throttles/${block?.id}`)).status).toBe(204)
    const userId = (await ada.get('/auth/session')).body.user
    expect(rowsOf(platform).at(-1)).toMatchObject({
      action: 'throttles.throttle.lift',
      outcome: 'done',
      details: { kind: 'account', failures: 4, userId: (userId as unknown as { id: string }).id },
    })
    expect((await platform.browser().signIn('ada@example.com', goodPassword)).status).toBe(200)
    expect(code(await ada.call('DELETE', `/throttles/${block?.id}`))).toEqual([404, 'THROTTLE_NOT_FOUND'])
  })
})

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Answer, type Browser, invited, type Platform, setUp, startPlatform } from '../../platform.fake.ts'

let platform: Platform
let ada: Browser
let bob: { browser: Browser; id: string }
const soon = () => new Date(platform.clock.ms + 60_000).toISOString()
beforeEach(async () => {
  platform = await startPlatform()
  ada = await setUp(platform)
  bob = await invited(platform, ada, 'bob@example.com', [
    { productId: 'bytelyst-devops', role: 'operator' },
    { productId: 'bytelyst-platform', role: 'viewer', expiresAt: soon() },
  ])
})
afterEach(() => platform.close())
const rows = (answer: Answer) =>
  (answer.body.items as unknown as { name: string; productId: string; role: string }[]).map(
    ({ name, productId, role }) => `${name} ${productId} ${role}`,
  )
const list = async (query = '') => rows(await ada.get(`/memberships${query}`))

describe('memberships', () => {
  it('are listed by person, then by product', async () => {
    const { body } = await ada.get('/memberships')
    expect(body).toMatchObject({
      total: 4,
      nextCursor: null,
      items: [
        { name: 'Ada King', email: 'ada@example.com', productId: 'bytelyst-devops', role: 'admin', plan: 'pro', ended: false },
        { name: 'Ada King', productId: 'bytelyst-platform', role: 'admin', expiresAt: null },
        { userId: bob.id, name: 'bob', productId: 'bytelyst-devops', role: 'operator', status: 'active' },
        { userId: bob.id, name: 'bob', productId: 'bytelyst-platform', role: 'viewer', ended: false },
      ],
    })
  })

  it('are found by person, product, role, plan, words and end', async () => {
    expect(await list(`?userId=${bob.id}`)).toEqual(['bob bytelyst-devops operator', 'bob bytelyst-platform viewer'])
    expect(await list('?productId=bytelyst-devops')).toEqual(['Ada King bytelyst-devops admin', 'bob bytelyst-devops operator'])
    expect(await list('?role=viewer')).toEqual(['bob bytelyst-platform viewer'])
    expect(await list('?q=EXAMPLE%20bob&productId=bytelyst-devops')).toEqual(['bob bytelyst-devops operator'])
    expect(await list('?plan=team')).toEqual([])
    expect(await list('?userId=nobody')).toEqual([])
    const later = encodeURIComponent(new Date(platform.clock.ms + 120_000).toISOString())
    expect(await list(`?endsBefore=${later}`)).toEqual(['bob bytelyst-platform viewer'])
  })

  it('that have ended say so, and count for nothing', async () => {
    platform.clock.ms += 60_000
    expect((await ada.get('/memberships?role=viewer')).body).toMatchObject({ items: [{ ended: true }] })
    expect((await bob.browser.get('/memberships')).status).toBe(403)
  })

  it('come page by page, and no cursor is good for another question', async () => {
    const seen: string[] = []
    let cursor = ''
    for (let pages = 0; pages < 10 && (pages === 0 || cursor !== 'null'); pages += 1) {
      const answer = await ada.get(`/memberships?limit=1${cursor && `&cursor=${cursor}`}`)
      seen.push(...rows(answer))
      cursor = String(answer.body.nextCursor)
    }
    expect(seen).toEqual(await list())
    const { nextCursor } = (await ada.get('/memberships?limit=1')).body
    for (const query of [`cursor=${nextCursor}&role=admin`, 'cursor=nonsense'])
      expect((await ada.get(`/memberships?${query}`)).body).toMatchObject({ code: 'INPUT_INVALID' })
  })
})

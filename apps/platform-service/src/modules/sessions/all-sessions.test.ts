import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Answer, type Browser, goodPassword, invited, type Platform, rowsOf, setUp, startPlatform } from '../../platform.fake.ts'

let platform: Platform
let ada: Browser
let adaId: string
let bob: { browser: Browser; id: string }
beforeEach(async () => {
  platform = await startPlatform()
  ada = await setUp(platform)
  adaId = String((await ada.get('/auth/session')).body.user?.id)
  platform.clock.ms += 1_000
  bob = await invited(platform, ada, 'bob@example.com', [{ productId: 'bytelyst-devops', role: 'viewer' }])
})
afterEach(() => platform.close())
const hour = 3_600_000
const code = (answer: Answer) => [answer.status, String(answer.body.code)]
type Listed = { id: string; person: { id: string }; state: string; endsAt: string; ended: { by: { name: string }; why: string } | null }
const list = async (query = ''): Promise<Listed[]> => {
  const answer = await ada.get(`/sessions${query}`)
  if (answer.status !== 200) throw new Error(answer.text)
  return answer.body.items as unknown as Listed[]
}
const end = (sessionIds: (string | undefined)[], reason = 'a lost laptop') => ada.post('/sessions/end', { sessionIds, reason })
const whys = (sessions: Listed[]) => sessions.map(({ ended }) => ended && `${ended.by.name}: ${ended.why}`)
const stepUp = () => ada.post('/auth/step-up', { password: goodPassword })
/** Another browser of Bob's, somewhat later. */
const bobAgain = async (device = 'Mozilla/5.0 (X11; Linux x86_64) Firefox/133.0'): Promise<Browser> => {
  platform.clock.ms += 1_000
  const browser = platform.browser()
  await browser.call('POST', '/auth/login', {
    body: { email: 'bob@example.com', password: goodPassword },
    headers: { 'user-agent': device },
  })
  return browser
}

describe('everybody’s sessions', () => {
  it('are listed by their last use, say whose they are, and hold no value of theirs', async () => {
    await bobAgain()
    const answer = await ada.get('/sessions')
    expect(answer.body).toMatchObject({
      live: 3,
      people: 2,
      nextCursor: null,
      items: [
        {
          person: { id: bob.id, name: 'bob', email: 'bob@example.com' },
          state: 'live',
          current: false,
          device: 'Firefox on Linux',
          address: '127.0.0.1',
          amr: ['pwd'],
          products: ['bytelyst-devops'],
          ended: null,
        },
        { person: { id: bob.id } },
        { person: { id: adaId }, current: true },
      ],
    })
    const { items } = await platform.collections.sessions.find('all', { limit: 100 })
    expect(items).toHaveLength(3)
    for (const { id, doc } of items) {
      expect(answer.text).not.toContain(id)
      expect(answer.text).not.toContain(doc.tie)
    }
  })

  it('are found by person, product, state and words', async () => {
    await bobAgain()
    expect((await list(`?userId=${bob.id}`)).map(({ person }) => person.id)).toEqual([bob.id, bob.id])
    expect(await list('?productId=bytelyst-platform')).toHaveLength(0)
    expect(await list('?productId=bytelyst-devops')).toHaveLength(3)
    expect((await list('?q=KING%20127')).map(({ person }) => person.id)).toEqual([adaId])
    expect(await list('?q=firefox')).toHaveLength(1)
    expect(await list('?state=ended')).toEqual([])
    expect((await ada.get(`/sessions?userId=${bob.id}&limit=1`)).body).toMatchObject({ live: 2, people: 1 })
  })

  it('come page by page over live and ended ones, and no cursor is good for another question', async () => {
    for (let n = 0; n < 3; n += 1) await bobAgain()
    await end((await list(`?userId=${bob.id}`)).slice(0, 2).map(({ id }) => id))
    const whole = await list()
    expect(whole.map(({ state }) => state)).toEqual(['live', 'live', 'live', 'ended', 'ended'])
    for (const limit of [1, 2, 3]) {
      const seen: string[] = []
      let cursor = ''
      for (let pages = 0; pages < 10 && (pages === 0 || cursor !== 'null'); pages += 1) {
        const { body } = await ada.get(`/sessions?limit=${limit}${cursor && `&cursor=${cursor}`}`)
        seen.push(...(body.items as unknown as Listed[]).map(({ id }) => id))
        cursor = String(body.nextCursor)
      }
      expect(seen).toEqual(whole.map(({ id }) => id))
    }
    const { nextCursor } = (await ada.get('/sessions?limit=1')).body
    for (const query of [`cursor=${nextCursor}&state=live`, 'cursor=nonsense'])
      expect((await ada.get(`/sessions?${query}`)).body).toMatchObject({ code: 'INPUT_INVALID' })
  })

  it('are one each, however often they got new values', async () => {
    await stepUp()
    await stepUp()
    expect(await list(`?userId=${adaId}`)).toHaveLength(1)
  })
})

describe('sessions that an admin ends', () => {
  it('work no more, are answered one by one, and stay listed with who ended them and why', async () => {
    const phone = await bobAgain()
    const [newest, older] = await list(`?userId=${bob.id}`)
    const answer = await end([newest?.id, 'nobody', newest?.id])
    expect([answer.status, answer.body]).toMatchObject([
      200,
      {
        done: 1,
        failed: 1,
        results: [
          { sessionId: newest?.id, outcome: 'done', code: null },
          { sessionId: 'nobody', outcome: 'failed', code: 'SESSION_NOT_FOUND' },
        ],
      },
    ])
    expect((await phone.get('/auth/session')).status).toBe(401)
    expect((await bob.browser.get('/auth/session')).status).toBe(200)
    expect((await list('?state=live')).map(({ id }) => id)).toContain(older?.id)
    const over = await list('?state=ended')
    expect(over).toMatchObject([{ id: newest?.id, endsAt: new Date(platform.clock.ms).toISOString() }])
    expect(whys(over)).toEqual(['Ada King: a lost laptop'])
    expect((await end([newest?.id])).body).toMatchObject({ done: 0, results: [{ code: 'SESSION_NOT_FOUND' }] })
    expect(whys(await list('?state=ended'))).toEqual(['Ada King: a lost laptop'])
  })

  it('leave a row each under the name of their person', async () => {
    const [session] = await list(`?userId=${bob.id}`)
    await end([session?.id, 'nobody'])
    const rows = rowsOf(platform).filter(({ action }) => action === 'sessions.session.end')
    expect(rows.map(({ target, outcome }) => [target, outcome])).toEqual([
      ['sessions', 'started'],
      [bob.id, 'started'],
      [bob.id, 'done'],
      ['nobody', 'started'],
      ['nobody', 'failed'],
      ['sessions', 'done'],
    ])
    expect(rows[1]).toMatchObject({ input: { sessionId: session?.id, reason: 'a lost laptop' } })
  })

  it('end after a factor of the last five minutes only, one by one or all of a person', async () => {
    const [session] = await list(`?userId=${bob.id}`)
    platform.clock.ms += 300_001
    expect(code(await end([session?.id]))).toEqual([403, 'AUTH_STEP_UP_REQUIRED'])
    expect(code(await ada.post(`/users/${bob.id}/sessions/end`, { reason: 'a lost laptop' }))).toEqual([403, 'AUTH_STEP_UP_REQUIRED'])
    expect((await bob.browser.get('/auth/session')).status).toBe(200)
    await stepUp()
    expect((await ada.post(`/users/${bob.id}/sessions/end`, { reason: 'a lost laptop' })).body).toEqual({ ended: 1 })
    expect((await bob.browser.get('/auth/session')).status).toBe(401)
  })

  it('may be the own one among others, and then the rest stays', async () => {
    await bobAgain()
    const all = await list()
    const answer = await end([...all.filter(({ person }) => person.id === adaId), ...all].map(({ id }) => id))
    expect(answer.body).toMatchObject({ done: 3 })
    expect((await ada.get('/auth/session')).status).toBe(401)
  })
})

describe('ended sessions', () => {
  it('say how they ended: signed out, disabled, left alone, too old', async () => {
    await (await bobAgain()).post('/auth/logout')
    platform.clock.ms += 1_000
    const idleFrom = platform.clock.ms
    await bobAgain()
    platform.clock.ms += 8 * hour
    await ada.signIn('ada@example.com', goodPassword)
    await platform.app.sweeper.sweep()
    const over = await list(`?state=ended&userId=${bob.id}`)
    expect(whys(over)).toEqual([
      'platform-service: was left alone for too long',
      'platform-service: was left alone for too long',
      'bob: signed out',
    ])
    expect(over[0]?.endsAt).toBe(new Date(idleFrom + 1_000 + 8 * hour).toISOString())
    await bobAgain()
    await ada.post(`/users/${bob.id}/disable`, { reason: 'left the house' })
    expect(whys(await list(`?state=ended&userId=${bob.id}&limit=1`))).toEqual(['Ada King: person disabled'])
  })

  it('that were left alone are told so by whoever ends them too late', async () => {
    platform.clock.ms += 9 * hour
    await ada.signIn('ada@example.com', goodPassword)
    await ada.post(`/users/${bob.id}/sessions/end`, { reason: 'a lost laptop' })
    expect(whys(await list(`?state=ended&userId=${bob.id}`))).toEqual(['platform-service: was left alone for too long'])
  })

  it('stay for thirty days after their end, and a restart', async () => {
    await end((await list(`?userId=${bob.id}`)).map(({ id }) => id))
    const signIn = () => ada.signIn('ada@example.com', goodPassword)
    platform.clock.ms += 30 * 24 * hour - 60_000
    platform = await platform.restart()
    ada = platform.browser()
    await signIn()
    await platform.app.sweeper.sweep()
    expect(whys(await list(`?state=ended&userId=${bob.id}`))).toEqual(['Ada King: a lost laptop'])
    expect((await platform.collections.sessions.find('all', { limit: 10 })).items).toHaveLength(1)
    platform.clock.ms += 61_000
    await platform.app.sweeper.sweep()
    expect(await list(`?state=ended&userId=${bob.id}`)).toEqual([])
  })

  it('that a crash kept from the list come into it when their value goes', async () => {
    await end((await list(`?userId=${bob.id}`)).map(({ id }) => id))
    const { pastSessions } = platform.collections
    for (const { id, etag } of (await pastSessions.find('all', { limit: 10 })).items) await pastSessions.remove('all', id, etag)
    platform.clock.ms += 7 * 24 * hour + 1_000
    await ada.signIn('ada@example.com', goodPassword)
    await platform.app.sweeper.sweep()
    expect(whys(await list(`?state=ended&userId=${bob.id}`))).toEqual(['Ada King: a lost laptop'])
  })
})

import { authenticatorCode } from '@console/testkit/authenticator'
import { afterEach, describe, expect, it } from 'vitest'
import { upstreamKeyOf } from '../../identity/upstream-identity.ts'
import { type RunningProvider, startOidcProvider } from '../../oidc-provider.fake.ts'
import { type Answer, type Browser, goodPassword, invited, type Platform, rowsOf, setUp, startPlatform } from '../../platform.fake.ts'

let platform: Platform
let provider: RunningProvider
afterEach(async () => {
  await platform?.close()
  await provider?.stop()
})
const told = ({ status, body }: Answer) => [status, String(body.code ?? body.done)]
const devops = [{ productId: 'bytelyst-devops', role: 'viewer' }]

async function start(): Promise<Browser> {
  provider = await startOidcProvider()
  platform = await startPlatform({}, provider.env)
  return setUp(platform)
}
const begin = async (browser: Browser, path = '/auth/upstream/begin') => {
  const answer = await browser.post(path, { app: 'admin' })
  expect(answer.status, answer.text).toBe(201)
  return String(answer.body.url)
}
const finish = async (browser: Browser, url: string, over: object = {}) =>
  browser.post('/auth/upstream/finish', { ...(await provider.visit(url)), ...over })
const link = async (browser: Browser) => finish(browser, await begin(browser, '/auth/upstream/link'))
const signIn = async () => {
  const browser = platform.browser()
  return { browser, answer: await finish(browser, await begin(browser)) }
}
const amrOf = async () => (await platform.collections.sessions.find('all', { limit: 50 })).items.map(({ doc }) => doc.amr.join(' '))

describe('a sign-in at the provider', { timeout: 60_000 }, () => {
  it('signs in whoever linked it, and the session says how', async () => {
    const ada = await start()
    expect((await platform.browser().get('/auth/upstream/provider')).body).toEqual({ name: 'Example' })
    expect(told(await link(ada))).toEqual([200, 'linked'])
    const { browser, answer } = await signIn()
    expect(told(answer)).toEqual([200, 'signed-in'])
    expect((await browser.get('/auth/session')).body.user?.email).toBe('ada@example.com')
    expect(await amrOf()).toContain('fed')
    const { items } = (await browser.get('/auth/upstream')).body as unknown as { items: object[] }
    expect(items).toEqual([
      {
        id: expect.any(String),
        issuer: provider.issuer,
        email: 'ada@example.com',
        createdAt: expect.any(String),
        lastUsedAt: expect.any(String),
      },
    ])
    const rows = rowsOf(platform).filter(({ action, outcome }) => action === 'auth.upstream.finish' && outcome === 'done')
    expect(rows.map(({ actor }) => actor.kind)).toEqual(['person', 'person'])
    expect(rowsOf(platform).filter(({ action, outcome }) => action === 'auth.upstream.finish' && outcome === 'started')).toHaveLength(2)
  })

  it('signs nobody in by an e-mail alone, be it the one of an admin', async () => {
    await start()
    expect(provider.account.email).toBe('ada@example.com')
    const { browser, answer } = await signIn()
    expect(told(answer)).toEqual([403, 'AUTH_UPSTREAM_UNKNOWN'])
    expect((await browser.get('/auth/session')).status).toBe(401)
  })

  it('is known by issuer and subject: another e-mail there changes nothing, another subject is somebody else', async () => {
    await link(await start())
    provider.account = { ...provider.account, email: 'married@example.net' }
    expect(told((await signIn()).answer)).toEqual([200, 'signed-in'])
    provider.account = { ...provider.account, sub: 'eve-at-provider', email: 'ada@example.com' }
    expect(told((await signIn()).answer)).toEqual([403, 'AUTH_UPSTREAM_UNKNOWN'])
  })

  it('is tried no more often from one address than a password is', async () => {
    provider = await startOidcProvider()
    platform = await startPlatform(
      { throttleRules: { account: { max: 10, windowMs: 900_000 }, address: { max: 3, windowMs: 60_000 } } },
      provider.env,
    )
    const ada = await setUp(platform)
    expect(told(await link(ada))).toEqual([200, 'linked'])
    expect(told((await signIn()).answer)).toEqual([200, 'signed-in'])
    expect(told((await signIn()).answer)).toEqual([401, 'AUTH_UPSTREAM_INVALID'])
    platform.clock.ms += 60_000
    expect(told((await signIn()).answer)).toEqual([200, 'signed-in'])
  })

  it('does not stand for the second factor of whoever has one', async () => {
    const ada = await start()
    await link(ada)
    const seed = String((await ada.post('/auth/factors/totp')).body.secret)
    expect((await ada.post('/auth/factors/totp/enable', { code: authenticatorCode(seed, platform.clock.ms) })).status).toBe(200)
    const { browser, answer } = await signIn()
    expect(told(answer)).toEqual([200, 'challenged'])
    expect((await browser.get('/auth/session')).status).toBe(401)
    platform.clock.ms += 30_000
    const { challenge } = answer.body.challenge as unknown as { challenge: string }
    const done = await browser.post('/auth/challenge', { challenge, code: authenticatorCode(seed, platform.clock.ms) })
    expect(done.status).toBe(200)
    expect(await amrOf()).toContain('fed otp')
  })

  it('is refused to somebody who was disabled, and to nobody’s account in the same words', async () => {
    const ada = await start()
    const grace = await invited(platform, ada, 'grace@example.com', devops)
    provider.account = { sub: 'grace-at-provider', email: 'grace@example.com', emailVerified: true }
    expect(told(await link(grace.browser))).toEqual([200, 'linked'])
    const begun = platform.browser()
    const url = await begin(begun)
    expect((await ada.post(`/users/${grace.id}/disable`, { reason: 'left' })).status).toBe(200)
    const disabled = await finish(begun, url)
    provider.account = { ...provider.account, sub: 'nobody-at-provider' }
    const unknown = (await signIn()).answer
    expect(told(disabled)).toEqual([403, 'AUTH_UPSTREAM_UNKNOWN'])
    expect([unknown.status, unknown.body.detail]).toEqual([disabled.status, disabled.body.detail])
    expect((await begun.get('/auth/session')).status).toBe(401)
  })

  it('is refused with an e-mail that the provider has not verified', async () => {
    const ada = await start()
    provider.account = { ...provider.account, emailVerified: false }
    expect(told(await link(ada))).toEqual([403, 'UPSTREAM_EMAIL_UNVERIFIED'])
    provider.account = { ...provider.account, emailVerified: true }
    expect(told(await link(ada))).toEqual([200, 'linked'])
    provider.account = { ...provider.account, emailVerified: false }
    expect(told((await signIn()).answer)).toEqual([403, 'UPSTREAM_EMAIL_UNVERIFIED'])
  })
})

describe('linking an account at the provider', { timeout: 60_000 }, () => {
  it('needs somebody signed in who just showed a factor', async () => {
    const ada = await start()
    expect(told(await platform.browser().post('/auth/upstream/link', { app: 'admin' }))).toEqual([401, 'AUTH_REQUIRED'])
    platform.clock.ms += 301_000
    expect(told(await ada.post('/auth/upstream/link', { app: 'admin' }))).toEqual([403, 'AUTH_STEP_UP_REQUIRED'])
    expect((await ada.post('/auth/step-up', { password: goodPassword })).status).toBe(200)
    expect(told(await link(ada))).toEqual([200, 'linked'])
  })

  it('gives an account to one person alone, of several at once too', async () => {
    const ada = await start()
    const people = [ada, (await invited(platform, ada, 'grace@example.com', devops)).browser]
    const urls = await Promise.all(people.map((one) => begin(one, '/auth/upstream/link')))
    const answers = await Promise.all(people.map((one, at) => finish(one, urls[at] ?? '')))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
    expect(answers.map(({ body }) => body.code).filter(Boolean)).toEqual(['UPSTREAM_TAKEN'])
    for (const one of people) expect(told(await link(one))).toEqual([409, 'UPSTREAM_TAKEN'])
  })

  it('waits a minute for a link of somebody else that is under way', async () => {
    const ada = await start()
    const id = upstreamKeyOf({ issuer: provider.issuer, subject: provider.account.sub })
    const expiresAt = new Date(platform.clock.ms + 60_000).toISOString()
    const doc = { v: 1, userId: 'somebody', inviteId: null, heldUntil: null, expiresAt } as const
    await platform.collections.identifiers.insert('all', id, doc)
    expect(told(await link(ada))).toEqual([409, 'UPSTREAM_TAKEN'])
    platform.clock.ms += 60_000
    expect(told(await link(ada))).toEqual([200, 'linked'])
  })

  it('is not carried out for a session that ended, or a person disabled, since it began', async () => {
    const ada = await start()
    const grace = await invited(platform, ada, 'grace@example.com', devops)
    for (const stop of [`/users/${grace.id}/sessions/end`, `/users/${grace.id}/disable`]) {
      await grace.browser.signIn('grace@example.com', goodPassword)
      const url = await begin(grace.browser, '/auth/upstream/link')
      expect((await ada.post(stop, { reason: 'left' })).status).toBe(200)
      expect(told(await finish(grace.browser, url))).toEqual([401, 'AUTH_UPSTREAM_INVALID'])
    }
    expect(told(await link(ada))).toEqual([200, 'linked'])
  })

  it('is undone by its person after a factor; the account is free then, and theirs again only by linking it', async () => {
    const ada = await start()
    await link(ada)
    const [{ id }] = (await ada.get('/auth/upstream')).body.items as unknown as [{ id: string }]
    platform.clock.ms += 301_000
    expect(told(await ada.call('DELETE', `/auth/upstream/${id}`))).toEqual([403, 'AUTH_STEP_UP_REQUIRED'])
    await ada.post('/auth/step-up', { password: goodPassword })
    expect((await ada.call('DELETE', `/auth/upstream/${id}`)).status).toBe(204)
    expect(told(await ada.call('DELETE', `/auth/upstream/${id}`))).toEqual([404, 'FACTOR_NOT_FOUND'])
    expect(told((await signIn()).answer)).toEqual([403, 'AUTH_UPSTREAM_UNKNOWN'])
    const grace = await invited(platform, ada, 'grace@example.com', devops)
    expect(told(await link(grace.browser))).toEqual([200, 'linked'])
  })

  it('stops at five', async () => {
    const ada = await start()
    for (let n = 0; n < 5; n += 1) {
      provider.account = { ...provider.account, sub: `account-${n}` }
      expect(told(await link(ada))).toEqual([200, 'linked'])
    }
    provider.account = { ...provider.account, sub: 'one-more' }
    expect(told(await link(ada))).toEqual([409, 'UPSTREAM_LIMIT'])
    expect(told(await link((await invited(platform, ada, 'grace@example.com', devops)).browser))).toEqual([200, 'linked'])
  })
})

describe('without a provider', { timeout: 60_000 }, () => {
  it('nothing is begun or finished, and the page is told that there is none', async () => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    expect((await ada.get('/auth/upstream/provider')).body).toEqual({ name: null })
    expect(told(await ada.post('/auth/upstream/begin', { app: 'admin' }))).toEqual([404, 'UPSTREAM_OFF'])
    expect(told(await ada.post('/auth/upstream/link', { app: 'admin' }))).toEqual([404, 'UPSTREAM_OFF'])
    expect(told(await ada.post('/auth/upstream/finish', { code: 'a', state: 'b' }))).toEqual([404, 'UPSTREAM_OFF'])
  })

  it('that answers, a sign-in fails with what to do, and passwords go on', async () => {
    const ada = await start()
    await link(ada)
    const browser = platform.browser()
    const back = await provider.visit(await begin(browser))
    await provider.stop()
    expect(told(await browser.post('/auth/upstream/finish', back))).toEqual([503, 'UPSTREAM_AWAY'])
    expect((await platform.browser().signIn('ada@example.com', goodPassword)).status).toBe(200)
    platform = await platform.restart()
    expect(told(await platform.browser().post('/auth/upstream/begin', { app: 'admin' }))).toEqual([503, 'UPSTREAM_AWAY'])
  })
})

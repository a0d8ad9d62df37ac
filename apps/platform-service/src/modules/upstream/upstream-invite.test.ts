import { authenticatorCode } from '@console/testkit/authenticator'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RunningProvider, startOidcProvider } from '../../oidc-provider.fake.ts'
import { type Answer, type Browser, goodPassword, type Platform, rowsOf, setUp, startPlatform } from '../../platform.fake.ts'

let platform: Platform
let provider: RunningProvider
let ada: Browser
beforeEach(async () => {
  provider = await startOidcProvider()
  platform = await startPlatform({}, provider.env)
  ada = await setUp(platform)
  // Another address than the invite's, so that nothing can follow from it.
  provider.account = { sub: 'grace-at-provider', email: 'g.hopper@provider.example', emailVerified: true }
})
afterEach(async () => {
  await platform?.close()
  await provider?.stop()
})
const told = ({ status, body }: Answer) => [status, String(body.code ?? body.done)]
const email = 'grace@example.com'
const memberships = [{ productId: 'bytelyst-devops', role: 'operator' }]
const tokenIn = (answer: Answer) => String(answer.body.link).split('#')[1] ?? ''
const invite = async (more: object = {}) => {
  const answer = await ada.post('/invites', { email, memberships, ...more })
  expect(answer.status, answer.text).toBe(201)
  return { id: String(answer.body.invite?.id), token: tokenIn(answer) }
}
const begin = (browser: Browser, token: string) => browser.post('/auth/upstream/invite', { token, name: 'Grace Hopper', app: 'devops' })
const finish = async (browser: Browser, begun: Answer) =>
  browser.post('/auth/upstream/finish', { ...(await provider.visit(String(begun.body.url))) })
const accept = async (token: string) => {
  const browser = platform.browser()
  return { browser, answer: await finish(browser, await begin(browser, token)) }
}
const signIn = async () => {
  const browser = platform.browser()
  return { browser, answer: await finish(browser, await browser.post('/auth/upstream/begin', { app: 'admin' })) }
}
const people = async () => ((await ada.get('/users?sort=email')).body.items ?? []) as unknown as { email: string; status: string }[]

describe('an invite that is accepted with an account at the provider', { timeout: 60_000 }, () => {
  it('makes the invited person, without a password, and that account signs them in from then on', async () => {
    const { token } = await invite()
    const { browser, answer } = await accept(token)
    expect(told(answer)).toEqual([200, 'signed-in'])
    const { body } = await browser.get('/auth/session')
    expect(body).toMatchObject({ user: { email, name: 'Grace Hopper' }, memberships, factors: [] })
    expect((await platform.browser().signIn(email, goodPassword)).status).toBe(401)
    const again = await signIn()
    expect(told(again.answer)).toEqual([200, 'signed-in'])
    expect((await again.browser.get('/auth/session')).body.user?.id).toBe(body.user?.id)
    const row = rowsOf(platform).findLast(
      ({ action, outcome, target }) => action === 'auth.upstream.finish' && outcome === 'started' && target !== '',
    )
    expect(row?.actor).toMatchObject({ kind: 'person', id: body.user?.id })
    const purposes = rowsOf(platform).flatMap(({ details }) => String(details?.purpose ?? []))
    expect(purposes).toContain('invite')
    expect(JSON.stringify(rowsOf(platform))).not.toContain(token)
    const { items } = (await ada.get('/invites?state=accepted')).body as unknown as { items: { email: string }[] }
    expect(items.map((one) => one.email)).toEqual([email])
    expect(told(await begin(platform.browser(), token))).toEqual([404, 'INVITE_NOT_FOUND'])
  })

  it('needs the link: the right e-mail at the provider lets nobody in', async () => {
    await invite()
    provider.account = { ...provider.account, email }
    expect(told((await signIn()).answer)).toEqual([403, 'AUTH_UPSTREAM_UNKNOWN'])
    expect(told(await begin(platform.browser(), 'bli_guessed'))).toEqual([404, 'INVITE_NOT_FOUND'])
    expect((await people()).map(({ status }) => status)).toEqual(['active', 'invited'])
  })

  it('is nothing any more when it was revoked, sent anew or used while its person was at the provider', async () => {
    const { id, token } = await invite()
    const begun = async (which: string) => {
      const browser = platform.browser()
      return { browser, begun: await begin(browser, which) }
    }
    const first = await begun(token)
    const renewed = tokenIn(await ada.post(`/invites/${id}/renew`))
    expect(told(await finish(first.browser, first.begun))).toEqual([404, 'INVITE_NOT_FOUND'])
    const second = await begun(renewed)
    const third = await begun(renewed)
    const both = await Promise.all([second, third].map((one) => finish(one.browser, one.begun)))
    expect(both.map(({ status }) => status).sort()).toEqual([200, expect.toBeOneOf([404, 409])])
    const other = await invite({ email: 'joan@example.com' })
    const fourth = await begun(other.token)
    expect((await ada.call('DELETE', `/invites/${other.id}`)).status).toBe(204)
    expect(told(await finish(fourth.browser, fourth.begun))).toEqual([404, 'INVITE_NOT_FOUND'])
    expect((await people()).map((one) => one.email)).toEqual(['ada@example.com', email])
  })

  it('is accepted by the browser that began it alone', async () => {
    const { token } = await invite()
    const begun = await begin(platform.browser(), token)
    expect(told(await finish(platform.browser(), begun))).toEqual([401, 'AUTH_UPSTREAM_INVALID'])
    expect(told((await accept(token)).answer)).toEqual([200, 'signed-in'])
  })

  it('is not accepted with an account that signs in somebody else, and stays open', async () => {
    await finish(ada, await ada.post('/auth/upstream/link', { app: 'admin' }))
    const { token } = await invite()
    expect(told((await accept(token)).answer)).toEqual([409, 'UPSTREAM_TAKEN'])
    expect((await people()).map(({ status }) => status)).toEqual(['active', 'invited'])
    provider.account = { ...provider.account, sub: 'another' }
    expect(told((await accept(token)).answer)).toEqual([200, 'signed-in'])
  })

  it('leaves the second factor asked for: the provider’s word is one, also where there is no password', async () => {
    const { browser } = await accept((await invite()).token)
    browser.csrf = String((await browser.get('/auth/session')).body.csrfToken)
    const seed = String((await browser.post('/auth/factors/totp')).body.secret)
    expect((await browser.post('/auth/factors/totp/enable', { code: authenticatorCode(seed, platform.clock.ms) })).status).toBe(200)
    const { answer, browser: again } = await signIn()
    expect(told(answer)).toEqual([200, 'challenged'])
    expect((await again.get('/auth/session')).status).toBe(401)
    platform.clock.ms += 30_000
    const { challenge } = answer.body.challenge as unknown as { challenge: string }
    expect((await again.post('/auth/challenge', { challenge, code: authenticatorCode(seed, platform.clock.ms) })).status).toBe(200)
  })

  it('lets in for the second factor alone where the settings ask for one', async () => {
    const now = (await ada.get('/settings')).body as unknown as { settings: object; etag: string }
    const body = { ...now.settings, secondFactor: 'everybody' }
    expect((await ada.call('PUT', '/settings', { body, headers: { 'if-match': `"${now.etag}"` } })).status).toBe(200)
    const { browser, answer } = await accept((await invite()).token)
    expect(answer.body.session).toMatchObject({ enrol: true })
    expect((await browser.get('/products')).status).toBe(403)
  })
})

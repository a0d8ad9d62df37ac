import { attackCase } from '@console/testkit/attack'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { type LyingProvider, startLyingProvider } from '../../apps/platform-service/src/lying-provider.fake.ts'
import { type Answer, type Browser, type Platform, rowsOf, setUp, startPlatform } from '../../apps/platform-service/src/platform.fake.ts'

const told = ({ status, body }: Answer) => [status, String(body.code ?? body.done)]
const invalid = [401, 'AUTH_UPSTREAM_INVALID']

describe('a sign-in provider that lies, or one who stands between it and the browser', () => {
  let platform: Platform
  let provider: LyingProvider
  let ada: Browser
  beforeAll(async () => {
    provider = await startLyingProvider()
    platform = await startPlatform({}, provider.env)
    ada = await setUp(platform)
    expect(told(await finish(ada, await begin(ada, '/auth/upstream/link')))).toEqual([200, 'linked'])
  })
  afterAll(async () => {
    await platform?.close()
    await provider?.stop()
  })

  const begin = async (browser: Browser, path = '/auth/upstream/begin') => {
    const answer = await browser.post(path, { app: 'devops' })
    expect(answer.status, answer.text).toBe(201)
    const { state = '', nonce = '' } = Object.fromEntries(new URL(String(answer.body.url)).searchParams)
    return { state, nonce }
  }
  /** What a page sends when the browser has come back; the provider says what is right but for `claims`. */
  const finish = (browser: Browser, { state, nonce }: { state: string; nonce: string }, claims: object = {}, over: object = {}) => {
    provider.claims = { nonce, ...claims }
    return browser.post('/auth/upstream/finish', { code: 'a-code-of-the-provider', state, iss: provider.issuer, ...over })
  }
  const signIn = async (claims: object = {}, over: object = {}) => {
    const browser = platform.browser()
    const answer = await finish(browser, await begin(browser), claims, over)
    const inside = (await browser.get('/auth/session')).status === 200
    return [...told(answer), inside]
  }
  const asFirst = async () => expect(await signIn()).toEqual([200, 'signed-in', true])
  /** Alike ones of a minute are one row, with how many there were once the minute is over. */
  const failedSince = async (before: number) => {
    platform.clock.ms += 61_000
    await platform.app.sweeper.sweep()
    return rowsOf(platform)
      .slice(before)
      .filter(({ action, outcome }) => action === 'auth.upstream.finish' && ['failed', 'denied'].includes(outcome))
      .flatMap(({ outcome, code, count = 1 }) => Array<string>(count).fill(`${outcome} ${code}`))
  }
  const rows = () => rowsOf(platform).length
  /** Tries each, sees it refused, then the right one taken, then a row for each. */
  const refusesEach = async (
    it: Parameters<Parameters<typeof attackCase>[2]>[0],
    tries: Readonly<Record<string, object>>,
    over = false,
  ) => {
    const before = rows()
    await it.attack(Object.keys(tries).join('; '), async () => {
      for (const [what, claims] of Object.entries(tries))
        expect([what, ...(await (over ? signIn({}, claims) : signIn(claims)))]).toEqual([what, ...invalid, false])
    })
    await it.control('as it is right', asFirst)
    await it.row('each is on record', async () =>
      expect(await failedSince(before)).toEqual(Object.keys(tries).map(() => 'failed AUTH_UPSTREAM_INVALID')),
    )
  }

  attackCase('A1', 'the provider’s word without a signature', async (it) => {
    const before = rows()
    await it.attack('alg none, in two spellings, and an empty signature', async () => {
      for (const alg of ['none', 'nOnE', 'RS256']) {
        Object.assign(provider, { head: { alg }, signedBy: 'nobody' })
        expect([alg, ...(await signIn())]).toEqual([alg, ...invalid, false])
      }
    })
    Object.assign(provider, { head: {}, signedBy: 'own key' })
    await it.control('signed', asFirst)
    await it.row('three are on record', async () =>
      expect(await failedSince(before)).toEqual(Array(3).fill('failed AUTH_UPSTREAM_INVALID')),
    )
  })

  attackCase('A2', 'the provider’s word signed with what the console knows too', async (it) => {
    const before = rows()
    await it.attack('HS256 with the client’s secret', async () => {
      Object.assign(provider, { head: { alg: 'HS256' }, signedBy: 'client secret' })
      expect(await signIn()).toEqual([...invalid, false])
    })
    Object.assign(provider, { head: {}, signedBy: 'own key' })
    await it.control('RS256 with the provider’s key', asFirst)
    await it.row('it is on record', async () => expect(await failedSince(before)).toEqual(['failed AUTH_UPSTREAM_INVALID']))
  })

  attackCase('A3', 'the provider’s word signed with a key of the attacker’s', async (it) => {
    const before = rows()
    await it.attack('under the known kid, an unknown one, and one that is a path', async () => {
      for (const kid of ['one', 'two', '../../one']) {
        Object.assign(provider, { head: { kid }, signedBy: 'another key' })
        expect([kid, ...(await signIn())]).toEqual([kid, ...invalid, false])
      }
    })
    Object.assign(provider, { head: {}, signedBy: 'own key' })
    await it.control('with the provider’s own', asFirst)
    await it.row('three are on record', async () =>
      expect(await failedSince(before)).toEqual(Array(3).fill('failed AUTH_UPSTREAM_INVALID')),
    )
  })

  attackCase('A5', 'the provider’s word when it is over', (it) => {
    const now = Math.floor(Date.now() / 1_000)
    return refusesEach(it, {
      'ended an hour ago': { exp: now - 3_600, iat: now - 7_200 },
      'with no end': { exp: undefined },
      'with an end that is a text': { exp: String(now + 60) },
      'good from tomorrow': { nbf: now + 86_400 },
    })
  })

  attackCase('A6', 'another provider’s word', (it) =>
    refusesEach(it, {
      'another issuer': { iss: 'https://evil.test' },
      'two issuers': { iss: [provider.issuer] },
      'the issuer with a slash': { iss: `${provider.issuer}/` },
    }),
  )

  attackCase('A6', 'an answer of another provider, handed to this one', (it) =>
    refusesEach(
      it,
      { 'another iss': { iss: 'https://evil.test' }, 'no iss, where the provider says that it sends one': { iss: undefined } },
      true,
    ),
  )

  attackCase('A7', 'the provider’s word for another client', (it) =>
    refusesEach(it, {
      'another audience': { aud: 'another-console' },
      'ours beside another, given to the other': { aud: ['console', 'another-console'], azp: 'another-console' },
      'no audience': { aud: undefined },
    }),
  )

  attackCase('A8', 'the provider’s word of another sign-in', (it) =>
    refusesEach(it, { 'another nonce': { nonce: 'of-another-sign-in' }, 'no nonce': { nonce: undefined }, 'nobody’s': { sub: undefined } }),
  )

  attackCase('A12', 'an answer that was used, is over, or belongs to another browser', async (it) => {
    const before = rows()
    const victim = platform.browser()
    await it.attack('with no cookie, with another browser’s, with another state; each uses up what was begun', async () => {
      const [mine, theirs] = [platform.browser(), platform.browser()]
      const [a, b] = [await begin(mine), await begin(theirs)]
      expect(told(await finish(victim, a))).toEqual(invalid)
      expect(told(await finish(mine, b))).toEqual(invalid)
      expect(told(await finish(mine, a))).toEqual(invalid)
      expect(told(await finish(theirs, { ...b, state: `${b.state}x` }))).toEqual(invalid)
      expect(told(await finish(theirs, b))).toEqual(invalid)
    })
    await it.attack('the same answer ten times at once, and once more', async () => {
      const browser = platform.browser()
      const flow = await begin(browser)
      const cookies = browser.cookiesFor('/platform/api')
      provider.claims = { nonce: flow.nonce }
      const body = { code: 'a-code-of-the-provider', state: flow.state, iss: provider.issuer }
      const again = () => platform.browser().call('POST', '/auth/upstream/finish', { body, cookies })
      const answers = await Promise.all(Array.from({ length: 10 }, again))
      expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(9).fill(401)])
      expect(told(await again())).toEqual(invalid)
    })
    await it.attack('ten minutes later', async () => {
      const late = platform.browser()
      const flow = await begin(late)
      platform.clock.ms += 600_000
      expect(told(await finish(late, flow))).toEqual(invalid)
      platform.clock.ms -= 600_000
    })
    await it.control('in the same browser, in time', asFirst)
    await it.row('each is on record', async () => expect(await failedSince(before)).toEqual(Array(16).fill('failed AUTH_UPSTREAM_INVALID')))
  })

  attackCase('C3', 'a sign-in begun, finished or linked from a page that is not ours', async (it) => {
    const before = rows()
    const flow = await begin(ada)
    const cookies = ada.cookiesFor('/platform/api')
    const body = { code: 'a-code-of-the-provider', state: flow.state, iss: provider.issuer }
    await it.attack('another origin, none, a sibling, another site; a link without the token of the session', async () => {
      for (const origin of ['https://evil.test', undefined, 'null', 'http://localhost:3002', 'http://localhost:3001.evil.test'])
        for (const [path, sent] of [
          ['/auth/upstream/begin', { app: 'admin' }],
          ['/auth/upstream/finish', body],
          ['/auth/upstream/link', { app: 'admin' }],
        ] as const)
          expect([origin, path, ...told(await ada.call('POST', path, { body: sent, headers: { origin }, cookies }))]).toEqual([
            origin,
            path,
            403,
            'AUTH_ORIGIN_REFUSED',
          ])
      const link = (token: string | undefined) => ada.post('/auth/upstream/link', { app: 'admin' }, { 'x-csrf-token': token })
      for (const token of [undefined, platform.browser().csrf, 'made-up'])
        expect(told(await link(token))).toEqual([403, 'AUTH_CSRF_INVALID'])
    })
    await it.control('from ours', async () => expect(told(await finish(ada, flow))).toEqual([200, 'signed-in']))
    await it.row('each is on record', async () => {
      platform.clock.ms += 61_000
      await platform.app.sweeper.sweep()
      const denied = rowsOf(platform)
        .slice(before)
        .filter(({ action, outcome }) => outcome === 'denied' && action.startsWith('auth.upstream.'))
        .flatMap(({ code, count = 1 }) => Array(count).fill(code))
      expect(denied.sort()).toEqual([...Array(3).fill('AUTH_CSRF_INVALID'), ...Array(15).fill('AUTH_ORIGIN_REFUSED')])
    })
  })

  attackCase('C9', 'the cookie of a sign-in under way, taken or planted', async (it) => {
    const before = rows()
    await it.control('is for this host alone, unreadable to pages, good for ten minutes, and goes with its use', async () => {
      const browser = platform.browser()
      const begun = await browser.post('/auth/upstream/begin', { app: 'admin' })
      expect(begun.setCookies).toEqual([
        expect.stringMatching(/^__Host-bl_oidc=blo_[A-Za-z0-9_-]{43}; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax; Secure$/),
      ])
      const flow = Object.fromEntries(new URL(String(begun.body.url)).searchParams) as { state: string; nonce: string }
      const done = await finish(browser, flow)
      expect([...told(done), done.setCookies[0]]).toEqual([
        200,
        'signed-in',
        '__Host-bl_oidc=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure',
      ])
    })
    await it.attack('the attacker’s own, in the victim’s browser, beside the attacker’s code', async () => {
      const [attacker, victim] = [platform.browser(), platform.browser()]
      const theirs = await begin(attacker)
      const planted = attacker.cookie('__Host-bl_oidc')
      const own = await begin(victim)
      // Without the prefix’s protection there would be two of one name, and that is refused before anything is looked at.
      const cookies = `${victim.cookiesFor('/platform/api')}; __Host-bl_oidc=${planted}`
      provider.claims = { nonce: theirs.nonce }
      const body = { code: 'a-code-of-the-attacker', state: theirs.state, iss: provider.issuer }
      expect(told(await victim.call('POST', '/auth/upstream/finish', { body, cookies }))).toEqual([400, 'REQUEST_INVALID'])
      expect(told(await finish(victim, { ...own, state: theirs.state }))).toEqual(invalid)
      expect((await victim.get('/auth/session')).status).toBe(401)
    })
    await it.attack('a link begun by the attacker signs the victim’s account in nowhere', async () => {
      const cookies = `__Host-bl_oidc=${'A'.repeat(43)}`
      const body = { code: 'a-code', state: 'a-state', iss: provider.issuer }
      expect(told(await platform.browser().call('POST', '/auth/upstream/finish', { body, cookies }))).toEqual(invalid)
    })
    await it.row('each is on record', async () => {
      expect(await failedSince(before)).toEqual(['denied REQUEST_INVALID', ...Array(2).fill('failed AUTH_UPSTREAM_INVALID')])
    })
  })

  attackCase('A6', 'a configuration that names another issuer than the one that is set', async (it) => {
    const before = rows()
    const begun = () => platform.browser().post('/auth/upstream/begin', { app: 'admin' })
    await it.attack('read at the first sign-in after a start', async () => {
      platform = await platform.restart()
      provider.metadata = { issuer: 'https://evil.test' }
      expect(told(await begun())).toEqual([503, 'UPSTREAM_AWAY'])
    })
    await it.control('the one that is set', async () => {
      provider.metadata = {}
      expect((await begun()).status).toBe(201)
    })
    await it.row('it is on record', () => {
      const failed = rowsOf(platform)
        .slice(before)
        .filter(({ action, outcome }) => action === 'auth.upstream.begin' && outcome === 'failed')
      expect(failed.map(({ code }) => code)).toEqual(['UPSTREAM_AWAY'])
    })
  })
})

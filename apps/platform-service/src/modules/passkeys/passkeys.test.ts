import { enrol, postOf } from '@console/testkit/second-factor'
import { createSoftPasskey, type SoftPasskey } from '@console/testkit/soft-passkey'
import { afterEach, describe, expect, it } from 'vitest'
import { type Answer, type Browser, goodPassword, invited, type Platform, rowsOf, setUp, startPlatform } from '../../platform.fake.ts'

let platform: Platform
afterEach(() => platform.close())

const email = 'ada@example.com'
const told = ({ status, body }: Answer) => [status, String(body.code)]
const invalid = [401, 'AUTH_PASSKEY_INVALID']
type Offer = Parameters<SoftPasskey['make']>[0]
type Question = Parameters<SoftPasskey['answer']>[0]
type Over = Parameters<SoftPasskey['answer']>[1]

const offerTo = async (browser: Browser) => (await browser.post('/auth/passkey/offer')).body as unknown as Offer
const questionOf = async (browser: Browser) => (await browser.post('/auth/passkey/question')).body as unknown as Question
async function withPasskey(browser: Browser, name = 'laptop'): Promise<{ key: SoftPasskey; id: string }> {
  const key = createSoftPasskey()
  const answer = await browser.post('/auth/passkey', { name, made: key.make(await offerTo(browser)) })
  expect([answer.status, answer.body.code]).toEqual([201, undefined])
  return { key, id: String(answer.body.id) }
}
async function signInWith(key: SoftPasskey, over?: Over, more: object = {}) {
  const browser = platform.browser()
  const answer = await browser.post('/auth/passkey/sign-in', { answer: key.answer(await questionOf(browser), over), ...more })
  return { browser, answer }
}
const amrOf = async () => (await platform.collections.sessions.find('all', { limit: 50 })).items.map(({ doc }) => doc.amr.join(' '))

describe('a passkey', () => {
  it('signs in without password and code, with the account blocked too, and the session says how', async () => {
    platform = await startPlatform()
    const { key } = await withPasskey(await setUp(platform))
    for (let n = 0; n < 12; n += 1) await platform.browser().signIn(email, 'wrong')
    expect((await platform.browser().signIn(email, goodPassword)).status).toBe(401)
    const { browser, answer } = await signInWith(key)
    expect(answer.status).toBe(200)
    expect(answer.body.factors).toEqual(['password', 'passkey'])
    expect((await browser.get('/auth/session')).status).toBe(200)
    expect(await amrOf()).toContain('hwk mfa')
    expect((await signInWith(key)).answer.status).toBe(200)
  })

  it('is refused for another origin, another domain, without verification, with a counter that goes back, or a signature of another key', async () => {
    platform = await startPlatform()
    const { key } = await withPasskey(await setUp(platform))
    expect((await signInWith(key, { counter: 7 })).answer.status).toBe(200)
    for (const over of [
      { origin: 'https://evil.test' },
      { origin: 'http://localhost:3999' },
      { rpId: 'evil.test' },
      { verified: false },
      { counter: 7 },
      { counter: 3 },
      { counter: 0 },
      { userHandle: 'bm9ib2R5' },
      { credentialId: 'AAAA' },
    ])
      expect([over, ...told((await signInWith(key, { counter: 100, ...over })).answer)]).toEqual([over, ...invalid])
    const good = key.answer(await questionOf(platform.browser()), { counter: 100 })
    const foreign = createSoftPasskey().answer(await questionOf(platform.browser()), { counter: 100 })
    expect(told(await platform.browser().post('/auth/passkey/sign-in', { answer: { ...good, signature: foreign.signature } }))).toEqual(
      invalid,
    )
    expect((await signInWith(key, { counter: 100 })).answer.status).toBe(200)
  })

  it('is refused whatever its handle holds', async () => {
    platform = await startPlatform()
    const { key } = await withPasskey(await setUp(platform))
    for (const userHandle of ['0', 'AAAA', Buffer.from('nobody').toString('base64url'), Buffer.from('../x\n').toString('base64url')]) {
      const browser = platform.browser()
      const answer = { ...key.answer(await questionOf(browser)), userHandle }
      expect(told(await browser.post('/auth/passkey/sign-in', { answer }))).toEqual(invalid)
    }
  })

  it('answers a question once, within five minutes, and of four at the same time one counts', async () => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    const { key } = await withPasskey(ada)
    const send = (answer: object) => platform.browser().post('/auth/passkey/sign-in', { answer })
    const once = key.answer(await questionOf(platform.browser()))
    const four = await Promise.all([1, 2, 3, 4].map(() => send(once)))
    expect(four.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401])
    // A key that is shared between devices leaves its counter at 0: then the question alone stands against a replay.
    const synced = createSoftPasskey()
    const made = await ada.post('/auth/passkey', { name: 'phone', made: synced.make(await offerTo(ada), { counter: 0 }) })
    expect(made.status).toBe(201)
    const again = synced.answer(await questionOf(platform.browser()), { counter: 0 })
    const two = await Promise.all([send(again), send(again)])
    expect([...two.map(({ status }) => status).sort(), ...told(await send(again))]).toEqual([200, 401, ...invalid])
    const late = await questionOf(platform.browser())
    platform.clock.ms += 300_000
    expect(told(await send(key.answer(late)))).toEqual(invalid)
    expect(told(await send(key.answer({ challenge: 'made-up-by-the-page', rpId: 'localhost' })))).toEqual(invalid)
  })

  it('is asked for after the password where there is no authenticator, and a code is none', async () => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    const { key } = await withPasskey(ada)
    const { browser: bob } = await invited(platform, ada, 'bob@example.com', [{ productId: 'bytelyst-devops', role: 'viewer' }])
    const { key: keyOfBob } = await withPasskey(bob)
    const begun = await platform.browser().signIn(email, goodPassword)
    expect(begun.body.factors).toEqual(['passkey'])
    const challenge = String(begun.body.challenge)
    expect(told(await platform.browser().post('/auth/challenge', { challenge, code: '123456' }))).toEqual([401, 'AUTH_CODE_INVALID'])
    expect(told((await signInWith(keyOfBob, {}, { challenge })).answer)).toEqual([401, 'AUTH_CHALLENGE_OVER'])
    expect((await signInWith(key, {}, { challenge })).answer.status).toBe(200)
    expect(told((await signInWith(key, {}, { challenge })).answer)).toEqual([401, 'AUTH_CHALLENGE_OVER'])
    expect(await amrOf()).toContain('pwd hwk mfa')
  })

  it('comes after the password alone where the settings say so', async () => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    const { key } = await withPasskey(ada)
    expect((await signInWith(key)).answer.status).toBe(200)
    const { settings, etag } = (await ada.get('/settings')).body as unknown as { settings: object; etag: string }
    const body = { ...settings, passkeyAlone: false }
    expect((await ada.call('PUT', '/settings', { body, headers: { 'if-match': `"${etag}"` } })).status).toBe(200)
    expect(told((await signInWith(key)).answer)).toEqual([403, 'AUTH_WAY_OFF'])
    const challenge = String((await platform.browser().signIn(email, goodPassword)).body.challenge)
    expect((await signInWith(key, {}, { challenge })).answer.status).toBe(200)
  })

  it('confirms after five minutes; that of another person does not', async () => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    const { browser: bob } = await invited(platform, ada, 'bob@example.com', [{ productId: 'bytelyst-devops', role: 'viewer' }])
    const [{ key }, { key: keyOfBob }] = [await withPasskey(ada), await withPasskey(bob)]
    platform.clock.ms += 301_000
    const grant = () => ada.post('/auth/grants', { verb: 'scripts.approve', digest: 'a'.repeat(64) })
    expect(told(await grant())).toEqual([403, 'AUTH_STEP_UP_REQUIRED'])
    const foreign = keyOfBob.answer(await questionOf(ada))
    expect(told(await ada.post('/auth/passkey/step-up', { answer: foreign }))).toEqual(invalid)
    const ours = { ...keyOfBob.answer(await questionOf(ada)), userHandle: key.answer(await questionOf(ada)).userHandle }
    expect(told(await ada.post('/auth/passkey/step-up', { answer: ours }))).toEqual(invalid)
    expect(told(await grant())).toEqual([403, 'AUTH_STEP_UP_REQUIRED'])
    const shown = await ada.post('/auth/passkey/step-up', { answer: key.answer(await questionOf(ada)) })
    expect(shown.status).toBe(200)
    ada.csrf = String(shown.body.csrfToken)
    expect((await grant()).status).toBe(201)
  })

  it('lets nobody in who is disabled', async () => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    const { browser: bob, id } = await invited(platform, ada, 'bob@example.com', [{ productId: 'bytelyst-devops', role: 'viewer' }])
    const { key } = await withPasskey(bob)
    await ada.post(`/users/${id}/disable`, { reason: 'on leave' })
    expect(told((await signInWith(key)).answer)).toEqual(invalid)
    await ada.post(`/users/${id}/enable`)
    expect((await signInWith(key)).answer.status).toBe(200)
  })
})

describe('a new passkey', () => {
  it('is made on a fresh factor, for this person, place and question only, and once', async () => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    const { browser: bob } = await invited(platform, ada, 'bob@example.com', [{ productId: 'bytelyst-devops', role: 'viewer' }])
    const add = async (made: object) => told(await ada.post('/auth/passkey', { name: 'laptop', made }))
    const key = createSoftPasskey()
    for (const over of [{ origin: 'https://evil.test' }, { rpId: 'evil.test' }, { verified: false }])
      expect([over, ...(await add(key.make(await offerTo(ada), over)))]).toEqual([over, ...invalid])
    expect(await add(key.make(await offerTo(bob)))).toEqual(invalid)
    expect(await add(key.make({ ...(await offerTo(ada)), ...(await questionOf(ada)) }))).toEqual(invalid)
    const made = key.make(await offerTo(ada))
    expect((await add(made))[0]).toBe(201)
    expect(await add(made)).toEqual(invalid)
    expect(await add(key.make(await offerTo(ada)))).toEqual(invalid)
    platform.clock.ms += 301_000
    expect(await add(key.make(await offerTo(ada).then(() => ({ challenge: 'x', rpId: 'localhost', user: { id: 'eA' } }))))).toEqual([
      403,
      'AUTH_STEP_UP_REQUIRED',
    ])
    expect(told(await ada.post('/auth/passkey/offer'))).toEqual([403, 'AUTH_STEP_UP_REQUIRED'])
  })

  it('ends the other sessions, is listed by its name, and is taken away by its person alone', async () => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    const { browser: bob } = await invited(platform, ada, 'bob@example.com', [{ productId: 'bytelyst-devops', role: 'viewer' }])
    const other = platform.browser()
    await other.signIn(email, goodPassword)
    const { key, id } = await withPasskey(ada, 'blue key')
    expect((await other.get('/auth/session')).status).toBe(401)
    expect((await ada.get('/auth/passkey')).body.items).toMatchObject([{ id, name: 'blue key', lastUsedAt: null, synced: false }])
    expect(told(await bob.call('DELETE', `/auth/passkey/${id}`))).toEqual([404, 'FACTOR_NOT_FOUND'])
    platform.clock.ms += 301_000
    expect(told(await ada.call('DELETE', `/auth/passkey/${id}`))).toEqual([403, 'AUTH_STEP_UP_REQUIRED'])
    await ada.post('/auth/step-up', { password: goodPassword })
    expect((await ada.call('DELETE', `/auth/passkey/${id}`)).status).toBe(204)
    expect(told((await signInWith(key)).answer)).toEqual(invalid)
    expect((await platform.browser().signIn(email, goodPassword)).body.user).toBeDefined()
    const done = rowsOf(platform).filter(({ action, outcome }) => action.startsWith('auth.passkey') && outcome !== 'started')
    expect(done.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual(
      expect.arrayContaining([
        'auth.passkey.offer done',
        'auth.passkey.add done',
        'auth.passkey.remove failed',
        'auth.passkey.remove done',
      ]),
    )
  })

  it('goes with an admin’s reset', async () => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    const { browser: bob, id } = await invited(platform, ada, 'bob@example.com', [{ productId: 'bytelyst-devops', role: 'viewer' }])
    const { key } = await withPasskey(bob)
    const reset = await ada.post(`/users/${id}/factors/reset`, { reason: 'lost the laptop' })
    expect(reset.body).toMatchObject({ factors: ['password'], sessionCount: 0 })
    expect(told((await signInWith(key)).answer)).toEqual(invalid)
  })

  it('has recovery codes beside it, which replace it once after the password, and go with the last factor', async () => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    const renew = () => ada.post('/auth/factors/recovery')
    expect(told(await renew())).toEqual([404, 'FACTOR_NOT_FOUND'])
    const { id } = await withPasskey(ada)
    const codes = (await renew()).body.recoveryCodes as unknown as string[]
    expect(new Set(codes).size).toBe(10)
    const enter = async (code: string) => {
      const browser = platform.browser()
      const begun = await browser.signIn(email, goodPassword)
      expect(begun.body.factors).toEqual(['recovery', 'passkey'])
      return browser.post('/auth/challenge', { challenge: String(begun.body.challenge), code })
    }
    expect((await enter(codes[0] ?? '')).status).toBe(200)
    expect(await amrOf()).toContain('pwd recovery')
    expect(told(await enter(codes[0] ?? ''))).toEqual([401, 'AUTH_CODE_INVALID'])
    expect(told(await ada.post('/auth/step-up', { code: codes[1] ?? '' }))).toEqual([401, 'AUTH_CODE_INVALID'])
    expect((await ada.call('DELETE', `/auth/passkey/${id}`)).status).toBe(204)
    expect((await ada.get('/auth/factors')).body).toEqual({ totpSince: null, recoveryLeft: 0 })
    await withPasskey(ada)
    expect((await platform.browser().signIn(email, goodPassword)).body.factors).toEqual(['passkey'])
  })

  it('keeps the recovery codes when an authenticator beside it goes', async () => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    await withPasskey(ada)
    await enrol(postOf(ada), platform.clock.ms)
    expect((await ada.call('DELETE', '/auth/factors/totp')).status).toBe(204)
    expect((await ada.get('/auth/factors')).body).toEqual({ totpSince: null, recoveryLeft: 10 })
  })

  it('is called otherwise by its person alone, on a fresh factor, and the row says what it was called', async () => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    const { browser: bob } = await invited(platform, ada, 'bob@example.com', [{ productId: 'bytelyst-devops', role: 'viewer' }])
    const [{ id }, { id: other }] = [await withPasskey(ada), await withPasskey(ada, 'phone')]
    const rename = (browser: Browser, name: string) => browser.call('PUT', `/auth/passkey/${id}/name`, { body: { name } })
    expect((await rename(ada, ' blue key ')).body).toMatchObject({ id, name: 'blue key' })
    expect(rowsOf(platform).at(-1)).toMatchObject({ action: 'auth.passkey.rename', target: id, details: { before: { name: 'laptop' } } })
    expect(told(await rename(bob, 'mine now'))).toEqual([404, 'FACTOR_NOT_FOUND'])
    expect(told(await rename(ada, ' '))).toEqual([400, 'INPUT_INVALID'])
    const items = (await ada.get('/auth/passkey')).body.items as unknown as { id: string; name: string }[]
    expect(items.map((one) => [one.id, one.name])).toEqual([
      [id, 'blue key'],
      [other, 'phone'],
    ])
    platform.clock.ms += 301_000
    expect(told(await rename(ada, 'late'))).toEqual([403, 'AUTH_STEP_UP_REQUIRED'])
  })
})

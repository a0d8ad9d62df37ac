import { authenticatorCode } from '@console/testkit/authenticator'
import { afterEach, describe, expect, it } from 'vitest'
import { type Browser, goodPassword, invited, type Platform, rowsOf, setUp, startPlatform } from '../../platform.fake.ts'

let platform: Platform
afterEach(() => platform.close())

const email = 'ada@example.com'
const told = ({ status, body }: { status: number; body: { readonly code?: unknown } }) => [status, String(body.code)]
const codeNow = (secret: string, stepsOff = 0) => authenticatorCode(secret, platform.clock.ms + stepsOff * 30_000)
const nextStep = () => {
  platform.clock.ms += 30_000
}

/** Somebody who signs in with password and authenticator from now on. */
async function withTotp(browser: Browser): Promise<{ secret: string; recovery: string[] }> {
  const secret = String((await browser.post('/auth/factors/totp')).body.secret)
  const answer = await browser.post('/auth/factors/totp/enable', { code: codeNow(secret) })
  if (answer.status !== 200) throw new Error(answer.text)
  nextStep()
  return { secret, recovery: answer.body.recoveryCodes as unknown as string[] }
}
const passwordOf = async (who = email) => {
  const browser = platform.browser()
  const answer = await browser.signIn(who, goodPassword)
  return { browser, answer, challenge: String(answer.body.challenge) }
}
const answerWith = (browser: Browser, challenge: string, code: string) => browser.post('/auth/challenge', { challenge, code })

describe('an authenticator', () => {
  it('is asked for after the password, and only both make a session', async () => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    const { secret } = await withTotp(ada)
    const { browser, answer, challenge } = await passwordOf()
    expect([answer.status, answer.body.factors, answer.setCookies]).toEqual([200, ['totp', 'recovery'], []])
    expect(answer.text).not.toContain('csrf')
    expect((await browser.get('/auth/session')).status).toBe(401)
    const whole = await answerWith(browser, challenge, codeNow(secret))
    expect(whole.status).toBe(200)
    expect(whole.setCookies).toHaveLength(3)
    const [session] = (await platform.collections.sessions.find('all', { limit: 50 })).items.filter(({ doc }) => doc.amr.length > 1)
    expect(session?.doc.amr).toEqual(['pwd', 'otp'])
    expect((await ada.get('/users')).text).toContain('"factors":["password","totp"]')
  })

  it('is told to an admin by its time, without seed or hash, and to nobody else', async () => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    const bob = await invited(platform, ada, 'bob@example.com', [{ productId: 'bytelyst-platform', role: 'operator' }])
    const path = `/users/${bob.id}/factors`
    expect((await ada.get(path)).body).toMatchObject({ totpSince: null, recoveryLeft: 0, passkeys: [] })
    const at = new Date(platform.clock.ms).toISOString()
    const { recovery } = await withTotp(bob.browser)
    const answer = await ada.get(path)
    expect(answer.body).toEqual({ passwordSince: expect.any(String), totpSince: at, recoveryLeft: recovery.length, passkeys: [] })
    expect(told(await bob.browser.get(path))).toEqual([403, 'AUTH_FORBIDDEN'])
    expect(told(await ada.get('/users/nobody/factors'))).toEqual([404, 'USER_NOT_FOUND'])
  })

  it('counts only once a code of it was shown, and ends the other sessions', async () => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    const other = platform.browser()
    await other.signIn(email, goodPassword)
    expect(told(await ada.post('/auth/factors/totp/enable', { code: '000000' }))).toEqual([404, 'FACTOR_NOT_FOUND'])
    const secret = String((await ada.post('/auth/factors/totp')).body.secret)
    const wrong = codeNow(secret) === '000000' ? '000001' : '000000'
    expect(told(await ada.post('/auth/factors/totp/enable', { code: wrong }))).toEqual([401, 'AUTH_CODE_INVALID'])
    expect((await other.get('/auth/session')).status).toBe(200)
    expect((await passwordOf()).answer.body.user).toBeDefined()
    expect((await ada.post('/auth/factors/totp/enable', { code: codeNow(secret) })).status).toBe(200)
    expect((await other.get('/auth/session')).status).toBe(401)
    expect((await ada.get('/auth/session')).status).toBe(200)
  })

  it('takes the code of one step before and one after, and none twice', async () => {
    platform = await startPlatform()
    const { secret } = await withTotp(await setUp(platform))
    for (const off of [2, -3]) {
      const { browser, challenge } = await passwordOf()
      expect(told(await answerWith(browser, challenge, codeNow(secret, off)))).toEqual([401, 'AUTH_CODE_INVALID'])
    }
    const first = await passwordOf()
    expect((await answerWith(first.browser, first.challenge, codeNow(secret, 1))).status).toBe(200)
    const again = await passwordOf()
    for (const off of [1, 0, -1])
      expect(told(await answerWith(again.browser, again.challenge, codeNow(secret, off)))).toEqual([401, 'AUTH_CODE_INVALID'])
    nextStep()
    nextStep()
    expect((await answerWith(again.browser, again.challenge, codeNow(secret))).status).toBe(200)
  })

  it('gives one success for one code that is shown four times at once', async () => {
    platform = await startPlatform()
    const { secret } = await withTotp(await setUp(platform))
    const begun = await Promise.all([1, 2, 3, 4].map(() => passwordOf()))
    const code = codeNow(secret)
    const answers = await Promise.all(begun.map(({ browser, challenge }) => answerWith(browser, challenge, code)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401])
  })

  it('makes a sign-in good once, and for five minutes', async () => {
    platform = await startPlatform()
    const { secret } = await withTotp(await setUp(platform))
    const { browser, challenge } = await passwordOf()
    expect((await answerWith(browser, challenge, codeNow(secret))).status).toBe(200)
    nextStep()
    expect(told(await answerWith(platform.browser(), challenge, codeNow(secret)))).toEqual([401, 'AUTH_CHALLENGE_OVER'])
    const late = await passwordOf()
    platform.clock.ms += 300_000
    expect(told(await answerWith(late.browser, late.challenge, codeNow(secret)))).toEqual([401, 'AUTH_CHALLENGE_OVER'])
    expect(told(await answerWith(late.browser, 'blc_nothing', codeNow(secret)))).toEqual([401, 'AUTH_CHALLENGE_OVER'])
    // Other kinds lie in the same collection: what a passkey is asked is no sign-in, whatever it holds.
    const other = await passwordOf()
    const { challenges } = platform.collections
    for (const { id, doc, etag } of (await challenges.find('all', { limit: 50 })).items)
      if (doc.kind === 'challenge') await challenges.replace('all', id, { ...doc, kind: 'passkey' as 'challenge' }, etag)
    expect(told(await answerWith(other.browser, other.challenge, codeNow(secret)))).toEqual([401, 'AUTH_CHALLENGE_OVER'])
  })

  it('cannot be tried through: ten misses block the account, though the password was right each time', async () => {
    platform = await startPlatform()
    const { secret } = await withTotp(await setUp(platform))
    const wrong = ['111111', '222222'].find((code) => ![-1, 0, 1].map((off) => codeNow(secret, off)).includes(code)) ?? ''
    const { browser, challenge } = await passwordOf()
    for (let n = 0; n < 9; n += 1) expect(told(await answerWith(browser, challenge, wrong))).toEqual([401, 'AUTH_CODE_INVALID'])
    expect(told(await answerWith(browser, challenge, codeNow(secret)))).toEqual([401, 'AUTH_CODE_INVALID'])
    expect(told((await passwordOf()).answer)).toEqual([401, 'AUTH_CREDENTIALS_INVALID'])
    platform.clock.ms += 900_000
    const after = await passwordOf()
    expect((await answerWith(after.browser, after.challenge, codeNow(secret))).status).toBe(200)
  })

  it('is not set up by trying codes through', async () => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    const secret = String((await ada.post('/auth/factors/totp')).body.secret)
    const wrong = ['111111', '222222'].find((code) => ![-1, 0, 1].map((off) => codeNow(secret, off)).includes(code)) ?? ''
    for (let n = 0; n < 10; n += 1)
      expect(told(await ada.post('/auth/factors/totp/enable', { code: wrong }))).toEqual([401, 'AUTH_CODE_INVALID'])
    expect(told(await ada.post('/auth/factors/totp/enable', { code: codeNow(secret) }))).toEqual([401, 'AUTH_CODE_INVALID'])
  })

  it('is changed on a fresh factor only', async () => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    const { secret } = await withTotp(ada)
    platform.clock.ms += 301_000
    const attempts = [
      await ada.post('/auth/factors/totp'),
      await ada.post('/auth/factors/totp/enable', { code: codeNow(secret) }),
      await ada.call('DELETE', '/auth/factors/totp'),
      await ada.post('/auth/factors/recovery'),
    ]
    for (const attempt of attempts) expect(told(attempt)).toEqual([403, 'AUTH_STEP_UP_REQUIRED'])
    expect((await ada.get('/auth/factors')).body).toMatchObject({ recoveryLeft: 10 })
  })

  it('lets nobody in who was disabled after the password', async () => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    const { browser: bob, id } = await invited(platform, ada, 'bob@example.com', [{ productId: 'bytelyst-devops', role: 'viewer' }])
    const { secret } = await withTotp(bob)
    const { browser, challenge } = await passwordOf('bob@example.com')
    await ada.post(`/users/${id}/disable`, { reason: 'on leave' })
    expect(told(await answerWith(browser, challenge, codeNow(secret)))).toEqual([401, 'AUTH_CHALLENGE_OVER'])
  })

  it('confirms in place of the password, and a recovery code does not', async () => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    const { secret, recovery } = await withTotp(ada)
    platform.clock.ms += 301_000
    expect(told(await ada.post('/auth/grants', { verb: 'scripts.approve', digest: 'a'.repeat(64) }))).toEqual([
      403,
      'AUTH_STEP_UP_REQUIRED',
    ])
    expect(told(await ada.post('/auth/step-up', {}))).toEqual([400, 'INPUT_INVALID'])
    expect(told(await ada.post('/auth/step-up', { code: recovery[0] }))).toEqual([401, 'AUTH_CODE_INVALID'])
    const shown = await ada.post('/auth/step-up', { code: codeNow(secret) })
    expect(shown.status).toBe(200)
    ada.csrf = String(shown.body.csrfToken)
    expect((await ada.post('/auth/grants', { verb: 'scripts.approve', digest: 'a'.repeat(64) })).status).toBe(201)
  })

  it('outlives a change of JWT_SECRET, twice, and one of ENCRYPTION_KEY', async () => {
    const key = (n: number) => `a secret of the test, number ${n}, long enough`
    platform = await startPlatform({}, { JWT_SECRET: key(1), ENCRYPTION_KEY: key(7) })
    const { secret } = await withTotp(await setUp(platform))
    for (const env of [
      { JWT_SECRET: key(2), JWT_SECRET_PREVIOUS: key(1), ENCRYPTION_KEY: key(7) },
      { JWT_SECRET: key(3), JWT_SECRET_PREVIOUS: key(2), ENCRYPTION_KEY: key(8), ENCRYPTION_KEY_PREVIOUS: key(7) },
    ]) {
      platform = await platform.restart({}, env)
      const { browser, challenge } = await passwordOf()
      expect((await answerWith(browser, challenge, codeNow(secret))).status).toBe(200)
      nextStep()
    }
  })

  it('lies sealed, and no answer, row or line of the log holds secret, code or recovery code', async () => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    const { secret, recovery } = await withTotp(ada)
    const { browser, challenge } = await passwordOf()
    const code = codeNow(secret)
    await answerWith(browser, challenge, code)
    const users = JSON.stringify((await platform.collections.users.find('all', { limit: 10 })).items)
    const rest = [
      JSON.stringify(rowsOf(platform)),
      platform.lines.join(''),
      (await ada.get('/users')).text,
      (await ada.get('/auth/factors')).text,
    ]
    for (const text of [users, ...rest])
      for (const canary of [secret, challenge, ...recovery, ...recovery.map((one) => one.replaceAll('-', ''))])
        expect(text).not.toContain(canary)
  })

  it('is taken away by its person, on a fresh factor', async () => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    expect(told(await ada.call('DELETE', '/auth/factors/totp'))).toEqual([404, 'FACTOR_NOT_FOUND'])
    await withTotp(ada)
    expect((await ada.call('DELETE', '/auth/factors/totp')).status).toBe(204)
    expect((await passwordOf()).answer.body.user).toBeDefined()
    expect((await ada.get('/auth/factors')).body).toEqual({ totpSince: null, recoveryLeft: 0 })
  })
})

describe('recovery codes', () => {
  it('are ten of 24 characters out of 31, that is 118 bits each', async () => {
    platform = await startPlatform()
    const { recovery } = await withTotp(await setUp(platform))
    expect(new Set(recovery).size).toBe(10)
    for (const one of recovery) expect(one.replaceAll('-', '')).toMatch(/^[a-hjkmnp-z2-9]{24}$/)
    // Two hundred and forty characters by chance lack hardly any of the alphabet.
    expect(new Set(recovery.join('').replaceAll('-', '')).size).toBeGreaterThan(20)
  })
})

describe('a recovery code', () => {
  it('signs in once, however it is typed, and new ones end those before', async () => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    const { recovery } = await withTotp(ada)
    expect(new Set(recovery).size).toBe(10)
    const [first = '', second = ''] = recovery
    const one = await passwordOf()
    expect((await answerWith(one.browser, one.challenge, first.toUpperCase().replaceAll('-', ' '))).status).toBe(200)
    const two = await passwordOf()
    expect(told(await answerWith(two.browser, two.challenge, first))).toEqual([401, 'AUTH_CODE_INVALID'])
    expect((await ada.get('/auth/factors')).body).toMatchObject({ recoveryLeft: 9 })
    const renewed = (await ada.post('/auth/factors/recovery')).body.recoveryCodes as unknown as string[]
    expect(told(await answerWith(two.browser, two.challenge, second))).toEqual([401, 'AUTH_CODE_INVALID'])
    expect((await answerWith(two.browser, two.challenge, renewed[0] ?? '')).status).toBe(200)
  })

  it('helps nobody who has an authenticator of another', async () => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    const { browser: bob } = await invited(platform, ada, 'bob@example.com', [{ productId: 'bytelyst-devops', role: 'viewer' }])
    const { recovery } = await withTotp(ada)
    await withTotp(bob)
    const { browser, challenge } = await passwordOf('bob@example.com')
    expect(told(await answerWith(browser, challenge, recovery[0] ?? ''))).toEqual([401, 'AUTH_CODE_INVALID'])
  })
})

describe('an admin', () => {
  it('takes the second factors of a person away, which ends their sessions and is on record', async () => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    const { browser: bob, id } = await invited(platform, ada, 'bob@example.com', [{ productId: 'bytelyst-devops', role: 'viewer' }])
    await withTotp(bob)
    platform.clock.ms += 301_000
    expect(told(await ada.post(`/users/${id}/factors/reset`, { reason: 'lost the phone' }))).toEqual([403, 'AUTH_STEP_UP_REQUIRED'])
    expect((await ada.post('/auth/step-up', { password: goodPassword })).status).toBe(200)
    expect((await bob.post(`/users/${id}/factors/reset`, { reason: 'lost the phone' })).status).toBe(403)
    const answer = await ada.post(`/users/${id}/factors/reset`, { reason: 'lost the phone' })
    expect(answer.body).toMatchObject({ factors: ['password'], sessionCount: 0 })
    expect((await bob.get('/auth/session')).status).toBe(401)
    expect((await passwordOf('bob@example.com')).answer.body.user).toBeDefined()
    expect(rowsOf(platform).find(({ action, outcome }) => action === 'users.factor.reset' && outcome === 'done')?.target).toBe(id)
  })
})

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { authenticatorCode } from '@console/testkit/authenticator'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { partition } from '../../collections.ts'
import { type Answer, type Browser, goodPassword, invited, type Platform, rowsOf, setUp, startPlatform } from '../../platform.fake.ts'

let platform: Platform
let ada: Browser
let bob: { browser: Browser; id: string }
const email = 'bob@example.com'
const next = 'copper meadow lantern seven'
const code = (answer: Answer) => [answer.status, String(answer.body.code)]
const make = (id = bob.id, who = ada) => who.post(`/users/${id}/reset-link`, { reason: 'forgot the password' })
const tokenOf = (answer: Answer) => String(answer.body.link).split('#')[1] ?? ''
const reset = (token: string, password = next) => platform.browser().post('/auth/password/reset', { token, password })
const over = [404, 'RESET_NOT_FOUND']
beforeEach(async () => {
  platform = await startPlatform()
  ada = await setUp(platform)
  bob = await invited(platform, ada, email, [{ productId: 'bytelyst-devops', role: 'viewer' }])
})
afterEach(() => platform.close())

describe('a link for a new password', () => {
  it('has 256 bits behind the #, is answered once and kept as a hash', async () => {
    const made = await make()
    expect([made.status, made.body.mail, made.body.mailTrouble]).toEqual([201, 'off', null])
    expect(String(made.body.link)).toMatch(/^http:\/\/localhost:3001\/reset#blr_[A-Za-z0-9_-]{43}$/)
    expect(Date.parse(String(made.body.expiresAt)) - platform.clock.ms).toBe(1_800_000)
    const shown = await platform.browser().post('/auth/password/reset/show', { token: tokenOf(made) })
    expect(shown.body).toEqual({ email, secondFactor: false, expiresAt: made.body.expiresAt })
    expect((await reset(tokenOf(made))).status).toBe(204)
    await platform.app.sweeper.sweep()
    const audit = join(platform.folder, 'platform/audit')
    const kept = [
      ...readdirSync(audit).map((file) => readFileSync(join(audit, file), 'utf8')),
      ...['store.db', 'store.db-wal'].map((file) => readFileSync(join(platform.folder, 'platform', file), 'latin1')),
      ...platform.lines,
    ].join('\n')
    expect(kept).toContain(bob.id)
    expect(kept).not.toContain(tokenOf(made))
    expect(kept).not.toContain(next)
  })

  it('sets the password and ends every session, and signs nobody in', async () => {
    const answer = await reset(tokenOf(await make()))
    expect([answer.status, answer.setCookies]).toEqual([204, []])
    expect((await bob.browser.get('/auth/session')).status).toBe(401)
    expect((await platform.browser().signIn(email, goodPassword)).status).toBe(401)
    expect((await platform.browser().signIn(email, next)).status).toBe(200)
  })

  it('is used once', async () => {
    const token = tokenOf(await make())
    expect((await reset(token)).status).toBe(204)
    expect(code(await reset(token, 'yellow granite anchor sixty'))).toEqual(over)
    expect((await platform.browser().signIn(email, next)).status).toBe(200)
  })

  it('is used by one of five at once', async () => {
    const token = tokenOf(await make())
    const passwords = ['one', 'two', 'three', 'four', 'five'].map((word) => `${next} ${word}`)
    const answers = await Promise.all(passwords.map((password) => reset(token, password)))
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 404, 404, 404, 404])
    const won = passwords[answers.findIndex(({ status }) => status === 204)] ?? ''
    for (const password of passwords) expect((await platform.browser().signIn(email, password)).status).toBe(password === won ? 200 : 401)
  })

  it('ends after 30 minutes, and when a newer one is made', async () => {
    const first = tokenOf(await make())
    platform.clock.ms += 1_000
    const second = tokenOf(await make())
    expect(code(await reset(first))).toEqual(over)
    platform.clock.ms += 1_799_999
    expect((await platform.browser().post('/auth/password/reset/show', { token: second })).status).toBe(200)
    platform.clock.ms += 1
    expect(code(await reset(second))).toEqual(over)
    expect(code(await platform.browser().post('/auth/password/reset/show', { token: second }))).toEqual(over)
    platform.clock.ms += 1
    await platform.app.sweeper.sweep()
    expect((await platform.collections.resets.find(partition, { where: [{ f: 'kind', op: 'eq', v: 'reset' }], limit: 9 })).items).toEqual(
      [],
    )
  })

  it('is worth nothing once its person is disabled, also after they are let in again', async () => {
    const token = tokenOf(await make())
    await ada.post(`/users/${bob.id}/disable`, { reason: 'left the company' })
    expect(code(await reset(token))).toEqual(over)
    await ada.post(`/users/${bob.id}/enable`)
    expect(code(await reset(token))).toEqual(over)
    expect((await platform.browser().signIn(email, goodPassword)).status).toBe(200)
  })

  it('shows nothing of a person who is disabled, even where the link was left', async () => {
    const token = tokenOf(await make())
    const { users } = platform.collections
    const user = await users.get(partition, bob.id)
    if (user) await users.replace(partition, user.id, { ...user.doc, status: 'disabled' }, user.etag)
    expect(code(await platform.browser().post('/auth/password/reset/show', { token }))).toEqual(over)
  })

  it('sets nothing where its person is disabled while it is being used', async () => {
    const token = tokenOf(await make())
    const { resets, users } = platform.collections
    const { remove } = resets
    Object.assign(resets, {
      remove: async (...of: Parameters<typeof remove>) => {
        const user = await users.get(partition, bob.id)
        if (user) await users.replace(partition, user.id, { ...user.doc, status: 'disabled' }, user.etag)
        return remove.apply(resets, of)
      },
    })
    const before = (await users.get(partition, bob.id))?.doc.password
    expect(code(await reset(token))).toEqual(over)
    const after = (await users.get(partition, bob.id))?.doc
    expect([after?.status, after?.password]).toEqual(['disabled', before])
  })

  it('ends when the person changes the password by themselves', async () => {
    const token = tokenOf(await make())
    const changed = { current: goodPassword, next, endOtherSessions: false }
    expect((await bob.browser.post('/auth/password/change', changed)).status).toBe(200)
    expect(code(await reset(token))).toEqual(over)
  })

  it('does not skip the second factor, and ends a sign-in that was begun with the old password', async () => {
    const seed = String((await bob.browser.post('/auth/factors/totp')).body.secret)
    await bob.browser.post('/auth/factors/totp/enable', { code: authenticatorCode(seed, platform.clock.ms) })
    platform.clock.ms += 60_000
    const begun = await platform.browser().signIn(email, goodPassword)
    const token = tokenOf(await make())
    expect((await platform.browser().post('/auth/password/reset/show', { token })).body).toMatchObject({ secondFactor: true })
    expect((await reset(token)).status).toBe(204)
    const late = { challenge: begun.body.challenge, code: authenticatorCode(seed, platform.clock.ms) }
    expect(code(await platform.browser().post('/auth/challenge', late))).toEqual([401, 'AUTH_CHALLENGE_OVER'])
    const answer = await platform.browser().signIn(email, next)
    expect([answer.status, answer.setCookies, typeof answer.body.challenge]).toEqual([200, [], 'string'])
  })

  it('asks for a password that is hard to guess, and stays good until there is one', async () => {
    const token = tokenOf(await make())
    expect(code(await reset(token, 'short'))).toEqual([400, 'AUTH_PASSWORD_WEAK'])
    expect(code(await reset(token, 'bob@example.com bob'))).toEqual([400, 'AUTH_PASSWORD_WEAK'])
    expect((await reset(token)).status).toBe(204)
  })

  it('lets a blocked account in again', async () => {
    for (let n = 0; n < 10; n += 1) await platform.browser().signIn(email, 'wrong')
    expect((await platform.browser().signIn(email, goodPassword)).status).toBe(401)
    expect((await reset(tokenOf(await make()))).status).toBe(204)
    expect((await platform.browser().signIn(email, next)).status).toBe(200)
  })

  it('leaves nothing open for whoever was just signing in with the old password', async () => {
    const token = tokenOf(await make())
    const { sessions } = platform.collections
    const { insert } = sessions
    let used: Answer | undefined
    Object.assign(sessions, {
      insert: async (...of: Parameters<typeof insert>) => {
        platform.clock.ms += 1
        used ??= await reset(token)
        return insert.apply(sessions, of)
      },
    })
    expect(code(await platform.browser().signIn(email, goodPassword))).toEqual([401, 'AUTH_CREDENTIALS_INVALID'])
    expect(used?.status).toBe(204)
    Object.assign(sessions, { insert })
    const kept = (await sessions.find(partition, { where: [{ f: 'userId', op: 'eq', v: bob.id }], limit: 50 })).items
    expect(kept.map(({ doc }) => doc.endedAt !== null)).toEqual([true, true])
    expect((await platform.browser().signIn(email, next)).status).toBe(200)
  })

  it('buys no more guesses of a second factor', async () => {
    const seed = String((await bob.browser.post('/auth/factors/totp')).body.secret)
    await bob.browser.post('/auth/factors/totp/enable', { code: authenticatorCode(seed, platform.clock.ms) })
    for (let n = 0; n < 10; n += 1) await platform.browser().signIn(email, 'wrong')
    expect((await reset(tokenOf(await make()))).status).toBe(204)
    expect((await platform.browser().signIn(email, next)).status).toBe(401)
  })

  it('is made for somebody else who is active, by an admin who just showed a factor', async () => {
    const adaId = String((await ada.get('/auth/session')).body.user?.id)
    expect(code(await make(adaId))).toEqual([409, 'USER_SELF'])
    expect(code(await make('nobody'))).toEqual([404, 'USER_NOT_FOUND'])
    expect(code(await make(bob.id, bob.browser))).toEqual([403, 'AUTH_FORBIDDEN'])
    await ada.post(`/users/${bob.id}/disable`, { reason: 'left the company' })
    expect(code(await make())).toEqual([409, 'USER_DISABLED'])
    platform.clock.ms += 300_001
    expect(code(await make())).toEqual([403, 'AUTH_STEP_UP_REQUIRED'])
  })

  it('leaves rows of who made it and who used it', async () => {
    const adaId = String((await ada.get('/auth/session')).body.user?.id)
    const token = tokenOf(await make())
    await reset('blr_wrong')
    await reset(token)
    await platform.app.sweeper.sweep()
    const rows = rowsOf(platform)
      .filter(({ action }) => /^users\.resetLink|^auth\.password/.test(action))
      .map(({ action, outcome, actor, target, code: why }) => [action, outcome, actor.id, target, why])
    expect(rows).toEqual([
      ['users.resetLink.create', 'started', adaId, bob.id, undefined],
      ['users.resetLink.create', 'done', adaId, bob.id, undefined],
      ['auth.password.reset', 'failed', 'anonymous', 'own password', 'RESET_NOT_FOUND'],
      ['auth.password.reset', 'started', bob.id, 'own password', undefined],
      ['auth.password.reset', 'done', bob.id, 'own password', undefined],
    ])
  })
})

describe('a password that must be set anew', () => {
  const require_ = (...userIds: string[]) => ada.post('/users/bulk', { userIds, deed: 'requireReset', reason: 'it stood in a leak' })

  it('is worth nothing any more, nor are sessions and links, and a new link sets another', async () => {
    const token = tokenOf(await make())
    const answer = await require_(bob.id)
    expect([answer.status, answer.body.done]).toEqual([200, 1])
    expect((await bob.browser.get('/auth/session')).status).toBe(401)
    expect((await platform.browser().signIn(email, goodPassword)).status).toBe(401)
    expect(code(await reset(token))).toEqual(over)
    expect((await reset(tokenOf(await make()))).status).toBe(204)
    expect((await platform.browser().signIn(email, next)).status).toBe(200)
    const rows = rowsOf(platform).filter(({ action }) => action === 'users.password.require')
    expect(rows.map(({ target, outcome }) => [target, outcome])).toEqual([
      [bob.id, 'started'],
      [bob.id, 'done'],
    ])
  })

  it('is never one’s own, nor that of nobody', async () => {
    const adaId = String((await ada.get('/auth/session')).body.user?.id)
    const answer = await require_(adaId, 'nobody', bob.id)
    expect((answer.body.results as unknown as { code: string | null }[]).map((one) => one.code)).toEqual([
      'USER_SELF',
      'USER_NOT_FOUND',
      null,
    ])
    expect((await ada.get('/auth/session')).status).toBe(200)
    const alone = await ada.post(`/users/${bob.id}/require-reset`, { reason: 'it stood in a leak' })
    expect([alone.status, alone.body.sessionCount]).toEqual([200, 0])
  })
})

describe('a forgotten password', () => {
  const forgot = (who: string, browser = platform.browser()) => browser.post('/auth/password/forgot', { email: who })

  it('is answered the same for every e-mail, and nothing is made where no mail is set', async () => {
    const answers = [await forgot(email), await forgot('nobody@example.com'), await forgot(email, bob.browser)]
    for (const { status, body } of answers) expect([status, body]).toEqual([202, { mails: false }])
    const { resets } = platform.collections
    expect((await resets.find(partition, { where: [{ f: 'kind', op: 'eq', v: 'reset' }], limit: 9 })).items).toEqual([])
  })

  it('leaves a row for each wish, and a count for a flood of them', async () => {
    for (let n = 0; n < 9; n += 1) expect((await forgot(`who${n}@example.com`)).status).toBe(202)
    platform.clock.ms += 60_000
    await platform.app.sweeper.sweep()
    const rows = rowsOf(platform).filter(({ action }) => action === 'auth.password.forgot')
    expect(rows).toHaveLength(6)
    expect(rows.reduce((sum, { count = 1 }) => sum + count, 0)).toBe(9)
    expect(new Set(rows.map(({ outcome }) => outcome))).toEqual(new Set(['done']))
  })
})

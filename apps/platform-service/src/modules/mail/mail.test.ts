import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type SmtpSink, startSmtpSink } from '@console/testkit/smtp-sink'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Answer, type Browser, goodPassword, type Platform, rowsOf, setUp, startPlatform } from '../../platform.fake.ts'

const login = { user: 'console', password: 'hush-9f2c41d8e7b6' }
const patient = { timeout: 30_000 }
const next = 'copper meadow lantern seven'
const memberships = [{ productId: 'bytelyst-devops', role: 'viewer' }]
let sink: SmtpSink
let platform: Platform
let ada: Browser
beforeEach(async () => {
  sink = await startSmtpSink({ login, startTls: true })
  const url = `smtp://${login.user}:${login.password}@localhost:${sink.port}?ca=${sink.authority}`
  platform = await startPlatform({ mailQueue: { pausesMs: [20, 20] } }, { SMTP_URL: url })
  ada = await setUp(platform)
}, 60_000)
afterEach(async () => {
  await platform.close()
  await sink.close()
}, 60_000)

const linkIn = (text = ''): string => /http:\/\/localhost:3001\/\S+/.exec(text)?.[0] ?? ''
const tokenIn = (text = ''): string => linkIn(text).split('#')[1] ?? ''
const to = (who: string) => sink.mails.filter((mail) => mail.to.includes(who))
const mailRows = () =>
  rowsOf(platform).filter(({ action }) => action === 'mail.message.send') as (ReturnType<typeof rowsOf>[number] & {
    details: { kind: string; tries: number; trouble?: string }
  })[]
/** Somebody who came by a mailed invite. */
const join_ = async (email: string): Promise<{ id: string; browser: Browser }> => {
  const made = await ada.post('/invites', { email, memberships })
  expect([made.status, made.body.mail, made.body.link]).toEqual([201, 'sent', null])
  const browser = platform.browser()
  const token = tokenIn(to(email).at(-1)?.text)
  const answer = await browser.post('/invites/accept', { token, name: 'Bob', password: goodPassword })
  expect(answer.status).toBe(201)
  browser.csrf = String((await browser.get('/auth/session')).body.csrfToken)
  return { id: String(answer.body.userId), browser }
}
const resetWith = (token: string) => platform.browser().post('/auth/password/reset', { token, password: next })

describe('invites of a file', () => {
  it('say which of them were mailed, and tell the links of the others alone', async () => {
    const send = (name: string) =>
      ada.post('/users/import', {
        format: 'csv',
        as: 'invites',
        dryRun: false,
        text: `email,name,memberships\n${name}@example.com,${name},bytelyst-devops:viewer`,
      })
    expect((await send('bob')).body.results).toMatchObject([{ outcome: 'created', mail: 'sent', link: null }])
    sink.mood = 'refuses'
    expect((await send('eve')).body.results).toMatchObject([
      { outcome: 'created', mail: 'failed', link: expect.stringContaining('/invite#bli_') },
    ])
    expect(to('bob@example.com')).toHaveLength(1)
  }, 60_000)
})

describe('an invite', () => {
  it('is mailed to the person, encrypted, and its link is told to nobody else', async () => {
    const made = await ada.post('/invites', { email: 'bob@example.com', name: 'Bob\r\nBcc: eve@example.com', memberships })
    expect(made.body).toMatchObject({ mail: 'sent', mailTrouble: null, link: null })
    const [mail] = to('bob@example.com')
    expect(mail).toMatchObject({ encrypted: true, user: login.user, to: ['bob@example.com'] })
    expect(mail?.text).toContain('Hello Bob Bcc: eve@example.com,')
    expect(mail?.text).toContain('Ada King gives you access: viewer in')
    expect(linkIn(mail?.text)).toMatch(/^http:\/\/localhost:3001\/invite#bli_[A-Za-z0-9_-]{43}$/)
    const shown = await platform.browser().post('/invites/show', { token: tokenIn(mail?.text) })
    expect(shown.status).toBe(200)
    const again = await ada.post(`/invites/${made.body.invite?.id}/renew`)
    expect([again.body.mail, again.body.link, to('bob@example.com').length]).toEqual(['sent', null, 2])
  }, 60_000)

  it('that cannot be mailed is answered with its link and the reason, and an admin sees it later too', async () => {
    sink.mood = 'refuses'
    const made = await ada.post('/invites', { email: 'bob@example.com', memberships })
    expect([made.status, made.body.mail]).toEqual([201, 'failed'])
    const token = String(made.body.link).split('#')[1]
    expect((await platform.browser().post('/invites/show', { token })).status).toBe(200)
    const { body } = await ada.get('/mail')
    expect(body).toMatchObject({
      server: `localhost:${sink.port}`,
      waiting: 0,
      lastSentAt: null,
      lastFailure: { trouble: made.body.mailTrouble },
    })
    expect(mailRows()).toMatchObject([
      { outcome: 'failed', code: 'MAIL_FAILED', target: String(made.body.invite?.id), details: { kind: 'invite', tries: 1 } },
    ])
  }, 60_000)
})

describe('a link for a new password', () => {
  it('is mailed when an admin makes it, and told to the admin only where that fails', async () => {
    const { id } = await join_('bob@example.com')
    const made = await ada.post(`/users/${id}/reset-link`, { reason: 'asked by phone' })
    expect([made.status, made.body.mail, made.body.link]).toEqual([201, 'sent', null])
    expect((await resetWith(tokenIn(to('bob@example.com').at(-1)?.text))).status).toBe(204)
    sink.mood = 'busy'
    const failed = await ada.post(`/users/${id}/reset-link`, { reason: 'asked again' })
    expect([failed.status, failed.body.mail, failed.body.mailTrouble]).toEqual([
      201,
      'failed',
      'The mail server does not take the mail now.',
    ])
    expect((await resetWith(String(failed.body.link).split('#')[1] ?? '')).status).toBe(204)
  }, 60_000)

  it('is mailed to whoever forgot it, at the third try if need be, and the answer is the same for a stranger', async () => {
    await join_('bob@example.com')
    const before = sink.mails.length
    sink.mood = 'busy'
    const tries = sink.tries()
    const forgot = (email: string) => platform.browser().post('/auth/password/forgot', { email })
    const told = ({ status, body, headers }: Answer) => [status, body, headers['content-length']]
    const known = await forgot(' BOB@example.com')
    expect(told(await forgot('nobody@example.com'))).toEqual(told(known))
    expect([known.status, known.body]).toEqual([202, { mails: true }])
    await vi.waitFor(() => expect(sink.tries()).toBeGreaterThan(tries), patient)
    sink.mood = 'good'
    await vi.waitFor(() => expect(sink.mails.length).toBe(before + 1), patient)
    const [, mail] = to('bob@example.com')
    expect(linkIn(mail?.text)).toMatch(/\/reset#blr_[A-Za-z0-9_-]{43}$/)
    expect((await resetWith(tokenIn(mail?.text))).status).toBe(204)
    expect(rowsOf(platform).filter(({ action, actor }) => action === 'users.resetLink.create' && actor.kind === 'service')).toMatchObject([
      { outcome: 'started' },
      { outcome: 'done' },
    ])
  }, 60_000)

  it('is mailed three times a quarter of an hour at most, and to nobody who is disabled', async () => {
    const { id } = await join_('bob@example.com')
    const forgot = () => platform.browser().post('/auth/password/forgot', { email: 'bob@example.com' })
    for (let n = 0; n < 5; n += 1) expect(await forgot()).toMatchObject({ status: 202, body: { mails: true } })
    await vi.waitFor(() => expect(to('bob@example.com')).toHaveLength(4), patient)
    expect((await ada.get('/throttles')).body).toMatchObject({ items: [{ kind: 'reset', subject: 'bob@example.com', failures: 3 }] })
    platform.clock.ms += 900_001
    ada = platform.browser()
    await ada.signIn('ada@example.com', goodPassword)
    await ada.post(`/users/${id}/disable`, { reason: 'left the company' })
    await forgot()
    expect((await ada.post('/mail/test')).body).toEqual({ mail: 'sent', mailTrouble: null })
    // Closing waits for what was begun.
    platform = await platform.restart()
    expect(to('bob@example.com')).toHaveLength(4)
  }, 60_000)
})

describe('a password that must be set anew', () => {
  it('comes with a link by mail', async () => {
    const { id } = await join_('bob@example.com')
    const asked = { userIds: [id], deed: 'requireReset', reason: 'it stood in a leak' }
    expect((await ada.post('/users/bulk', asked)).body).toMatchObject({ done: 1 })
    await vi.waitFor(() => expect(to('bob@example.com')).toHaveLength(2), patient)
    const text = to('bob@example.com').at(-1)?.text
    expect(text).toContain('An admin has ended your present password')
    expect((await resetWith(tokenIn(text))).status).toBe(204)
  }, 60_000)
})

describe('a person', () => {
  it('is told by mail when their password or factors changed, and by whom', async () => {
    const { id, browser } = await join_('bob@example.com')
    const subjects = () => to('bob@example.com').map(({ headers }) => /^Subject: (.*)$/m.exec(headers)?.[1])
    await browser.post('/auth/password/change', { current: goodPassword, next, endOtherSessions: false })
    await vi.waitFor(() => expect(subjects()).toContain('Your password was changed'), patient)
    await ada.post(`/users/${id}/factors/reset`, { reason: 'lost the phone' })
    await vi.waitFor(() => expect(subjects()).toContain('Your second factors were taken away'), patient)
    expect(to('bob@example.com').at(-1)?.text).toContain('By: Ada King')
    await ada.post(`/users/${id}/reset-link`, { reason: 'asked by phone' })
    await resetWith(tokenIn(to('bob@example.com').at(-1)?.text))
    await vi.waitFor(() => expect(subjects()).toContain('Your password was set anew'), patient)
    for (const { text } of to('bob@example.com').slice(1)) expect(text).not.toContain(next)
  }, 60_000)
})

describe('what is told of the mail server', () => {
  it('never holds its password, whatever happens', async () => {
    sink.mood = 'refuses'
    await ada.post('/invites', { email: 'bob@example.com', memberships })
    const answers = [await ada.get('/mail'), await ada.post('/mail/test')]
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    const dir = join(platform.folder, 'platform/audit')
    const rows = readdirSync(dir).map((file) => readFileSync(join(dir, file), 'utf8'))
    expect(rows.join('')).toContain('mail.message.send')
    for (const text of [...answers.map(({ text }) => text), ...rows, ...platform.lines]) expect(text).not.toContain(login.password)
  }, 60_000)
})

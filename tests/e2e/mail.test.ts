/// <reference lib="dom" />
import { describeNeeding } from '@console/testkit/needs'
import { type SmtpSink, startSmtpSink } from '@console/testkit/smtp-sink'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { listenForNoise, newContext, pageFindings } from './chromium-page.ts'
import { type SeededBrowser, startSeededBrowser } from './seeded-browser.ts'

const minute = 60_000
const patient = { timeout: 45_000 }
const bob = 'bob@example.net'
const passwords = { first: 'violet harbor quartz ninety', second: 'copper meadow lantern seven', third: 'yellow granite anchor sixty' }

describeNeeding('chromium', 'links by mail', () => {
  let here: SeededBrowser
  let sink: SmtpSink
  let stranger: Page

  beforeAll(async () => {
    sink = await startSmtpSink()
    here = await startSeededBrowser({ SMTP_URL: `smtp://localhost:${sink.port}` })
    stranger = await (await newContext(here.browser)).newPage()
    await listenForNoise(stranger, here.noise)
  }, 3 * minute)
  afterAll(async () => {
    await here?.stop()
    await sink?.close()
  }, minute)

  /** The newest link of a kind that came by mail. */
  const mailed = async (kind: 'invite' | 'reset'): Promise<string> => {
    const links = () => sink.mails.flatMap(({ text }) => text.match(new RegExp(`http://localhost:[0-9]+/${kind}#\\S+`, 'g')) ?? [])
    await expect.poll(() => links().length, patient).toBeGreaterThan(0)
    return links().at(-1) ?? ''
  }
  const choose = async (password: string, button: string): Promise<void> => {
    await stranger.getByLabel('Password', { exact: true }).fill(password)
    await stranger.getByLabel('Password again').fill(password)
    await stranger.getByRole('button', { name: button }).click()
  }
  const signIn = async (password: string): Promise<void> => {
    await stranger.getByLabel('E-mail').fill(bob)
    await stranger.getByLabel('Password', { exact: true }).fill(password)
    await stranger.getByRole('button', { name: 'Sign in', exact: true }).click()
  }
  const signedIn = () => stranger.getByRole('button', { name: /account menu/ }).waitFor()

  it(
    'bring the invited person in, who sees the link alone',
    async () => {
      const { page, running } = here
      await page.goto(`${running.adminWeb}/people?invite=true`)
      const dialog = page.getByRole('dialog', { name: 'Invite a person' })
      await dialog.getByLabel('E-mail').fill(bob)
      await dialog.getByRole('button', { name: 'Invite', exact: true }).click()
      const told = page.getByRole('dialog', { name: `${bob} is invited` })
      await told.getByText(`Mailed to ${bob}.`).waitFor()
      expect(await told.textContent()).not.toContain('/invite#')
      expect(await pageFindings(page, 'invite-mailed')).toEqual([])
      await stranger.goto(await mailed('invite'))
      await stranger.getByLabel('Your name').fill('Bob Bell')
      await choose(passwords.first, 'Make the account')
      await stranger.getByRole('heading', { name: 'You are signed in' }).waitFor()
    },
    2 * minute,
  )

  it(
    'help who forgot the password, from the sign-in, by keys alone, and end the sessions of before',
    async () => {
      const { running } = here
      const before = stranger
      stranger = await (await newContext(here.browser)).newPage()
      await listenForNoise(stranger, here.noise)
      await stranger.goto(running.devopsWeb)
      await stranger.getByRole('button', { name: 'Forgot it?' }).focus()
      await stranger.keyboard.press('Enter')
      await stranger.getByRole('heading', { name: 'Set a new password' }).waitFor()
      expect(await pageFindings(stranger, 'forgot')).toEqual([])
      await stranger.getByLabel('E-mail').fill(bob)
      await stranger.keyboard.press('Enter')
      await stranger.getByRole('status').filter({ hasText: 'a link is on its way' }).waitFor()
      expect(await pageFindings(stranger, 'forgot-asked')).toEqual([])
      const link = await mailed('reset')
      await stranger.goto(link)
      await stranger.getByLabel('E-mail').waitFor()
      expect(await stranger.getByLabel('E-mail').inputValue()).toBe(bob)
      expect(await pageFindings(stranger, 'reset')).toEqual([])
      await choose('passwordpassword', 'Set the password')
      await stranger.getByText('too easy to guess').waitFor()
      await choose(passwords.second, 'Set the password')
      await stranger.getByRole('heading', { name: 'The password is set' }).waitFor()
      expect(new URL(stranger.url()).hash).toBe('')
      expect(await pageFindings(stranger, 'reset-done')).toEqual([])
      await before.goto(running.devopsWeb)
      await before.getByRole('heading', { name: 'Sign in' }).waitFor()
      await stranger.getByRole('link', { name: 'Sign in' }).click()
      await stranger.getByRole('heading', { name: 'Sign in' }).waitFor()
      await signIn(passwords.second)
      await signedIn()
      const again = await before.context().newPage()
      await again.goto(link)
      await again.getByRole('heading', { name: 'This link does not work' }).waitFor()
      expect(await pageFindings(again, 'reset-over')).toEqual([])
    },
    3 * minute,
  )

  it(
    'are told to the admin where they could not be mailed, with the reason',
    async () => {
      const { page, running } = here
      sink.mood = 'busy'
      await page.goto(`${running.adminWeb}/people?q=bob`)
      await page.getByRole('button', { name: 'More for Bob Bell' }).click()
      await page.getByRole('menuitem', { name: 'Reset password…' }).click()
      const dialog = page.getByRole('dialog', { name: /Give Bob Bell a link/ })
      await dialog.getByLabel('Reason').fill('asked by phone')
      await dialog.getByRole('button', { name: 'Make the link' }).click()
      const told = page.getByRole('dialog', { name: 'A new link' })
      await told.getByText('does not take the mail now').waitFor()
      expect(await pageFindings(page, 'reset-link')).toEqual([])
      await stranger.goto(String(await told.locator('code').textContent()))
      await choose(passwords.third, 'Set the password')
      await stranger.getByRole('heading', { name: 'The password is set' }).waitFor()
      await stranger.getByRole('link', { name: 'Sign in' }).click()
      await signIn(passwords.third)
      await signedIn()
    },
    2 * minute,
  )

  it(
    'are listed with what became of them, sent again and taken back',
    async () => {
      const { page, running, noise } = here
      sink.mood = 'good'
      await page.goto(`${running.adminWeb}/invites`)
      const row = (text: string) => page.getByRole('row').filter({ hasText: text })
      await row(bob).getByText('accepted', { exact: true }).waitFor()
      await page.getByRole('button', { name: 'Invite…' }).click()
      const dialog = page.getByRole('dialog', { name: 'Invite a person' })
      await dialog.getByLabel('E-mail').fill('eve@example.net')
      await dialog.getByLabel('Role in DevOps').selectOption('operator')
      await dialog.getByLabel('In DevOps until, UTC').fill('2999-12-31')
      expect(await pageFindings(page, 'invites-make')).toEqual([])
      await dialog.getByRole('button', { name: 'Invite', exact: true }).click()
      await page.getByRole('dialog', { name: 'eve@example.net is invited' }).getByRole('button', { name: 'Done' }).click()
      await page.getByRole('heading', { name: '1 invite is open' }).waitFor()
      expect(await row('eve@').textContent()).toMatch(/operator.*mailed/)
      expect(await pageFindings(page, 'invites')).toEqual([])

      sink.mood = 'refuses'
      await row('eve@')
        .getByRole('button', { name: /^Send again…/ })
        .click()
      await page.getByRole('button', { name: 'Make a new link' }).click()
      const link = await page.getByRole('dialog', { name: 'A new link' }).locator('code').textContent()
      expect(link).toMatch(/\/invite#bli_/)
      await page.getByRole('dialog', { name: 'A new link' }).getByRole('button', { name: 'Done' }).click()
      await row('eve@').getByText('could not be mailed').waitFor()
      await page
        .getByRole('status')
        .filter({ hasText: `Mail by localhost:${sink.port} failed` })
        .waitFor()
      expect(await pageFindings(page, 'invites-mail-fails')).toEqual([])
      sink.mood = 'good'
      await page.getByRole('button', { name: 'Send me a test' }).click()
      await page.getByText('A mail is on its way to you').waitFor()
      await page.getByText(`Mail by localhost:${sink.port} failed`).waitFor({ state: 'detached' })

      await row('eve@')
        .getByRole('button', { name: /^Take back…/ })
        .click()
      await page.getByRole('button', { name: 'Take it back' }).click()
      await row('eve@').getByText('taken back by First Admin').waitFor()
      await page.getByRole('heading', { name: 'No invite is open' }).waitFor()
      await page.goto(`${running.adminWeb}/invites?state=revoked`)
      await row('eve@').waitFor()
      expect(await row(bob).count()).toBe(0)
      await page.goto(`${running.adminWeb}/invites?q=nobody`)
      await page.getByText('No invite matches').waitFor()
      expect(noise).toEqual([])
    },
    3 * minute,
  )
})

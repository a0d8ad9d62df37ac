/// <reference lib="dom" />
import { authenticatorCode } from '@console/testkit/authenticator'
import { describeNeeding } from '@console/testkit/needs'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { axeFindings, listenForNoise, newContext, overflows, takePictures } from './chromium-page.ts'
import { firstAdmin } from './seed-console.ts'
import { type SeededBrowser, startSeededBrowser } from './seeded-browser.ts'

const minute = 60_000

describeNeeding('chromium', 'the sign-in settings', () => {
  let here: SeededBrowser

  beforeAll(async () => {
    here = await startSeededBrowser()
  }, 3 * minute)
  afterAll(() => here?.stop(), minute)

  const findings = async (page: Page, name: string): Promise<string[]> => {
    await takePictures(page, process.env.PICTURES_DIR, name)
    const found = [...(await axeFindings(page)), ...(await overflows(page, [1_440, 390]))]
    await page.setViewportSize({ width: 1_440, height: 900 })
    return found
  }

  it(
    'tell a field that breaks its rule, keep what was typed beside the keys, and are saved with what was before',
    async () => {
      const { running, page, noise } = here
      await page.goto(`${running.adminWeb}/settings`)
      const idle = page.getByLabel('Idle time, in minutes')
      await idle.fill('481')
      await page.getByText('Must be a whole number. A session that nobody uses ends.').waitFor()
      expect(await idle.getAttribute('aria-invalid')).toBe('true')
      expect(await findings(page, 'settings-error')).toEqual([])
      await idle.fill('240')
      await page.getByLabel('Second factor').selectOption('everybody')
      await page.getByLabel('Passkeys').selectOption('false')
      await page.getByText('3 not saved yet').waitFor()
      await page.getByRole('radio', { name: 'Signing keys' }).click()
      await page.getByRole('row', { name: /signs/ }).waitFor()
      expect(page.url()).toContain('tab=keys')
      expect(await findings(page, 'settings-keys')).toEqual([])
      await page.getByRole('radio', { name: 'Rules' }).click()
      await page.getByText('3 not saved yet').waitFor()
      await page.getByRole('button', { name: 'Save…' }).press('Enter')
      const dialog = page.getByRole('dialog', { name: 'Change how people sign in?' })
      await dialog.getByText('480 → 240').waitFor()
      expect(await findings(page, 'settings-save')).toEqual([])
      await dialog.getByRole('button', { name: 'Save' }).press('Enter')
      await dialog.waitFor({ state: 'detached' })
      await page.getByText('Nothing changed').waitFor()
      expect(await idle.inputValue()).toBe('240')
      expect(noise).toEqual([])
    },
    2 * minute,
  )

  it(
    'lead whoever needs a second factor and has none to making one, and then in',
    async () => {
      const { running, browser, noise } = here
      const context = await newContext(browser)
      const page = await context.newPage()
      await listenForNoise(page, noise)
      await page.goto(running.devopsWeb)
      // Whether a passkey comes first is not known before the API has said so.
      await expect.poll(() => page.getByRole('button', { name: 'Use a passkey' }).count(), { timeout: 45_000 }).toBe(0)
      await page.getByText('or', { exact: true }).waitFor({ state: 'detached' })
      await page.getByLabel('E-mail').fill(firstAdmin.email)
      await page.getByLabel('Password', { exact: true }).fill(firstAdmin.password)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('heading', { name: 'Set up a second factor' }).waitFor()
      expect((await context.request.get(`${running.devopsApi}/services`)).status()).toBe(401)
      expect(await findings(page, 'enrol')).toEqual([])
      await page.getByRole('button', { name: 'Set up an authenticator app…' }).press('Enter')
      const dialog = page.getByRole('dialog', { name: 'Set up an authenticator app' })
      const secret = ((await dialog.locator('.once code').textContent()) ?? '').replaceAll(' ', '')
      await dialog.getByLabel('The code that the app shows').fill(authenticatorCode(secret, Date.now()))
      await dialog.getByRole('button', { name: 'Continue' }).click()
      const kept = page.getByRole('dialog', { name: 'Keep these ten recovery codes' })
      await kept.getByRole('checkbox').press('Space')
      await kept.getByRole('button', { name: 'Done' }).click()
      await page.getByRole('navigation', { name: 'Pages' }).waitFor()
      await expect.poll(async () => (await context.request.get(`${running.devopsApi}/services`)).status(), { timeout: 45_000 }).toBe(200)
      await context.close()
      expect(noise).toEqual([])
    },
    2 * minute,
  )
})

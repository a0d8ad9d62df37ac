/// <reference lib="dom" />
import { describeNeeding } from '@console/testkit/needs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { takePictures } from './chromium-page.ts'
import { firstAdmin } from './seed-console.ts'
import { type SeededBrowser, startSeededBrowser } from './seeded-browser.ts'

const minute = 60_000

describeNeeding('chromium', 'a token for a program', () => {
  let here: SeededBrowser

  beforeAll(async () => {
    here = await startSeededBrowser()
    // Tokens of an admin rest until their person has a second factor.
    await here.running.people.enrol(await here.admin(), firstAdmin.email)
  }, 3 * minute)
  afterAll(() => here?.stop(), minute)

  it(
    'is made, copied, used, seen, and ended',
    async () => {
      const { running, page, noise } = here
      const call = async (token: string, path: string, method = 'GET') =>
        (await fetch(`${running.devopsApi}${path}`, { method, headers: { authorization: `Bearer ${token}` } })).status
      await page.goto(`${running.adminWeb}/api-tokens`)
      await page.getByText('There are no API tokens').waitFor()
      await page.getByRole('button', { name: 'Make token…' }).click()
      await page.getByLabel('Name').fill('nightly')
      await page.getByLabel('Find an action').fill('services.service.list')
      await page.getByRole('checkbox', { name: 'services.service.list' }).press('Space')
      await page.getByRole('button', { name: 'Make the token' }).click()
      const dialog = page.getByRole('dialog', { name: 'Copy the token of nightly now' })
      const secret = (await dialog.locator('.once code').textContent()) ?? ''
      await takePictures(page, process.env.PICTURES_DIR, 'token-made')
      await page.keyboard.press('Escape')
      await dialog.getByRole('button', { name: 'Copy' }).click()
      await dialog.getByRole('button', { name: 'Done' }).click()
      await dialog.waitFor({ state: 'detached' })

      expect(await call(secret, '/services')).toBe(200)
      expect(await call(secret, '/deployments')).toBe(403)
      expect(await call(secret, '/services/trial', 'DELETE')).toBe(403)
      await page.reload()
      const row = page.getByRole('row', { name: /nightly/ })
      await row.getByText('active').waitFor()
      expect(await row.textContent()).toContain('127.0.0.1')
      expect(await page.content()).not.toContain(secret.slice(8))

      await row.getByRole('button', { name: 'End nightly…' }).click()
      await page.getByRole('button', { name: 'End the token' }).click()
      await row.getByText('ended').waitFor()
      await expect.poll(() => call(secret, '/services'), { timeout: 20_000 }).toBe(401)
      expect(noise).toEqual([])
    },
    2 * minute,
  )
})

/// <reference lib="dom" />
import { describeNeeding } from '@console/testkit/needs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { axeFindings, newContext, overflows, takePictures } from './chromium-page.ts'
import { firstAdmin } from './seed-console.ts'
import { type SeededBrowser, startSeededBrowser } from './seeded-browser.ts'

const minute = 60_000

describeNeeding('chromium', 'who and what comes in', () => {
  let here: SeededBrowser

  beforeAll(async () => {
    here = await startSeededBrowser()
    // Tokens of an admin rest until their person has a second factor.
    await here.running.people.enrol(await here.admin(), firstAdmin.email)
  }, 3 * minute)
  afterAll(() => here?.stop(), minute)

  it(
    'access to a product is given in a product that was just entered, its cookie goes to its API alone, and the access is taken again',
    async () => {
      const { running, page, context, noise } = here
      await page.goto(`${running.adminWeb}/products`)
      const icon = (await page.locator('link[rel="icon"]').getAttribute('href')) ?? 'none'
      // Without one a browser asks for /favicon.ico and writes into its console that there is none.
      for (const web of [running.adminWeb, running.devopsWeb]) expect((await page.request.get(`${web}${icon}`)).status()).toBe(200)
      await page.getByRole('button', { name: 'Add product…' }).click()
      const dialog = page.getByRole('dialog', { name: 'Add a product' })
      await dialog.getByLabel('Id').fill('notes')
      await dialog.getByLabel('Name').fill('Notes')
      await dialog.getByLabel('API path').fill('/api')
      await dialog.getByLabel('Program').fill('notes-backend')
      await dialog.getByLabel('Plans').fill('free, team')
      await dialog.getByRole('button', { name: 'Add the product' }).click()
      await dialog.getByRole('alert').filter({ hasText: 'would get each other’s cookies' }).waitFor()
      await dialog.getByLabel('API path').fill('/api/notes')
      await dialog.getByRole('button', { name: 'Add the product' }).click()
      await dialog.waitFor({ state: 'detached' })

      await page.getByRole('row', { name: /Notes/ }).getByRole('link', { name: 'Notes' }).click()
      await page.getByText('Nobody has access').waitFor()
      await page.getByRole('button', { name: 'Give access…' }).click()
      const give = page.getByRole('dialog', { name: 'Give access to Notes' })
      await give.getByLabel('Find a person').fill('first')
      await give.getByLabel('A person', { exact: true }).selectOption({ label: 'First Admin (first@example.net)' })
      await give.getByLabel('Role').selectOption('operator')
      await give.getByLabel('Plan').selectOption('team')
      await give.getByRole('button', { name: 'Give access' }).click()
      await give.waitFor({ state: 'detached' })
      const row = page.getByRole('row', { name: /First Admin/ })
      await row.getByText('operator').waitFor()
      expect(await row.textContent()).toContain('team')
      await takePictures(page, process.env.PICTURES_DIR, 'product-notes')

      for (const web of [running.adminWeb, running.devopsWeb]) {
        expect((await page.goto(`${web}/no/such/page`))?.status()).toBe(404)
        await page.getByRole('heading', { name: 'There is no such page' }).waitFor()
        await takePictures(page, process.env.PICTURES_DIR, `no-such-page-${web === running.adminWeb ? 'admin' : 'devops'}`)
      }
      await page.goBack()
      await page.goBack()
      await row.waitFor()
      await page.reload()
      await row.waitFor()
      const paths = async () => (await context.cookies()).filter(({ name }) => name === '__Secure-bl_ref').map(({ path }) => path)
      await expect.poll(async () => (await paths()).sort(), { timeout: 20_000 }).toEqual(['/api/devops', '/api/notes'])

      await row.getByRole('button', { name: 'Change access of First Admin…' }).click()
      const change = page.getByRole('dialog', { name: 'Access of First Admin to Notes' })
      await change.getByLabel('Role').selectOption('none')
      await change.getByRole('button', { name: 'Take the access away' }).click()
      await page.getByText('Nobody has access').waitFor()
      expect(noise).toEqual([])
    },
    2 * minute,
  )

  it(
    'an account that is blocked is seen, lifted, and its person comes in',
    async () => {
      const { running, page, browser, noise } = here
      const headers = { origin: running.devopsWeb }
      for (let n = 0; n < 10; n += 1) {
        const data = { email: firstAdmin.email, password: `a guess, number ${n}` }
        expect((await page.request.post(`${running.platformApi}/auth/login`, { data, headers })).status()).toBe(401)
      }
      const other = await newContext(browser)
      const signIn = async () => {
        const data = { email: firstAdmin.email, password: firstAdmin.password }
        return (await other.request.post(`${running.platformApi}/auth/login`, { data, headers })).status()
      }
      expect(await signIn()).toBe(401)

      await page.goto(`${running.adminWeb}/throttles?kind=account`)
      await page.getByRole('heading', { name: '1 sign-in is blocked' }).waitFor()
      const row = page.getByRole('row', { name: /First Admin/ })
      await row.getByText('10 of 10').waitFor()
      await takePictures(page, process.env.PICTURES_DIR, 'throttles')
      expect([...(await axeFindings(page)), ...(await overflows(page, [1_440, 390]))]).toEqual([])
      await page.setViewportSize({ width: 1_440, height: 900 })
      await row.getByRole('button', { name: /^Lift the block of/ }).press('Enter')
      const dialog = page.getByRole('dialog', { name: 'Lift the block of First Admin?' })
      await dialog.waitFor()
      await takePictures(page, process.env.PICTURES_DIR, 'throttles-lift')
      await page.setViewportSize({ width: 1_440, height: 900 })
      await dialog.getByRole('button', { name: 'Lift the block' }).press('Enter')
      await dialog.waitFor({ state: 'detached' })
      await row.waitFor({ state: 'detached' })

      expect(await signIn()).toBe(200)
      await other.close()
      expect(noise).toEqual([])
    },
    2 * minute,
  )

  it(
    'a token for a program is made, copied, used, seen, and ended',
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

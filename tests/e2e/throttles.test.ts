/// <reference lib="dom" />
import { describeNeeding } from '@console/testkit/needs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { axeFindings, newContext, overflows, takePictures } from './chromium-page.ts'
import { firstAdmin } from './seed-console.ts'
import { type SeededBrowser, startSeededBrowser } from './seeded-browser.ts'

const minute = 60_000

describeNeeding('chromium', 'an account that is blocked', () => {
  let here: SeededBrowser

  beforeAll(async () => {
    here = await startSeededBrowser()
  }, 3 * minute)
  afterAll(() => here?.stop(), minute)

  it(
    'is seen, lifted, and its person comes in',
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
})

/// <reference lib="dom" />
import { describeNeeding } from '@console/testkit/needs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { axeFindings, overflows, takePictures } from './chromium-page.ts'
import { type SeededBrowser, startSeededBrowser } from './seeded-browser.ts'

const minute = 60_000

describeNeeding('chromium', 'the page of the host’s metrics', () => {
  let here: SeededBrowser

  beforeAll(async () => {
    here = await startSeededBrowser()
  }, 3 * minute)
  afterAll(() => here?.stop(), minute)

  it(
    'shows what the host does',
    async () => {
      const { running, page, noise } = here
      await page.goto(running.devopsWeb)
      await page.locator('main h1').waitFor()
      await page.keyboard.press('g')
      await page.keyboard.press('m')
      await page.getByRole('heading', { name: 'Metrics', level: 1 }).waitFor()
      await page.getByText(/[0-9]+ vCPU, .* up /).waitFor()
      await page.getByRole('region', { name: 'CPU' }).getByText('user').waitFor()
      await takePictures(page, process.env.PICTURES_DIR, 'metrics')
      expect([...(await axeFindings(page)), ...(await overflows(page, [1_440, 390]))]).toEqual([])
      expect(noise).toEqual([])
    },
    2 * minute,
  )
})

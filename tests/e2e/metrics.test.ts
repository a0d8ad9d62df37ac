/// <reference lib="dom" />
import { describeNeeding } from '@console/testkit/needs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { axeFindings, overflows, showTheme, takePictures } from './chromium-page.ts'
import { focused } from './keyboard-walk.ts'
import { type SeededBrowser, startSeededBrowser } from './seeded-browser.ts'

const minute = 60_000

describeNeeding('chromium', 'the page of the host’s metrics', () => {
  let here: SeededBrowser

  beforeAll(async () => {
    here = await startSeededBrowser()
  }, 3 * minute)
  afterAll(() => here?.stop(), minute)

  it(
    'draws what was measured, tells the same as a table, and keeps its range in the address',
    async () => {
      const { running, page, noise } = here
      await page.goto(running.devopsWeb)
      await page.locator('main h1').waitFor()
      await page.keyboard.press('g')
      await page.keyboard.press('m')
      await page.getByRole('heading', { name: 'Metrics', level: 1 }).waitFor()
      await page.getByText(/[0-9]+ vCPU, .* up /).waitFor()
      await page.getByRole('radio', { name: '6 h' }).press('ArrowLeft')
      await page.waitForURL(/range=1h/)
      expect(await focused(page)).toContain('1 h')
      await page.getByRole('img', { name: /^CPU over 1 h in %: user now [0-9.]+/ }).waitFor()
      await page.getByRole('img', { name: /^Memory over 1 h in [GM]iB: used now [0-9.]+/ }).waitFor()
      expect(await page.getByRole('region', { name: 'CPU' }).locator('canvas').count()).toBe(1)
      await page.getByRole('region', { name: 'File systems' }).getByRole('row', { name: /\/.*%/ }).first().waitFor()
      await takePictures(page, process.env.PICTURES_DIR, 'metrics')
      const found = [...(await axeFindings(page)), ...(await overflows(page, [1_440, 390]))]
      await page.setViewportSize({ width: 1_440, height: 900 })

      await page.getByRole('button', { name: 'Show CPU as table' }).press('Enter')
      const table = page.getByRole('region', { name: 'CPU as a table' })
      await table.getByRole('columnheader', { name: 'user, %' }).waitFor()
      await table.getByRole('row', { name: /UTC/ }).first().waitFor()
      await takePictures(page, process.env.PICTURES_DIR, 'metrics-table')
      await page.setViewportSize({ width: 1_440, height: 900 })
      await showTheme(page, 'light')
      found.push(...(await axeFindings(page)))
      await showTheme(page, 'dark')
      await page.getByRole('button', { name: 'Show CPU as chart' }).press('Enter')
      await table.waitFor({ state: 'detached' })
      expect(found).toEqual([])
      expect(noise).toEqual([])
    },
    2 * minute,
  )
})

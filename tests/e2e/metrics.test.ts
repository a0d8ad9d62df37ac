/// <reference lib="dom" />
import { describeNeeding } from '@console/testkit/needs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { axeFindings, overflows, takePictures } from './chromium-page.ts'
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
      const actions = page.getByRole('region', { name: 'Console API by action' })
      await actions.getByRole('button', { name: /^Show all [0-9]+ actions/ }).press('Enter')
      await actions.getByRole('row', { name: /console\.csrf\.get devops-backend/ }).waitFor()
      await actions.getByRole('radio', { name: '1 h' }).press('ArrowLeft')
      await page.waitForURL(/console=15m/)
      await page
        .getByRole('region', { name: 'Console services' })
        .getByRole('row', { name: /platform-service .*MiB/ })
        .waitFor()
      await page.getByRole('img', { name: /^Console API latency over 1 h: p50 now [0-9.]+/ }).waitFor()
      await takePictures(page, process.env.PICTURES_DIR, 'metrics')
      await page.setViewportSize({ width: 1_440, height: 900 })

      // The charts themselves are looked at with all other pages.
      await page.getByRole('button', { name: 'Show CPU as table' }).press('Enter')
      const table = page.getByRole('region', { name: 'CPU as a table' })
      await table.getByRole('columnheader', { name: 'user, %' }).waitFor()
      await table.getByRole('row', { name: /UTC/ }).first().waitFor()
      await takePictures(page, process.env.PICTURES_DIR, 'metrics-table')
      await page.setViewportSize({ width: 1_440, height: 900 })
      const found = [...(await axeFindings(page)), ...(await overflows(page, [1_440, 390]))]
      await page.setViewportSize({ width: 1_440, height: 900 })
      await page.getByRole('button', { name: 'Show CPU as chart' }).press('Enter')
      await table.waitFor({ state: 'detached' })
      expect(found).toEqual([])
      expect(noise).toEqual([])
    },
    2 * minute,
  )

  it(
    'says so when the agent is away, when nothing was measured, and when nobody answers',
    async () => {
      const { running, page, noise } = here
      const metrics = /\/system\/metrics$/
      const history = /\/system\/metrics\/history/
      await page.route(metrics, async (route) => {
        const reply = await route.fetch()
        await route.fulfill({
          response: reply,
          json: { ...(await reply.json()), freshness: 'stale', trouble: 'host-agent does not answer.' },
        })
      })
      await page.route(history, async (route) => {
        const reply = await route.fetch()
        await route.fulfill({ response: reply, json: { ...(await reply.json()), lines: [], total: 0 } })
      })
      await page.goto(`${running.devopsWeb}/metrics?range=7d`)
      await page.getByRole('status').filter({ hasText: 'host-agent does not answer.' }).waitFor()
      await page.getByText(/^as of /).waitFor()
      await page.getByText('Nothing was measured in this range').first().waitFor()
      await page.getByText('No container was measured in this range').waitFor()
      await takePictures(page, process.env.PICTURES_DIR, 'metrics-stale')
      const found = [...(await axeFindings(page)), ...(await overflows(page, [1_440, 390]))]
      await page.setViewportSize({ width: 1_440, height: 900 })
      for (const url of [metrics, history]) {
        await page.unroute(url)
        const json = {
          type: 'about:blank',
          title: 'x',
          status: 503,
          code: 'HOST_AGENT_AWAY',
          detail: 'host-agent does not answer.',
          requestId: 'r-1',
        }
        await page.route(url, (route) => route.fulfill({ status: 503, contentType: 'application/problem+json', json }))
      }
      await page.goto(`${running.devopsWeb}/metrics`)
      await page.getByRole('button', { name: 'Try again' }).first().waitFor()
      found.push(...(await axeFindings(page)))
      await page.unrouteAll()
      expect(found).toEqual([])
      expect(noise).toEqual([])
    },
    2 * minute,
  )
})

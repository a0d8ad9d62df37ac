/// <reference lib="dom" />
import { describeNeeding } from '@console/testkit/needs'
import { aService } from '@console/testkit/people'
import type { Page, Request } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { axeFindings, overflows, pageFindings, takePictures } from './chromium-page.ts'
import { containerList, liveUse, recentUse } from './container-answers.ts'
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
      const processes = page.getByRole('region', { name: 'Processes of the console' })
      for (const name of ['devops-backend', 'platform-service', 'docker-proxy', 'host-agent'])
        await processes.getByRole('row', { name: new RegExp(`^${name} .*MiB .*MiB`) }).waitFor()
      await page.getByRole('img', { name: /^Console API latency over 1 h: p50 now [0-9.]+/ }).waitFor()
      await takePictures(page, process.env.PICTURES_DIR, 'metrics')
      await page.setViewportSize({ width: 1_440, height: 900 })

      const zoom = page.getByRole('group', { name: 'Zoom of all charts' })
      await page.keyboard.press('+')
      await zoom
        .getByRole('status')
        .filter({ hasText: / to .* UTC/ })
        .waitFor()
      const wide = await zoom.getByRole('status').textContent()
      await page.keyboard.press('[')
      await expect.poll(() => zoom.getByRole('status').textContent(), { timeout: 45_000 }).not.toBe(wide)
      await zoom.getByRole('button', { name: 'Later' }).press('Enter')
      await expect.poll(() => zoom.getByRole('status').textContent(), { timeout: 45_000 }).toBe(wide)
      await page.keyboard.press('0')
      await zoom.getByText('Drag on a chart to zoom').waitFor()

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

  it(
    'shows what each container uses in its row, puts the rows in that order, and says when it is not live',
    async () => {
      const { running, page, noise } = here
      await page.route(/\/vm\/containers$/, (route) => route.fulfill({ json: containerList }))
      await page.route(/\/system\/metrics\/containers\/recent$/, (route) => route.fulfill({ json: recentUse }))
      let use: object = liveUse
      await page.route(/\/system\/metrics\/containers$/, (route) => route.fulfill({ json: use }))
      await page.goto(`${running.devopsWeb}/containers`)
      const table = page.getByRole('region', { name: 'Containers' })
      const names = () => table.locator('tbody b.mono').allTextContents()
      await table.getByRole('row', { name: /report-worker .*0\.98.*98\.8\s% of its limit.*506 \/ 512/ }).waitFor()
      await table.getByRole('row', { name: /search-api .*CPU, last 10 min.*1\.92/ }).waitFor()
      await table.getByRole('row', { name: /migrate .*–.*–/ }).waitFor()
      await table.getByRole('row', { name: /newcomer .*no data.*no data/ }).waitFor()
      const found = await pageFindings(page, 'containers-live')
      await table.getByRole('button', { name: 'Cores' }).press('Enter')
      await page.waitForURL(/sort=cpu/)
      expect(await table.locator('th[aria-sort="descending"]').textContent()).toBe('Cores')
      await expect.poll(names, { timeout: 45_000 }).toEqual(['search-api', 'report-worker', 'cache', 'newcomer', 'migrate'])
      await page.getByLabel('Sort').selectOption('memory')
      await expect.poll(names, { timeout: 45_000 }).toEqual(['search-api', 'cache', 'report-worker', 'newcomer', 'migrate'])

      use = { ...liveUse, freshness: 'stale', trouble: 'host-agent does not answer.' }
      await page.getByRole('status').filter({ hasText: 'CPU and memory are not live. host-agent does not answer.' }).waitFor()
      found.push(...(await axeFindings(page)))
      use = { ...liveUse, containers: { unknown: 'no cgroups are mounted here' } }
      await page.getByRole('status').filter({ hasText: 'no cgroups are mounted here' }).waitFor()
      await table.getByRole('row', { name: /report-worker .*no data.*no data/ }).waitFor()
      await page.unrouteAll()
      expect(found).toEqual([])
      expect(noise).toEqual([])
    },
    2 * minute,
  )

  it(
    'asks for no live figures while its tab is hidden, and at once when it is shown again',
    async () => {
      const { running, page } = here
      let asked = 0
      await page.route(/\/vm\/containers$/, (route) => route.fulfill({ json: containerList }))
      await page.route(/\/system\/metrics\/containers$/, (route) => {
        asked += 1
        return route.fulfill({ json: liveUse })
      })
      await page.goto(`${running.devopsWeb}/containers`)
      await expect.poll(() => asked, { timeout: 45_000 }).toBeGreaterThan(1)
      await showTab(page, 'hidden')
      // What was asked already is answered.
      await page.waitForTimeout(500)
      const before = asked
      await page.waitForTimeout(4_500)
      expect(asked).toBe(before)
      await showTab(page, 'visible')
      await expect.poll(() => asked, { timeout: 1_500 }).toBeGreaterThan(before)
      await page.unrouteAll()
    },
    2 * minute,
  )

  it(
    'asks for nothing while its tab is hidden, on pages that ask again and where news arrive',
    async () => {
      const { running, page, admin } = here
      const person = await admin()
      const asked: string[] = []
      const hear = (request: Request): void => {
        const { pathname } = new URL(request.url())
        // The one connection of news stays, and a tab that nobody sees asks nothing because of it.
        if (/^\/(api\/devops|platform\/api)\//.test(pathname) && !pathname.endsWith('/events')) asked.push(pathname)
      }
      page.on('request', hear)
      await page.clock.install()
      const quiet = async (path: string, every: RegExp): Promise<void> => {
        asked.length = 0
        const again = () => asked.filter((one) => every.test(one)).length
        await page.goto(`${running.devopsWeb}${path}`)
        await expect.poll(again, { timeout: 45_000 }).toBeGreaterThan(0)
        // The frame asks for the agents last, once it knows where they are.
        await expect.poll(() => asked.some((one) => one.endsWith('/hermes/ops')), { timeout: 45_000 }).toBe(true)
        await showTab(page, 'hidden')
        await page.waitForTimeout(500)
        asked.length = 0
        // News of services and of settings, which an open page would ask again for.
        expect((await person.devops.post('/services', aService(`unseen${path.replaceAll('/', '-')}`))).status).toBe(201)
        await page.clock.runFor(2 * minute)
        await page.waitForTimeout(2_000)
        expect([path, asked]).toEqual([path, []])
        await showTab(page, 'visible')
        await page.clock.runFor(minute)
        await expect.poll(again, { timeout: 45_000 }).toBeGreaterThan(0)
      }
      await quiet('/metrics', /\/system\/metrics/)
      await quiet('/system', /\/system\//)
      await quiet('/services', /\/services$/)
      page.off('request', hear)
    },
    2 * minute,
  )
})

/** Tells a page that its tab is seen, or is not, as a browser does. */
const showTab = (page: Page, state: 'hidden' | 'visible') =>
  page.evaluate((to) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => to })
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => to === 'hidden' })
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
  }, state)

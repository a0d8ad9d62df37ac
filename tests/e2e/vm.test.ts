import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeNeeding } from '@console/testkit/needs'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { axeFindings, overflows, showTheme, takePictures } from './chromium-page.ts'
import { type SeededBrowser, startSeededBrowser } from './seeded-browser.ts'

const pictures = process.env.PICTURES_DIR
const minute = 60_000

describeNeeding('chromium', 'the page of the machine', () => {
  let here: SeededBrowser
  let root: string
  let page: Page
  const findings = async (name: string): Promise<string[]> => {
    await takePictures(page, pictures, name)
    await page.setViewportSize({ width: 1_440, height: 900 })
    await showTheme(page, 'dark')
    const found = await axeFindings(page)
    await showTheme(page, 'light')
    found.push(...(await axeFindings(page, ['color-contrast'])), ...(await overflows(page, [1_440, 768, 390, 360])))
    await page.setViewportSize({ width: 1_440, height: 900 })
    await showTheme(page, 'dark')
    return found.map((finding) => `${name}: ${finding}`)
  }

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'vm-page-'))
    mkdirSync(join(root, 'var/log'), { recursive: true })
    writeFileSync(
      join(root, 'var/log/docker-watchdog.log'),
      `2026-11-28T14:29:50Z warn report-worker-2 restarts again and again\n${new Date().toISOString().slice(0, 19)}Z ok 61 containers, 1 to look at\n`,
    )
    writeFileSync(
      join(root, 'var/log/vm-cleanup.log'),
      '2026-11-28T03:15:04Z ok removed 12 of 12 \u001b[31mwith token=x api_key=abcdefgh\n',
    )
    here = await startSeededBrowser({ HOST_ROOT: root })
    page = here.page
  }, 5 * minute)
  afterAll(async () => {
    await here?.stop()
    rmSync(root, { recursive: true, force: true })
  }, minute)

  it(
    'shows what was checked, worst first, and what the scripts wrote into their logs',
    async () => {
      const found: string[] = []
      await page.goto(`${here.running.devopsWeb}/`)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await page.keyboard.press('g')
      await page.keyboard.press('v')
      await page.getByRole('cell', { name: 'Disk /', exact: true }).waitFor({ timeout: minute })
      await page.getByRole('heading', { level: 1, name: /check|All checks/ }).waitFor()
      const words = await page.getByRole('region', { name: 'Checks' }).locator('tbody .st').allTextContents()
      const order = ['fails', 'warns', 'not measured', 'passes']
      expect(words).toEqual([...words].sort((a, b) => order.indexOf(a) - order.indexOf(b)))
      await page.getByRole('button', { name: 'Run now' }).click()
      const watchdog = page.getByRole('region', { name: 'Watchdog' })
      await watchdog.getByText('report-worker-2 restarts again and again').waitFor()
      const logs = page.getByRole('region', { name: 'Logs' })
      await logs.getByText('removed 12 of 12 with token=x api_key=[masked]').waitFor()
      found.push(...(await findings('vm')))
      await page.getByRole('radio', { name: 'Cleanup' }).press('ArrowRight')
      await page.waitForURL(/log=health-check/)
      await logs.getByText('This log is not there yet').waitFor()
      expect(found).toEqual([])
      expect(here.noise).toEqual([])
    },
    3 * minute,
  )
})

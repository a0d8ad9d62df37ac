/// <reference lib="dom" />
import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { describeNeeding } from '@console/testkit/needs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { pageFindings } from './chromium-page.ts'
import { firstAdmin, serviceOf } from './seed-console.ts'
import { type SeededBrowser, startSeededBrowser } from './seeded-browser.ts'

const minute = 60_000

describeNeeding('chromium', 'backups in both dashboards', () => {
  let here: SeededBrowser
  beforeAll(async () => {
    here = await startSeededBrowser()
  }, 3 * minute)
  afterAll(() => here?.stop(), minute)

  it(
    'are made, tried, downloaded and restored from one page, by keys where somebody wants to',
    async () => {
      const { running, page, noise } = here
      const found: string[] = []
      const admin = await here.admin()
      // So that nobody changes more in a minute than one person may.
      const colleague = await running.people.invite(admin, 'admin')
      const many = Array.from({ length: 12 }, (_, index) => `one-of-many-${index + 1}`)
      const tags = new Map<string, string>()
      for (const name of many) tags.set(name, String((await colleague.devops.post('/services', serviceOf(name))).headers.etag))
      await page.goto(`${running.devopsWeb}/settings?tab=backups`)
      await page.getByRole('heading', { name: 'There is no backup yet', level: 1 }).waitFor()
      await page.getByText('Nobody has confirmed a copy of key').waitFor()
      found.push(...(await pageFindings(page, 'backups-empty')))

      await page.getByRole('button', { name: 'Back up now' }).focus()
      await page.keyboard.press('Enter')
      const row = page.getByRole('row', { name: /not verified.*First Admin|not verified/ })
      await row.waitFor()
      await page.getByRole('heading', { name: 'No backup was ever tried' }).waitFor()
      await page.getByRole('button', { name: /^I have copied/ }).click()
      await page.getByText('Nobody has confirmed a copy of key').waitFor({ state: 'detached' })

      await row.getByRole('button', { name: /^Verify/ }).click()
      await page.getByRole('row', { name: /^verified/ }).waitFor()
      await page.getByRole('heading', { name: 'Backups', level: 1 }).waitFor()
      // As if the last factor were older than five minutes: it is asked for, shown, and then the file comes.
      const { status, contentType, body } = {
        status: 403,
        contentType: 'application/problem+json',
        body: JSON.stringify({
          type: 'about:blank',
          title: 'Confirm',
          status: 403,
          code: 'AUTH_STEP_UP_REQUIRED',
          detail: 'Confirm',
          requestId: 'r',
        }),
      }
      await page.route('**/backups/*/download', (route) => route.fulfill({ status, contentType, body }), { times: 1 })
      await page.getByRole('button', { name: /^Download .*recorded$/ }).click()
      const asked = page.getByRole('dialog', { name: /^Download the backup of/ })
      await asked.getByLabel('Your password').fill(firstAdmin.password)
      found.push(...(await pageFindings(page, 'backups-download')))
      const saved = page.waitForEvent('download')
      await asked.getByRole('button', { name: 'Download' }).click()
      const download = await saved
      await asked.waitFor({ state: 'detached' })
      expect(download.suggestedFilename()).toMatch(/^devops-backend-[0-9]{8}T[0-9]{6}Z\.backup$/)
      expect(statSync(await download.path()).size).toBeGreaterThan(1_000)

      await admin.devops.post('/services', serviceOf('later'))
      for (const [name, etag] of tags) {
        const body = { ...serviceOf(name), description: 'Changed since' }
        expect((await colleague.devops.call('PUT', `/services/${name}`, { body, headers: { 'if-match': etag } })).status).toBe(200)
      }
      await page
        .getByRole('button', { name: /^Restore / })
        .first()
        .click()
      const dialog = page.getByRole('dialog', { name: /^Restore devops-backend to/ })
      await dialog.getByText('1 is not in the backup').waitFor()
      await dialog.getByRole('checkbox', { name: 'Remove later' }).press('Space')
      await dialog.getByText('13 changes').click()
      await dialog.getByRole('cell', { name: 'is removed', exact: true }).waitFor()
      const rows = dialog.getByRole('region', { name: 'What changes' }).getByRole('row')
      expect(await rows.count()).toBe(13)
      await dialog.getByRole('searchbox', { name: 'Search the plan' }).fill('many-12')
      expect(await rows.allInnerTexts()).toEqual([expect.stringMatching(/^one-of-many-12\s+Services\s+goes back$/)])
      await dialog.getByRole('searchbox', { name: 'Search the plan' }).fill('')
      await dialog.getByRole('combobox', { name: 'What' }).selectOption({ label: 'is removed, 1' })
      expect(await rows.allInnerTexts()).toEqual([expect.stringMatching(/^later\s+Services\s+is removed$/)])
      await dialog.getByRole('combobox', { name: 'What' }).selectOption({ label: 'any' })
      const plan = page.waitForEvent('download')
      await dialog.getByRole('button', { name: 'Save the plan' }).click()
      const lines = readFileSync(await (await plan).path(), 'utf8')
      expect(lines.match(/\n/g)).toHaveLength(13)
      await dialog.getByText(`hash ${createHash('sha256').update(lines).digest('hex').slice(0, 8)}`).waitFor()
      await dialog.getByLabel('Reason').fill('to see it go')
      found.push(...(await pageFindings(page, 'backups-restore')))
      await dialog.getByRole('button', { name: /^Restore to/ }).click()
      await dialog.waitFor({ state: 'detached' })
      await page.getByText(/^to see it go: 12 put back, 0 brought back, 1 removed\./).waitFor()
      expect((await admin.devops.get('/services/one-of-many-7')).body.description).toBe('A service to look at')
      expect((await admin.devops.get('/services/later')).status).toBe(404)
      found.push(...(await pageFindings(page, 'backups')))

      await page.getByLabel('Backups kept').fill('1')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByText(/>=2|at least 2|Too small/).waitFor()
      await page.getByLabel('Backups kept').fill('5')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByText('Kept: the 5 newest, and the first of each of 14 nights, 8 weeks and 12 months').waitFor()
      await page.getByLabel('Weeks', { exact: true }).fill('521')
      await page.getByRole('button', { name: 'Save', exact: true }).click()
      await page.getByText(/<=520|at most 520|Too big/).waitFor()
      await page.getByLabel('Weeks', { exact: true }).fill('0')
      await page.getByLabel('Nights', { exact: true }).fill('367')
      await page.getByRole('button', { name: 'Save', exact: true }).click()
      await page.getByText(/<=366|at most 366|Too big/).waitFor()
      await page.getByLabel('Nights', { exact: true }).fill('0')
      await page.getByLabel('Months', { exact: true }).fill('1')
      await page.getByRole('button', { name: 'Save', exact: true }).click()
      await page.getByText('Kept: the 5 newest, and the first of each of 1 month, on the disk').waitFor()
      expect(found).toEqual([])
      expect(noise).toEqual([])
    },
    5 * minute,
  )

  it(
    'of people lie in Platform Admin',
    async () => {
      const { running, page, noise } = here
      await page.goto(`${running.adminWeb}/backups`)
      await page.getByRole('button', { name: 'Back up now' }).click()
      await page.getByRole('row', { name: /not verified/ }).waitFor()
      // What the other service did stands in the same history.
      const runs = page.getByRole('table', { name: 'Runs, newest first' }).getByRole('row')
      await runs.filter({ hasText: 'to see it go: 12 put back' }).filter({ hasText: 'devops-backend' }).waitFor()
      await runs.filter({ hasText: 'platform-service' }).first().waitFor()
      await page.getByRole('button', { name: 'Run drill' }).click()
      await page.getByRole('row', { name: /^verified/ }).waitFor()
      expect(await pageFindings(page, 'backups-platform')).toEqual([])
      expect(noise).toEqual([])
    },
    3 * minute,
  )
})

/// <reference lib="dom" />
import { describeNeeding } from '@console/testkit/needs'
import type { Person } from '@console/testkit/people'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { axeFindings, takePictures } from './chromium-page.ts'
import { firstAdmin } from './seed-console.ts'
import { type SeededBrowser, startSeededBrowser } from './seeded-browser.ts'

const minute = 60_000
const pictures = process.env.PICTURES_DIR

describeNeeding('chromium', 'people and where they are signed in', () => {
  let here: SeededBrowser
  let operator: Person
  /** The first admin in another browser. */
  let elsewhere: Person

  beforeAll(async () => {
    here = await startSeededBrowser()
    const { people } = here.running
    await people.enrol(await here.admin(), firstAdmin.email)
    elsewhere = await people.signIn(firstAdmin.email, firstAdmin.password)
    operator = await people.invite(elsewhere, 'operator')
  }, 3 * minute)
  afterAll(() => here?.stop(), minute)

  const statusOf = async (person: Person) => (await person.platform.get('/auth/session')).status

  it(
    'a session is found, chosen by keys, ended, and says who ended it and why',
    async () => {
      const { running, page } = here
      await page.goto(`${running.adminWeb}/sessions`)
      await page.getByRole('heading', { name: '3 sessions are active' }).waitFor()
      await page
        .getByRole('row', { name: /this one/ })
        .getByRole('button', { name: 'Sign out' })
        .waitFor()
      await page.getByLabel('Search sessions').fill('operator')
      await page.waitForURL(/q=operator/)
      const row = page.getByRole('row', { name: /operator/ })
      await page
        .getByRole('row', { name: /First Admin/ })
        .first()
        .waitFor({ state: 'detached' })
      await page.getByLabel('Search sessions').press('Escape')
      await page.getByLabel('Search sessions').press('Escape')
      await page.waitForURL((url) => !url.search.includes('q='))
      await page.getByRole('row', { name: /this one/ }).waitFor()
      await row.getByRole('button', { name: /^End the session/ }).focus()
      await page.keyboard.press('x')
      const bar = page.getByRole('group', { name: 'Chosen' })
      await bar.getByText('1 session', { exact: true }).waitFor()
      await takePictures(page, pictures, 'sessions-chosen')
      expect(await axeFindings(page)).toEqual([])
      await bar.getByRole('button', { name: 'End…' }).click()
      const dialog = page.getByRole('dialog', { name: 'End the session of operator?' })
      await dialog.getByLabel('Reason').fill('a lost laptop')
      await takePictures(page, pictures, 'sessions-end')
      expect(await axeFindings(page)).toEqual([])
      await dialog.getByRole('button', { name: 'End the session' }).click()
      await dialog.waitFor({ state: 'detached' })
      await row.getByText('a lost laptop, by First Admin').waitFor()
      expect(await statusOf(operator)).toBe(401)
      await bar.waitFor({ state: 'detached' })
    },
    2 * minute,
  )

  it(
    'a person’s page gives, changes and takes access, ends what is open, and tells what was done',
    async () => {
      const { running, page } = here
      operator = await running.people.invite(elsewhere, 'operator')
      await page.goto(`${running.adminWeb}/people`)
      await page
        .getByRole('row', { name: /operator-2@example.net/ })
        .getByRole('link', { name: 'operator' })
        .click()
      await page.waitForURL(/\/people\/view\?id=/)
      await page.getByRole('button', { name: 'Give access…' }).click()
      const give = page.getByRole('dialog', { name: 'Give operator access' })
      await give.getByLabel('Product').selectOption('bytelyst-platform')
      await give.getByLabel('Role').selectOption('viewer')
      await give.getByLabel('Until, UTC').fill(new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10))
      await give.getByRole('button', { name: 'Give access' }).click()
      await give.waitFor({ state: 'detached' })
      const row = page.getByRole('row', { name: /bytelyst-platform/ })
      await row.getByText(/^until/).waitFor()
      await page.getByText('memberships.membership.set').first().waitFor()
      await takePictures(page, pictures, 'person')
      expect(await axeFindings(page)).toEqual([])
      await row.getByRole('button', { name: /^Change access/ }).click()
      const change = page.getByRole('dialog', { name: /^Access of operator to/ })
      await change.getByLabel('Role').selectOption('none')
      await change.getByRole('button', { name: 'Take the access away' }).click()
      await row.waitFor({ state: 'detached' })

      await page.getByRole('button', { name: 'End all 1…' }).click()
      const end = page.getByRole('dialog', { name: 'End every session of operator?' })
      await end.getByLabel('Reason').fill('a lost laptop')
      await end.getByRole('button', { name: 'End sessions' }).click()
      await page.getByText('Signed in nowhere').waitFor()
      expect(await statusOf(operator)).toBe(401)
      await page.getByRole('link', { name: 'All about them' }).click()
      await page.getByRole('cell', { name: 'users.session.endAll' }).first().waitFor()
      await page.getByRole('button', { name: /show all$/ }).waitFor()
    },
    2 * minute,
  )

  it(
    'the matrix is walked by arrow keys, and a cell opens what it says',
    async () => {
      const { running, page } = here
      await page.goto(`${running.adminWeb}/memberships?q=operator-2`)
      const grid = page.getByRole('grid', { name: 'People and products' })
      const cell = (name: RegExp) => grid.getByRole('button', { name })
      await cell(/: operator$/).waitFor()
      await grid.getByRole('link', { name: 'operator' }).focus()
      const [first = '', second = ''] = await grid
        .getByRole('button')
        .evaluateAll((buttons) => buttons.map((button) => button.getAttribute('aria-label') ?? ''))
      const has = (label: string) => expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe(label)
      await page.keyboard.press('ArrowRight')
      await has(first)
      await page.keyboard.press('End')
      await has(second)
      await page.keyboard.press('ArrowRight')
      await has(second)
      await page.keyboard.press('Home')
      await page.keyboard.press('ArrowRight')
      await has(first)
      await cell(/: no access$/).focus()
      await page.keyboard.press('Enter')
      const give = page.getByRole('dialog', { name: /^Give operator access to/ })
      await give.getByLabel('Role').selectOption('operator')
      await give.getByRole('button', { name: 'Give access' }).click()
      await give.waitFor({ state: 'detached' })
      await expect.poll(() => cell(/: operator$/).count(), { timeout: 20_000 }).toBe(2)
      await page.getByLabel('Search people').fill('')
      await grid.getByText('First Admin').waitFor()
      await takePictures(page, pictures, 'matrix')
      expect(await axeFindings(page)).toEqual([])
      await page.getByRole('radio', { name: 'List' }).click()
      await page
        .getByRole('row', { name: /operator-2@example.net/ })
        .first()
        .waitFor()
      await takePictures(page, pictures, 'memberships-list')
      expect(await axeFindings(page)).toEqual([])
    },
    2 * minute,
  )

  it(
    'several are ended at once, and one that had ended already is told apart',
    async () => {
      const { running, page, noise } = here
      operator = await running.people.invite(elsewhere, 'operator')
      await page.goto(`${running.adminWeb}/sessions?state=live`)
      await page.getByRole('heading', { name: '3 sessions are active' }).waitFor()
      await page.getByRole('checkbox', { name: 'Choose all active sessions' }).press('Space')
      await page.getByRole('group', { name: 'Chosen' }).getByRole('button', { name: 'End…' }).click()
      const dialog = page.getByRole('dialog', { name: 'End 2 sessions?' })
      expect((await operator.platform.post('/auth/logout')).status).toBe(204)
      await dialog.getByLabel('Reason').fill('tidying up')
      await dialog.getByRole('button', { name: 'End 2 sessions' }).click()
      const results = page.getByRole('dialog', { name: '1 ended, 1 not' })
      await results.getByText('There is no such session, or it has ended.').waitFor()
      await results.getByRole('button', { name: 'Done' }).click()
      expect(await statusOf(elsewhere)).toBe(401)
      await page.getByRole('heading', { name: '1 session is active' }).waitFor()
      expect(noise).toEqual([])
    },
    2 * minute,
  )
})

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
    elsewhere = people.stranger()
    const { email, password } = firstAdmin
    expect((await elsewhere.platform.post('/auth/login', { email, password })).status).toBe(200)
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

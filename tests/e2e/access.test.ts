/// <reference lib="dom" />
import { describeNeeding } from '@console/testkit/needs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { takePictures } from './chromium-page.ts'
import { type SeededBrowser, startSeededBrowser } from './seeded-browser.ts'

const minute = 60_000

describeNeeding('chromium', 'access to a product', () => {
  let here: SeededBrowser

  beforeAll(async () => {
    here = await startSeededBrowser()
  }, 3 * minute)
  afterAll(() => here?.stop(), minute)

  it(
    'is given in a product that was just entered, its cookie goes to its API alone, and the access is taken again',
    async () => {
      const { running, page, context, noise } = here
      await page.goto(`${running.adminWeb}/products`)
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
})

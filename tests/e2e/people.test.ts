/// <reference lib="dom" />
import { describeNeeding } from '@console/testkit/needs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { axeFindings, takePictures } from './chromium-page.ts'
import { type SeededBrowser, startSeededBrowser } from './seeded-browser.ts'

const minute = 60_000

describeNeeding('chromium', 'the list of people', () => {
  let here: SeededBrowser

  beforeAll(async () => {
    here = await startSeededBrowser()
    const { people } = here.running
    const admin = await here.admin()
    for (const role of ['viewer', 'operator', 'viewer'] as const) await people.invite(admin, role)
    await admin.platform.post('/invites', {
      email: 'guest@example.net',
      name: 'A Guest',
      memberships: [{ productId: 'bytelyst-devops', role: 'viewer' }],
    })
  }, 3 * minute)
  afterAll(() => here?.stop(), minute)

  it(
    'is filtered by what stands in its address, all of it together',
    async () => {
      const { running, page, noise } = here
      const rows = page.locator('tr[data-row]')
      const names = async (): Promise<string[]> => (await rows.locator('.t1 b').allTextContents()).sort()
      await page.goto(`${running.adminWeb}/people`)
      await rows.first().waitFor()
      await expect.poll(names, { timeout: 30_000 }).toEqual(['A Guest', 'First Admin', 'operator', 'viewer', 'viewer'])
      await takePictures(page, process.env.PICTURES_DIR, 'people')
      await page.setViewportSize({ width: 1_440, height: 900 })

      await page.getByLabel('Second factor').selectOption('none')
      await expect.poll(names, { timeout: 30_000 }).toEqual(['First Admin', 'operator', 'viewer', 'viewer'])
      await page.getByLabel('Role').selectOption('viewer')
      await page.getByLabel('Last seen').selectOption('7d')
      await page.getByLabel('Plan').selectOption('pro')
      await expect.poll(names, { timeout: 30_000 }).toEqual(['viewer', 'viewer'])
      // The rows may follow before the address does, which is written a moment later.
      const address = () => Object.fromEntries(new URL(page.url()).searchParams)
      await expect.poll(address, { timeout: 30_000 }).toEqual({ factor: 'none', role: 'viewer', seen: '7d', plan: 'pro' })
      await page.getByRole('radio', { name: 'Active 2' }).waitFor()
      expect(await axeFindings(page)).toEqual([])

      await page.goto(`${running.adminWeb}/people?seen=never&sort=factor`)
      await expect.poll(names, { timeout: 30_000 }).toEqual(['A Guest'])
      await page.getByRole('columnheader', { name: 'Second factor' }).and(page.locator('[aria-sort="ascending"]')).waitFor()
      await page.goto(`${running.adminWeb}/people?factor=passkey`)
      await page.getByText('Nobody matches').waitFor()
      expect(noise).toEqual([])
    },
    2 * minute,
  )

  it(
    'grows by an import that is tried first, with a line for each row',
    async () => {
      const { running, page, noise } = here
      await page.goto(`${running.adminWeb}/people?do=import`)
      const dialog = page.getByRole('dialog', { name: 'Import people' })
      await dialog.getByRole('radio', { name: 'a person without password' }).click()
      const rows = ['Imported One', 'Imported Two'].map((name, at) => `new-${at}@example.net,${name},bytelyst-devops:viewer`)
      await dialog
        .getByLabel('Rows, as CSV')
        .fill(['email,name,memberships', ...rows, 'guest@example.net,,bytelyst-devops:viewer', 'no mail,,nowhere:viewer'].join('\n'))
      await dialog.getByRole('button', { name: 'Try it, make nothing' }).click()
      await dialog.getByText('INVITE_OPEN').waitFor()
      await dialog.getByText('2 would be made · 1 there already · 1 refused').waitFor()
      await takePictures(page, process.env.PICTURES_DIR, 'people-import')
      await page.setViewportSize({ width: 1_440, height: 900 })
      expect(await axeFindings(page)).toEqual([])
      await dialog.getByRole('button', { name: 'Enter 2 people' }).click()
      const done = page.getByRole('dialog', { name: '2 made, 1 there already, 1 refused' })
      await done.getByRole('button', { name: 'Close', exact: true }).last().click()
      await page.goto(`${running.adminWeb}/people?q=imported`)
      await page.getByText('2 of 2 people').waitFor()
      expect(noise).toEqual([])
    },
    2 * minute,
  )

  it(
    'is changed for many at once, chosen by keyboard, and what was refused is told and tried again',
    async () => {
      const { running, page, noise } = here
      await page.goto(`${running.adminWeb}/people?status=active&product=bytelyst-devops`)
      const bar = page.getByRole('region', { name: 'Selection' })
      await page.locator('tr[data-row]').nth(1).waitFor()
      await page.keyboard.press('j')
      await page.keyboard.press('x')
      await bar.getByText('1 person selected').waitFor()
      expect(await axeFindings(page)).toEqual([])
      await page.keyboard.press('Escape')
      await bar.waitFor({ state: 'detached' })
      await page.getByRole('checkbox', { name: 'Select everybody on this page' }).check({ force: true })
      await bar.getByText('6 people selected').waitFor()
      await takePictures(page, process.env.PICTURES_DIR, 'people-selected')
      await page.setViewportSize({ width: 1_440, height: 900 })
      await bar.getByRole('button', { name: 'Do with all' }).click()
      await page.getByRole('menuitem', { name: 'Disable…' }).click()
      const ask = page.getByRole('dialog', { name: 'Disable 6 people?' })
      await ask.getByText('First Admin').waitFor()
      await ask.getByLabel('Reason').fill('the project is over')
      await takePictures(page, process.env.PICTURES_DIR, 'people-bulk')
      await page.setViewportSize({ width: 1_440, height: 900 })
      await ask.getByRole('button', { name: 'Disable 6 people' }).click()
      const told = page.getByRole('dialog', { name: 'Done for 5 of 6 people, refused for 1' })
      await told.getByText('USER_LAST_ADMIN').waitFor()
      await takePictures(page, process.env.PICTURES_DIR, 'people-results')
      await page.setViewportSize({ width: 1_440, height: 900 })
      expect(await axeFindings(page)).toEqual([])
      await told.getByRole('button', { name: 'Try the 1 again…' }).click()
      const again = page.getByRole('dialog', { name: 'Disable 1 person?' })
      await again.getByRole('button', { name: 'Disable 1 person' }).click()
      await told.getByText('USER_LAST_ADMIN').waitFor()
      await told.getByRole('button', { name: 'Close', exact: true }).last().click()
      await bar.getByText('1 person selected').waitFor()
      await page.goto(`${running.adminWeb}/people?status=disabled`)
      await page.getByText('5 of 5 people').waitFor()
      expect(noise).toEqual([])
    },
    2 * minute,
  )

  it(
    'is saved as a file of those who match',
    async () => {
      const { running, page } = here
      await page.goto(`${running.adminWeb}/people?status=disabled&do=export`)
      const dialog = page.getByRole('dialog', { name: 'Export 5 people' })
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        dialog.getByRole('button', { name: 'Download CSV, recorded' }).click(),
      ])
      const chunks: Buffer[] = []
      for await (const chunk of await file.createReadStream()) chunks.push(chunk as Buffer)
      const lines = Buffer.concat(chunks).toString().trim().split('\n')
      expect(lines).toHaveLength(6)
      expect(lines[0]).toBe('email,name,status,memberships,secondFactors,lastSeenAt,disabledReason,disabledUntil,createdAt,id')
    },
    2 * minute,
  )
})

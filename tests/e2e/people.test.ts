/// <reference lib="dom" />
import { describeNeeding } from '@console/testkit/needs'
import { peopleOf } from '@console/testkit/people'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { axeFindings, takePictures } from './chromium-page.ts'
import { firstAdmin } from './seed-console.ts'
import { type SeededBrowser, startSeededBrowser } from './seeded-browser.ts'

const minute = 60_000

describeNeeding('chromium', 'the list of people', () => {
  let here: SeededBrowser

  beforeAll(async () => {
    here = await startSeededBrowser()
    const { running } = here
    const people = peopleOf({ devopsPort: portOf(running.devopsApi), platformPort: portOf(running.platformApi), origin: running.adminWeb })
    const admin = people.stranger()
    await admin.platform.post('/auth/login', { email: firstAdmin.email, password: firstAdmin.password })
    await admin.platform.get('/auth/session')
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
      const address = new URL(page.url()).searchParams
      expect(Object.fromEntries(address)).toEqual({ factor: 'none', role: 'viewer', seen: '7d', plan: 'pro' })
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
})

function portOf(url: string): number {
  return Number(new URL(url).port)
}

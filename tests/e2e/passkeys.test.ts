/// <reference lib="dom" />
import { describeNeeding } from '@console/testkit/needs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { axeFindings, overflows, takePictures } from './chromium-page.ts'
import { firstAdmin } from './seed-console.ts'
import { type SeededBrowser, startSeededBrowser } from './seeded-browser.ts'
import { addVirtualAuthenticator } from './virtual-authenticator.ts'

const minute = 60_000
const pictures = process.env.PICTURES_DIR

describeNeeding('chromium', 'a passkey', () => {
  let here: SeededBrowser

  beforeAll(async () => {
    here = await startSeededBrowser()
    await addVirtualAuthenticator(here.context, here.page)
  }, 3 * minute)
  afterAll(() => here?.stop(), minute)

  const findings = async (name: string): Promise<string[]> => {
    const { page } = here
    await takePictures(page, pictures, name)
    const found = [...(await axeFindings(page)), ...(await overflows(page, [1_440, 390]))]
    await page.setViewportSize({ width: 1_440, height: 900 })
    return found
  }
  const signedOut = async (web: string): Promise<void> => {
    const { context, page } = here
    await context.clearCookies()
    await page.goto(web)
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  }

  it(
    'is made in the profile, by its name',
    async () => {
      const { running, page } = here
      await page.goto(`${running.devopsWeb}/profile`)
      await page.getByRole('button', { name: 'Add a passkey…' }).click()
      const dialog = page.getByRole('dialog', { name: 'Add a passkey' })
      await dialog.getByLabel('Name').fill('Blue key')
      expect(await findings('passkey-add')).toEqual([])
      await dialog.getByRole('button', { name: 'Continue' }).click()
      await page.getByText('Passkey “Blue key”').waitFor()
      expect(await findings('passkey-profile')).toEqual([])
    },
    2 * minute,
  )

  it(
    'signs in at either dashboard in place of the password, and after it',
    async () => {
      const { running, page } = here
      for (const web of [running.devopsWeb, running.adminWeb]) {
        await signedOut(web)
        await page.getByRole('button', { name: 'Use a passkey' }).click()
        await page.getByRole('navigation', { name: 'Pages' }).waitFor()
      }
      await signedOut(running.adminWeb)
      expect(await findings('passkey-sign-in')).toEqual([])
      await page.getByLabel('E-mail').fill(firstAdmin.email)
      await page.getByLabel('Password', { exact: true }).fill(firstAdmin.password)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByText('Show your passkey.').waitFor()
      expect(await findings('passkey-second-step')).toEqual([])
      await page.getByRole('button', { name: 'Use a passkey' }).click()
      await page.getByRole('navigation', { name: 'Pages' }).waitFor()
    },
    2 * minute,
  )

  it(
    'confirms in the one dialog where the last factor is older than five minutes',
    async () => {
      const { running, page, noise } = here
      await page.clock.setFixedTime(Date.now() + 600_000)
      await page.goto(`${running.devopsWeb}/settings?tab=scripts&approve=trials-fails`)
      await page.getByRole('region', { name: 'Text of the script' }).waitFor()
      await page.getByText('The button below asks your browser for a passkey.').waitFor()
      await page.getByRole('button', { name: 'Approve this text' }).click()
      await page.getByText('trials-fails is approved').waitFor()
      expect(noise).toEqual([])
    },
    2 * minute,
  )
})

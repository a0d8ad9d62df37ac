/// <reference lib="dom" />
import { authenticatorCode, earlierCode } from '@console/testkit/authenticator'
import { describeNeeding } from '@console/testkit/needs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { axeFindings, listenForNoise, overflows, takePictures } from './chromium-page.ts'
import { firstAdmin } from './seed-console.ts'
import { type SeededBrowser, startSeededBrowser } from './seeded-browser.ts'
import { addVirtualAuthenticator } from './virtual-authenticator.ts'

const minute = 60_000
const pictures = process.env.PICTURES_DIR

describeNeeding('chromium', 'second factors', () => {
  let here: SeededBrowser
  let secret = ''
  let codes: string[] = []

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
  const signOut = async (web: string): Promise<void> => {
    const { context, page } = here
    await context.clearCookies()
    await page.goto(web)
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  }
  const passwordStep = async (): Promise<void> => {
    const { page } = here
    await page.getByLabel('E-mail').fill(firstAdmin.email)
    await page.getByLabel('Password', { exact: true }).fill(firstAdmin.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Confirm it is you' }).waitFor()
  }
  /** The codes, once the person has said that they are kept; nothing else closes the dialog. */
  const keepCodes = async (): Promise<string[]> => {
    const { page } = here
    const kept = page.getByRole('dialog', { name: 'Keep these ten recovery codes' })
    await kept.waitFor()
    const shown = await kept.getByRole('listitem').allTextContents()
    expect(new Set(shown).size).toBe(10)
    expect(await findings('codes')).toEqual([])
    await page.keyboard.press('Escape')
    await kept.getByRole('checkbox').press('Space')
    await kept.getByRole('button', { name: 'Done' }).click()
    return shown
  }
  /** The same person as they came, in a tab whose clock is right. */
  const withoutFactors = async (): Promise<void> => {
    const { platform } = await here.admin()
    const { items } = (await platform.get('/auth/passkey')).body as unknown as { items: { id: string }[] }
    for (const { id } of items) expect((await platform.call('DELETE', `/auth/passkey/${id}`)).status).toBe(204)
    const page = await here.context.newPage()
    await listenForNoise(page, here.noise)
    await here.page.close()
    here = { ...here, page }
  }

  it(
    'a passkey is made in the profile, with recovery codes, and is called otherwise',
    async () => {
      const { running, page } = here
      await page.goto(`${running.devopsWeb}/profile`)
      await page.getByRole('button', { name: 'Add a passkey…' }).click()
      const dialog = page.getByRole('dialog', { name: 'Add a passkey' })
      await dialog.getByLabel('Name').fill('Blue key')
      expect(await findings('passkey-add')).toEqual([])
      await dialog.getByRole('button', { name: 'Continue' }).click()
      await keepCodes()
      await page.getByRole('button', { name: 'Rename the passkey “Blue key”…' }).press('Enter')
      const rename = page.getByRole('dialog', { name: 'Rename the passkey “Blue key”' })
      await rename.getByLabel('Name').fill('Green key')
      expect(await findings('passkey-rename')).toEqual([])
      await rename.getByRole('button', { name: 'Rename' }).press('Enter')
      await page.getByText('Passkey “Green key”').waitFor()
      await page.getByText('10 of 10 left').waitFor()
      expect(await findings('passkey-profile')).toEqual([])
    },
    2 * minute,
  )

  it(
    'it signs in at either dashboard in place of the password, and after it',
    async () => {
      const { running, page } = here
      for (const web of [running.devopsWeb, running.adminWeb]) {
        await signOut(web)
        await page.getByRole('button', { name: 'Use a passkey' }).click()
        await page.getByRole('navigation', { name: 'Pages' }).waitFor()
      }
      await signOut(running.adminWeb)
      expect(await findings('passkey-sign-in')).toEqual([])
      await passwordStep()
      await page.getByText('Show your passkey.').waitFor()
      expect(await findings('passkey-second-step')).toEqual([])
      await page.getByRole('button', { name: 'Use a recovery code' }).press('Enter')
      await page.getByLabel('Recovery code').waitFor()
      expect(await findings('passkey-recovery')).toEqual([])
      await page.getByRole('button', { name: 'Use no recovery code' }).press('Enter')
      await page.getByRole('button', { name: 'Use a passkey' }).click()
      await page.getByRole('navigation', { name: 'Pages' }).waitFor()
    },
    2 * minute,
  )

  it(
    'it confirms in the one dialog where the last factor is older than five minutes',
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

  it(
    'an authenticator is set up from the profile, and counts once a code of it was right',
    async () => {
      const { running } = here
      await withoutFactors()
      const { page } = here
      await page.goto(`${running.devopsWeb}/profile`)
      await page.getByRole('button', { name: 'Set up an authenticator app…' }).click()
      const dialog = page.getByRole('dialog', { name: 'Set up an authenticator app' })
      secret = ((await dialog.locator('.once code').textContent()) ?? '').replaceAll(' ', '')
      expect(secret).toMatch(/^[A-Z2-7]{32}$/)
      expect(await findings('totp')).toEqual([])
      await dialog.getByLabel('The code that the app shows').fill('000000')
      await dialog.getByRole('button', { name: 'Continue' }).click()
      await dialog.getByRole('alert').filter({ hasText: 'AUTH_CODE_INVALID' }).waitFor()
      // The code of the step before is taken too, which leaves those of the next ones for what follows.
      await dialog.getByLabel('The code that the app shows').fill(await earlierCode(secret))
      await dialog.getByRole('button', { name: 'Continue' }).click()
      codes = await keepCodes()
      await page.getByText('10 of 10 left').waitFor()
    },
    2 * minute,
  )

  it(
    'it is asked for at the next sign-in, which the sixth digit finishes',
    async () => {
      const { page } = here
      await signOut(here.running.devopsWeb)
      await passwordStep()
      expect(await findings('second-step')).toEqual([])
      await page.getByLabel('Code').fill(authenticatorCode(secret, Date.now()))
      await page.getByRole('navigation', { name: 'Pages' }).waitFor()
    },
    2 * minute,
  )

  it(
    'its code confirms in the one dialog',
    async () => {
      const { running, page } = here
      await page.clock.setFixedTime(Date.now() + 600_000)
      await page.goto(`${running.devopsWeb}/settings?tab=scripts&approve=trials-fails`)
      await page.getByRole('region', { name: 'Text of the script' }).waitFor()
      const code = page.getByLabel('Code of your authenticator')
      await code.fill(authenticatorCode(secret, Date.now() + 30_000))
      await code.press('Enter')
      await page.getByText('trials-fails is approved').waitFor()
    },
    2 * minute,
  )

  it(
    'it is replaced by a recovery code, which is good once',
    async () => {
      const { page, noise } = here
      const [first = ''] = codes
      for (const outcome of ['in', 'refused'] as const) {
        await signOut(here.running.devopsWeb)
        await passwordStep()
        await page.getByRole('button', { name: 'Use a recovery code' }).click()
        await page.getByLabel('Recovery code').fill(first.toUpperCase())
        await page.getByRole('button', { name: 'Sign in' }).click()
        if (outcome === 'in') await page.getByRole('navigation', { name: 'Pages' }).waitFor()
        else await page.getByRole('alert').filter({ hasText: 'AUTH_CODE_INVALID' }).waitFor()
      }
      expect(noise).toEqual([])
    },
    2 * minute,
  )
})

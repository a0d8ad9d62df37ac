/// <reference lib="dom" />
import { join } from 'node:path'
import { authenticatorCode } from '@console/testkit/authenticator'
import { describeNeeding } from '@console/testkit/needs'
import { type RunningConsole, startConsole } from '@console/testkit/start-console'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { axeFindings, launchChromium, listenForNoise, newContext, overflows, takePictures } from './chromium-page.ts'
import { seedConsole } from './seed-console.ts'

const minute = 60_000
const email = 'first@example.net'
const password = 'plum harbour teapot lantern'
const pictures = process.env.PICTURES_DIR

describeNeeding('chromium', 'an authenticator', () => {
  let running: RunningConsole
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let secret = ''
  let codes: string[] = []
  const noise: string[] = []

  beforeAll(async () => {
    running = await startConsole({ SCRIPT_ROOTS: join(import.meta.dirname, '../../examples') })
    browser = await launchChromium()
    context = await newContext(browser)
    await seedConsole(context.request, running)
    page = await context.newPage()
    await listenForNoise(page, noise)
  }, 3 * minute)
  afterAll(async () => {
    await browser?.close()
    await running?.stop()
  }, minute)

  const findings = async (name: string): Promise<string[]> => {
    await takePictures(page, pictures, name)
    const found = [...(await axeFindings(page)), ...(await overflows(page, [1_440, 390]))]
    await page.setViewportSize({ width: 1_440, height: 900 })
    return found
  }
  const signOut = async (): Promise<void> => {
    await context.clearCookies()
    await page.goto(running.devopsWeb)
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  }
  const passwordStep = async (): Promise<void> => {
    await page.getByLabel('E-mail').fill(email)
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Confirm it is you' }).waitFor()
  }

  it(
    'is set up from the profile, and counts once a code of it was right',
    async () => {
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
      await dialog.getByLabel('The code that the app shows').fill(authenticatorCode(secret, Date.now() - 30_000))
      await dialog.getByRole('button', { name: 'Continue' }).click()
      const kept = page.getByRole('dialog', { name: 'Keep these ten recovery codes' })
      await kept.waitFor()
      codes = await kept.getByRole('listitem').allTextContents()
      expect(new Set(codes).size).toBe(10)
      expect(await findings('codes')).toEqual([])
      await page.keyboard.press('Escape')
      await kept.getByRole('checkbox').press('Space')
      await kept.getByRole('button', { name: 'Done' }).click()
      await page.getByText('10 of 10 left').waitFor()
    },
    2 * minute,
  )

  it(
    'is asked for at the next sign-in, which the sixth digit finishes',
    async () => {
      await signOut()
      await passwordStep()
      expect(await findings('second-step')).toEqual([])
      await page.getByLabel('Code').fill(authenticatorCode(secret, Date.now()))
      await page.getByRole('navigation', { name: 'Pages' }).waitFor()
    },
    2 * minute,
  )

  it(
    'confirms in the one dialog where the last factor is older than five minutes',
    async () => {
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
    'is replaced by a recovery code, which is good once',
    async () => {
      const [first = ''] = codes
      for (const outcome of ['in', 'refused'] as const) {
        await signOut()
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

/// <reference lib="dom" />
import { authenticatorCode, earlierCode } from '@console/testkit/authenticator'
import { describeNeeding } from '@console/testkit/needs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { axeFindings, overflows, patienceMs, takePictures } from './chromium-page.ts'
import { firstAdmin, serviceOf } from './seed-console.ts'
import { type SeededBrowser, startSeededBrowser } from './seeded-browser.ts'
import { addVirtualAuthenticator } from './virtual-authenticator.ts'

const minute = 60_000
const factors = ['code', 'passkey', 'password'] as const
type Factor = (typeof factors)[number]

describeNeeding('chromium', 'a confirmation of what destroys, where the last factor is old', () => {
  let here: SeededBrowser
  let secret = ''

  beforeAll(async () => {
    here = await startSeededBrowser()
    const { running, page, context, seeded } = here
    const { post } = seeded
    for (const factor of factors) {
      await post(`${running.devopsApi}/services`, serviceOf(`gone-${factor}`))
      const invite = {
        email: `${factor}@example.net`,
        name: `Gone ${factor}`,
        memberships: [{ productId: 'bytelyst-devops', role: 'viewer' }],
      }
      const { link } = await post(`${running.platformApi}/invites`, invite)
      const accepted = { token: String(link).split('#')[1], name: `Gone ${factor}`, password: 'cobalt meadow trumpet ladder' }
      const reply = await fetch(`${running.platformApi}/invites/accept`, {
        method: 'POST',
        headers: { origin: running.devopsWeb, 'content-type': 'application/json' },
        body: JSON.stringify(accepted),
      })
      expect(reply.status).toBe(201)
    }
    secret = String((await post(`${running.platformApi}/auth/factors/totp`, {})).secret)
    await post(`${running.platformApi}/auth/factors/totp/enable`, { code: await earlierCode(secret) })
    await addVirtualAuthenticator(context, page)
    await page.goto(`${running.devopsWeb}/profile`)
    await page.getByRole('button', { name: 'Add a passkey…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Add a passkey' })
    await dialog.getByLabel('Name').fill('Blue key')
    await dialog.getByRole('button', { name: 'Continue' }).click()
    await page.getByText('Passkey “Blue key”').waitFor()
    await page.clock.setFixedTime(Date.now() + 600_000)
  }, 3 * minute)
  afterAll(() => here?.stop(), minute)

  let lastStep = 0
  /** A code is good once: the next one that the server takes, waited for where that is more than a step ahead. */
  const nextCode = async (): Promise<string> => {
    const stepMs = 30_000
    lastStep = Math.max(lastStep + 1, Math.floor(Date.now() / stepMs))
    const aheadMs = (lastStep - 1) * stepMs - Date.now()
    if (aheadMs > 0) await new Promise((resolve) => setTimeout(resolve, aheadMs))
    return authenticatorCode(secret, lastStep * stepMs)
  }

  const give = async (factor: Factor, button: string): Promise<void> => {
    const dialog = here.page.getByRole('dialog')
    if (factor === 'code') await dialog.getByLabel('Code of your authenticator').fill(await nextCode())
    if (factor === 'password') await dialog.getByLabel('Your password').fill(firstAdmin.password)
    await dialog.getByRole('button', { name: button, exact: true }).click()
  }

  /**
   * Chooses the factor in the open dialog and shows it. Chromium gives up what waits for a connection when the host's network changes, as it
   * does beside tests that start containers; the client repeats nothing that destroys, so a person has to.
   */
  const confirm = async (factor: Factor, button: string): Promise<void> => {
    const dialog = here.page.getByRole('dialog')
    await dialog.getByText('Confirm it is you').waitFor()
    if (factor !== 'code')
      await dialog.getByRole('button', { name: factor === 'passkey' ? 'Use a passkey instead' : 'Use the password instead' }).click()
    await give(factor, button)
    const unanswered = dialog.getByText('The console does not answer.')
    await expect.poll(async () => (await unanswered.count()) > 0 || (await dialog.count()) === 0, { timeout: patienceMs }).toBe(true)
    if ((await unanswered.count()) > 0) await give(factor, button)
    await dialog.waitFor({ state: 'detached' })
  }

  /** Loses the first deletion before it leaves the browser. */
  const loseOnce = async (url: string): Promise<void> => {
    let lost = false
    await here.page.route(url, (route) => {
      if (lost || route.request().method() !== 'DELETE') return route.fallback()
      lost = true
      return route.abort()
    })
  }

  for (const factor of factors)
    it(
      `is given by ${factor === 'code' ? 'a code of the authenticator' : `the ${factor}`} in both dashboards, and the thing is gone`,
      async () => {
        const { running, page, noise } = here
        await page.goto(`${running.adminWeb}/people`)
        const person = page.getByRole('row', { name: new RegExp(`Gone ${factor}`) })
        await person.getByRole('button', { name: /^More for/ }).click()
        await page.getByRole('menuitem', { name: 'Delete…' }).click()
        await page.getByRole('dialog', { name: `Delete Gone ${factor} for good?` }).waitFor()
        if (factor === 'code') {
          await takePictures(page, process.env.PICTURES_DIR, 'delete-person')
          expect([...(await axeFindings(page)), ...(await overflows(page, [1_440, 390]))]).toEqual([])
          await page.setViewportSize({ width: 1_440, height: 900 })
        }
        await confirm(factor, `Delete Gone ${factor}`)
        await person.waitFor({ state: 'detached' })

        await page.goto(`${running.devopsWeb}/services/view?id=gone-${factor}&tab=settings`)
        if (factor !== 'code') await loseOnce(`${running.devopsApi}/services/gone-${factor}`)
        await page.getByRole('button', { name: `Delete gone-${factor}…` }).click()
        await confirm(factor, `Delete gone-${factor}`)
        await page.waitForURL(/\/services$/)
        await page.getByRole('link', { name: 'trial' }).first().waitFor()
        expect(await page.getByRole('link', { name: `gone-${factor}` }).count()).toBe(0)
        expect(noise).toEqual([])
      },
      2 * minute,
    )
})

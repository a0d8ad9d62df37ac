/// <reference lib="dom" />
import { describeNeeding } from '@console/testkit/needs'
import { goodPassword } from '@console/testkit/running-parts'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { axeFindings, listenForNoise, overflows, takePictures } from './chromium-page.ts'
import { startTestDomain, type TestDomain } from './test-domain.ts'

const minute = 60_000
const pictures = process.env.PICTURES_DIR

describeNeeding('chromium', 'one sign-in for both dashboards, by https under their names', () => {
  let here: TestDomain
  let context: BrowserContext
  let page: Page
  const noise: string[] = []

  beforeAll(async () => {
    here = await startTestDomain()
    context = await here.newContext()
    await here.parts.enrol(here.admin)
    page = await context.newPage()
    await listenForNoise(page, noise)
  }, 3 * minute)
  afterAll(() => here?.stop(), minute)

  const isIn = (one: Page) => one.getByRole('navigation', { name: 'Pages' }).waitFor()
  const isOut = (one: Page) => one.getByRole('heading', { name: 'Sign in' }).waitFor()
  const signIn = async (web: string): Promise<void> => {
    await page.goto(web)
    await page.getByLabel('E-mail').fill(here.admin.email)
    await page.getByLabel('Password', { exact: true }).fill(goodPassword)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await secondStep()
  }
  const secondStep = async (): Promise<void> => {
    await page.getByRole('button', { name: 'Use a recovery code' }).click()
    await page.getByLabel('Recovery code').fill(here.parts.recoveryCode(here.admin.email))
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await isIn(page)
  }
  const signOut = async (web: string): Promise<void> => {
    await page.goto(web)
    await page.getByRole('button', { name: 'First Admin, account menu' }).click()
    await page.getByText('Sign out').click()
    await isOut(page)
  }
  const namesSentTo = (host: string, under: string): string[] => {
    const sent = here.gateway.passed.filter((one) => one.host === host && one.path.startsWith(under))
    expect([host, under, sent.length > 0]).toEqual([host, under, true])
    return [...new Set(sent.flatMap(({ cookies }) => cookies.map((pair) => pair.split('=')[0] ?? '')))].sort()
  }

  it.each(['admin', 'devops'] as const)(
    'made at %s it is there at the other, and ended at the other it is ended here',
    async (first) => {
      const other = first === 'admin' ? 'devops' : 'admin'
      await signIn(here.urls[first])
      await page.goto(here.urls[other])
      await isIn(page)
      await signOut(here.urls[other])
      await page.goto(here.urls[first])
      await isOut(page)
    },
    2 * minute,
  )

  it(
    'is a session for one API and a reference for the other; neither gets what is the other’s, and no page gets any',
    async () => {
      await signIn(here.urls.admin)
      await page.goto(here.urls.devops)
      await isIn(page)
      expect(namesSentTo('api.x.test', '/platform/api/')).toEqual(['__Host-bl_tie', '__Secure-bl_sid'])
      expect(namesSentTo('api.x.test', '/api/devops/')).toEqual(['__Host-bl_tie', '__Secure-bl_ref'])
      for (const host of ['admin.x.test', 'devops.x.test']) expect([host, namesSentTo(host, '/')]).toEqual([host, []])
      expect(await page.evaluate(() => document.cookie)).toBe('')
    },
    2 * minute,
  )

  it(
    'gives a third host of the domain nothing, neither when it is opened nor when it asks',
    async () => {
      const evil = await context.newPage()
      await evil.goto(`${here.urls.evil}/platform/api/auth/session`)
      expect(await evil.evaluate(() => document.cookie)).toBe('')
      const read = (url: string) =>
        evil.evaluate(async (target) => {
          try {
            return await (await fetch(target, { credentials: 'include' })).text()
          } catch {
            return 'refused by the browser'
          }
        }, url)
      for (const url of [`${here.urls.platformApi}/auth/session`, `${here.urls.devopsApi}/services`])
        expect([url, await read(url)]).toEqual([url, 'refused by the browser'])
      expect(namesSentTo('evil.x.test', '/')).toEqual([])
      await evil.close()
    },
    2 * minute,
  )

  it(
    'is not taken over by cookies that a sibling plants',
    async () => {
      const evil = await context.newPage()
      await evil.goto(here.urls.evil)
      const plant = (line: string) =>
        evil.evaluate((cookie) => {
          // biome-ignore lint/suspicious/noDocumentCookie: this is how a page plants one
          document.cookie = cookie
        }, line)
      const asked = (url: string) => page.evaluate(async (target) => (await fetch(target, { credentials: 'include' })).status, url)
      const [session, services] = [`${here.urls.platformApi}/auth/session`, `${here.urls.devopsApi}/services`]
      await page.goto(here.urls.devops)
      await isIn(page)
      expect([await asked(session), await asked(services)]).toEqual([200, 200])
      // Beside ours: two of one name. Alone: without the tie that they were made with, which no sibling can plant.
      await plant(`__Secure-bl_ref=${here.admin.platform.cookie('__Secure-bl_ref')}; Domain=x.test; Path=/api/devops; Secure`)
      await plant(`__Secure-bl_sid=${here.admin.platform.cookie('__Secure-bl_sid')}; Domain=x.test; Path=/platform/api; Secure`)
      await plant('__Host-bl_tie=planted; Domain=x.test; Path=/; Secure')
      expect([await asked(session), await asked(services)]).toEqual([400, 400])
      for (const name of ['__Secure-bl_ref', '__Secure-bl_sid']) await context.clearCookies({ name, domain: 'api.x.test' })
      expect([await asked(session), await asked(services)]).toEqual([401, 401])
      await context.clearCookies()
      await evil.close()
    },
    2 * minute,
  )

  const looks = async (name: string): Promise<string[]> => {
    await takePictures(page, pictures, name)
    const found = [...(await axeFindings(page)), ...(await overflows(page, [1_440, 390]))]
    await page.setViewportSize({ width: 1_440, height: 900 })
    return found
  }

  it(
    'comes from a sign-in provider too, once its account was linked in the profile',
    async () => {
      await page.goto(here.urls.devops)
      await page.getByRole('button', { name: 'Sign in with Example' }).click()
      await page.getByRole('heading', { name: 'The sign-in was not finished' }).waitFor()
      expect(page.url()).toBe(`${here.urls.admin}/upstream`)
      expect(await looks('upstream-unknown')).toEqual([])
      await signIn(here.urls.devops)
      await page.goto(`${here.urls.devops}/profile`)
      await page.getByRole('button', { name: 'Link an account…' }).click()
      expect(await looks('upstream-link')).toEqual([])
      await page.getByRole('button', { name: 'Go to Example' }).click()
      await page.waitForURL(`${here.urls.devops}/profile`)
      await page.getByText('not used yet').waitFor()
      expect(await looks('upstream-profile')).toEqual([])
      await signOut(here.urls.devops)
      expect(await looks('upstream-sign-in')).toEqual([])
      await page.getByRole('button', { name: 'Sign in with Example' }).click()
      await secondStep()
      expect(new URL(page.url()).origin).toBe(here.urls.devops)
      await page.goto(here.urls.admin)
      await isIn(page)
      expect((await context.cookies()).filter(({ name }) => name === '__Host-bl_oidc')).toEqual([])
      expect(noise).toEqual([])
    },
    3 * minute,
  )

  it(
    'begins with an invite, by the provider without a password, or by a password with the account linked afterwards',
    async () => {
      const { platform } = here.admin
      await platform.post('/auth/step-up', { password: goodPassword })
      const linkFor = async (email: string): Promise<string> => {
        const made = await platform.post('/invites', { email, memberships: [{ productId: 'bytelyst-devops', role: 'viewer' }] })
        expect([made.status, made.text]).toEqual([201, made.text])
        return `${here.urls.admin}/invite#${String(made.body.link).split('#')[1]}`
      }
      const [grace, joan] = [await linkFor('grace@example.com'), await linkFor('joan@example.com')]
      const newcomer = await (await here.newContext()).newPage()
      await listenForNoise(newcomer, noise)
      here.provider.account = { sub: 'grace-at-provider', email: 'g.hopper@provider.example', emailVerified: true }
      // The first question of each kind gets no answer: the page asks again.
      const cut: string[] = []
      for (const asked of ['/invites/show', '/auth/upstream/finish'])
        await newcomer.route(
          `**${asked}`,
          (route) => {
            cut.push(`${route.request().method()} ${asked}`)
            return route.abort('connectionfailed')
          },
          { times: 1 },
        )
      const afterLost = () => noise.splice(0).filter((line) => !line.includes('ERR_CONNECTION_FAILED'))
      await newcomer.goto(joan)
      await newcomer.getByText('As joan@example.com').waitFor()
      expect([cut.splice(0), afterLost()]).toEqual([['POST /invites/show'], []])
      // Pasted into the same tab: only what stands behind the # is another.
      await newcomer.goto(grace)
      await newcomer.getByText('As grace@example.com').waitFor()
      const go = newcomer.getByRole('button', { name: 'Continue with Example' })
      expect(await go.isDisabled()).toBe(true)
      await newcomer.getByLabel('Your name').fill('Grace Hopper')
      await takePictures(newcomer, pictures, 'invite-provider')
      expect([...(await axeFindings(newcomer)), ...(await overflows(newcomer, [1_440, 390]))]).toEqual([])
      await newcomer.setViewportSize({ width: 1_440, height: 900 })
      await go.click()
      await isIn(newcomer)
      expect([cut, afterLost()]).toEqual([['POST /auth/upstream/finish'], []])
      expect(new URL(newcomer.url()).origin).toBe(here.urls.devops)
      await newcomer.getByRole('button', { name: /Grace Hopper/ }).waitFor()

      here.provider.account = { sub: 'joan-at-provider', email: 'joan@provider.example', emailVerified: true }
      const other = await (await here.newContext()).newPage()
      await other.goto(joan)
      await other.getByLabel('Your name').fill('Joan Clarke')
      await other.getByLabel('Password', { exact: true }).fill(goodPassword)
      await other.getByLabel('Password again').fill(goodPassword)
      await other.getByRole('button', { name: 'Make the account' }).click()
      await other.getByRole('heading', { name: 'You are signed in' }).waitFor()
      await other.getByRole('button', { name: 'Link your account at Example…' }).click()
      await other.getByRole('button', { name: 'Go to Example' }).click()
      await other.waitForURL(`${here.urls.devops}/profile`)
      await other.getByText('joan@provider.example').waitFor()
      for (const one of [newcomer, other]) await one.context().close()
      here.provider.account = { sub: 'ada-at-provider', email: 'ada@example.com', emailVerified: true }
      expect(noise).toEqual([])
    },
    3 * minute,
  )

  it(
    'and is unlinked there by who it is',
    async () => {
      await page.goto(`${here.urls.admin}/profile`)
      await page.getByRole('button', { name: /^Unlink ada@example\.com at / }).click()
      await page.getByRole('button', { name: 'Unlink the account' }).click()
      await page.getByText('No account at Example').waitFor()
      await signOut(here.urls.admin)
      await page.getByRole('button', { name: 'Sign in with Example' }).click()
      await page.getByText('That account signs in nobody here.').waitFor()
      expect(noise).toEqual([])
    },
    2 * minute,
  )
})

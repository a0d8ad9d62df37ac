/// <reference lib="dom" />
import { attackCase } from '@console/testkit/attack'
import { describeNeeding } from '@console/testkit/needs'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { launchChromium, listenForNoise, newContext, pageFindings } from './chromium-page.ts'
import { patient } from './newcomer.ts'
import { type TwoReleases, twoReleases } from './two-releases.ts'

const minute = 60_000

describeNeeding('chromium', 'a dashboard that a browser keeps', () => {
  let here: TwoReleases
  let browser: Browser
  let context: BrowserContext
  let page: Page
  const noise: string[] = []

  beforeAll(async () => {
    here = await twoReleases()
    await Promise.all([here.answer(), here.serve('first')])
    browser = await launchChromium()
    context = await newContext(browser, 'allow')
    page = await context.newPage()
    await listenForNoise(page, noise)
  }, 2 * minute)
  afterAll(async () => {
    await browser?.close()
    await here?.stop()
  }, minute)

  const signedIn = (): Promise<void> => page.getByRole('button', { name: /account menu/ }).waitFor()
  const offer = () => page.getByText('There is a newer version of this dashboard.')
  const worker = (): Promise<string | null> =>
    page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.active?.state ?? null)
  /**
   * How far a newer worker is. It takes over when the one before is idle, which a browser under a debugger may never find it to be: so that one
   * is ended, as a browser ends an idle one.
   */
  const onItsWay = async (): Promise<string> => {
    const state = await page.evaluate(async () => {
      const registration = await navigator.serviceWorker.getRegistration()
      return registration?.installing ? 'installing' : registration?.waiting ? 'waiting' : 'here'
    })
    if (state === 'waiting') {
      const debug = await context.newCDPSession(page)
      await debug.send('ServiceWorker.enable')
      await debug.send('ServiceWorker.stopAllWorkers')
      await debug.detach()
    }
    return state
  }
  /** The paths that each release keeps, and all that is kept as text. */
  const kept = (): Promise<{ releases: string[][]; text: string }> =>
    page.evaluate(async () => {
      const releases: string[][] = []
      let text = JSON.stringify({ ...localStorage, ...sessionStorage })
      for (const name of await caches.keys()) {
        const cache = await caches.open(name)
        const paths: string[] = []
        for (const { url } of await cache.keys()) {
          paths.push(new URL(url).pathname)
          text += await (await cache.match(url, { ignoreVary: true }))?.text()
        }
        releases.push(paths)
      }
      return { releases, text }
    })
  const runs = (chunk: string): Promise<boolean> =>
    page.evaluate((name) => [...document.scripts].some(({ src }) => src.endsWith(name)), chunk)

  attackCase(
    'C10',
    'what only a signed-in person may read, looked for in what a browser keeps',
    async (trial) => {
      await trial.control('the pages and chunks of the release are kept, and a page knows who is signed in', async () => {
        await page.goto(`${here.origin}/services`)
        await signedIn()
        await vi.waitFor(async () => expect(await worker()).toBe('activated'), patient)
        await page.reload()
        await signedIn()
        expect(await page.getByRole('button', { name: here.secret }).count()).toBe(1)
        const [paths = []] = (await kept()).releases
        expect(paths).toEqual(expect.arrayContaining(['/', '/services', here.chunk.first]))
      })
      await trial.attack(
        'an API that lets everybody keep what it says, asked by the worker’s pages; its address at the dashboard’s own host',
        async () => {
          await page.goto(`${here.origin}/containers`)
          await signedIn()
          await page.evaluate(async () => {
            for (const path of ['/api/devops/services', '/platform/api/auth/session', '/settings.json'])
              await fetch(path, { credentials: 'include', headers: { authorization: 'Bearer secret' } })
          })
          const { releases, text } = await kept()
          expect(releases.length).toBe(1)
          for (const path of releases.flat()) expect(path).toMatch(/^\/(_next\/static\/[\w./~-]+|[a-z/-]*)$/)
          expect(releases.flat().filter((path) => /^\/(api|platform)\b|settings\.json/.test(path))).toEqual([])
          expect(text).not.toContain(here.secret)
        },
      )
      await trial.row('nothing was asked of the console’s own API, and no page met its policy', () => expect(noise).toEqual([]))
    },
    2 * minute,
  )

  it(
    'opens without a network, and says how old what it knew is',
    async () => {
      await here.away()
      await page.goto(`${here.origin}/services?id=7`)
      await page.getByRole('heading', { name: 'The console does not answer' }).waitFor()
      await page.getByText(/The console last answered .* ago\. Its answers are not kept/).waitFor()
      expect(await page.content()).not.toContain(here.secret)
      expect(await pageFindings(page, 'offline')).toEqual([])
      await context.setOffline(true)
      await page.getByRole('heading', { name: 'You are offline' }).waitFor()
      await Promise.all([here.answer(), here.serve('first')])
      await context.setOffline(false)
      await page.getByRole('button', { name: 'Try again' }).click()
      await signedIn()
      expect(new URL(page.url()).search).toBe('?id=7')
    },
    2 * minute,
  )

  it(
    'offers a newer version at the next change of page, never loads anew by itself, and is quiet where it was put off',
    async () => {
      await page.evaluate(() => Object.assign(window, { stays: true }))
      const stays = (): Promise<boolean> => page.evaluate(() => 'stays' in window)
      await here.serve('second')
      await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.update())
      await vi.waitFor(async () => expect((await kept()).releases.flat()).toContain(here.chunk.second), patient)
      // It keeps all of the release before it waits, and waits for what the worker before still answers.
      await vi.waitFor(async () => expect(await onItsWay()).toBe('here'), patient)
      expect([await offer().count(), await stays(), await runs(here.chunk.first)]).toEqual([0, true, true])
      // What the open page may still ask for is not on the server any more.
      const status = (target: string): Promise<number> => page.evaluate(async (url) => (await fetch(url)).status, target)
      expect((await fetch(`${here.origin}${here.chunk.first}`)).status).toBe(404)
      expect(await status(here.chunk.first)).toBe(200)

      const to = (name: string): Promise<void> => page.getByRole('navigation').getByRole('link', { name }).first().click()
      await to('Health')
      await offer().waitFor()
      expect(await pageFindings(page, 'newer-version')).toEqual([])
      await page.getByRole('button', { name: 'Not now' }).click()
      await offer().waitFor({ state: 'detached' })
      await to('Deployments')
      await page.waitForURL(/deployments$/)
      expect([await offer().count(), await stays()]).toEqual([0, true])
      // Long after.
      await page.evaluate(() => localStorage.removeItem('bytelyst.offers.v1'))
      await to('Health')
      await page.getByRole('button', { name: 'Load it' }).click()
      await vi.waitFor(async () => expect(await runs(here.chunk.second)).toBe(true), patient)
      await signedIn()
      expect([await stays(), (await kept()).releases.length]).toEqual([false, 2])
      await to('Services')
      await page.waitForURL(/services$/)
      expect(await offer().count()).toBe(0)
    },
    2 * minute,
  )

  it(
    'keeps nothing any more where somebody says so, and goes where the server takes it back',
    async () => {
      const nothing = () => vi.waitFor(async () => expect([await worker(), (await kept()).releases]).toEqual([null, []]), patient)
      await page.goto(`${here.origin}/profile`)
      await page.getByRole('button', { name: 'Remove them' }).click()
      await page.getByText('No pages are kept').waitFor()
      await nothing()
      await page.reload()
      await page.getByText('No pages are kept').waitFor()
      await nothing()
      await page.getByRole('button', { name: 'Keep them' }).click()
      await vi.waitFor(async () => expect([await worker(), (await kept()).releases.length]).toEqual(['activated', 1]), patient)
      await here.serve('gone')
      await page.goto(`${here.origin}/health`)
      await signedIn()
      await nothing()
      expect(noise).toEqual([])
    },
    2 * minute,
  )
})

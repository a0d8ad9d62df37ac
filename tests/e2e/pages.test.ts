/// <reference lib="dom" />
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeNeeding } from '@console/testkit/needs'
import type { RunningConsole } from '@console/testkit/start-console'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { listenForNoise, newContext, overflows, pageFindings } from './chromium-page.ts'
import { framesOf, themeOfFrame } from './frames.ts'
import { focused, isInDialog, strayFocus, tabThrough } from './keyboard-walk.ts'
import { serviceOf } from './seed-console.ts'
import { type SeededBrowser, startSeededBrowser } from './seeded-browser.ts'

const apps = join(import.meta.dirname, '../../apps')
const minute = 60_000
/** Looks again until it is so; long enough for a machine that does much else. */
const eventually = <T>(look: () => T | Promise<T>) => expect.poll(look, { timeout: 45_000 })

/** Every page that was built, so that a new one is looked at without being named here. */
const pagesOf = (app: string): string[] =>
  readdirSync(join(apps, app, 'out'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.html') && !/^(404|_not-found)/.test(file))
    .map((file) => `/${file.replace(/(^|\/)index\.html$|\.html$/, '')}`)
    .sort()

describeNeeding('chromium', 'every page of both dashboards', () => {
  let here: SeededBrowser
  let running: RunningConsole
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let seeded: SeededBrowser['seeded']
  let noise: string[]

  beforeAll(async () => {
    here = await startSeededBrowser()
    ;({ running, browser, context, page, seeded, noise } = here)
    // The longest name there may be: it must not push a table out of its panel.
    await seeded.post(`${running.devopsApi}/services`, serviceOf(`${'report-worker-'.repeat(4)}of-tour`))
  }, 3 * minute)
  afterAll(() => here?.stop(), minute)

  /** Opens a page and waits until it has read what it shows. */
  const open = async (url: string, target = page): Promise<void> => {
    await target.goto(url)
    await target.locator('main h1').first().waitFor()
    await target.waitForFunction(() => document.querySelector('[aria-busy="true"], main .sk') === null)
  }
  /** What axe and the ruler find in what the page shows now. */
  const findings = (name: string) => pageFindings(page, name)

  it(
    'is whole in both themes and at every width',
    async () => {
      const found: string[] = []
      const wanted = {
        '/services/view': `?id=${seeded.serviceId}`,
        '/services/edit': `?id=${seeded.serviceId}`,
        '/deployments/view': `?id=${seeded.runId}`,
        '/products/view': '?id=bytelyst-devops',
        '/people/view': `?id=${seeded.userId}`,
      }
      for (const [app, base] of [
        ['devops-web', running.devopsWeb],
        ['admin-web', running.adminWeb],
      ] as const) {
        const pages = pagesOf(app)
        expect(pages.length).toBeGreaterThan(3)
        for (const path of pages) {
          await open(`${base}${path}${wanted[path as keyof typeof wanted] ?? ''}`)
          found.push(...(await findings(`${app}${path.replaceAll('/', '-')}`)))
        }
      }
      expect(found).toEqual([])
    },
    5 * minute,
  )

  it(
    'is whole where a tab, a dialog or the menu is open',
    async () => {
      const found: string[] = []
      for (const tab of ['retention', 'appearance']) {
        await open(`${running.devopsWeb}/settings?tab=${tab}`)
        found.push(...(await findings(`settings-${tab}`)))
      }
      await open(`${running.devopsWeb}/settings?tab=scripts&approve=${seeded.scriptId}`)
      await page.getByRole('region', { name: 'Text of the script' }).waitFor()
      found.push(...(await findings('approve')))
      await open(`${running.adminWeb}/people?invite=true`)
      await page.getByRole('dialog', { name: 'Invite a person' }).waitFor()
      found.push(...(await findings('invite')))
      await open(`${running.adminWeb}/products?add=true`)
      await page.getByRole('dialog', { name: 'Add a product' }).waitFor()
      found.push(...(await findings('add-product')))
      await open(`${running.adminWeb}/products/view?id=bytelyst-devops&do=give`)
      await page.getByRole('dialog', { name: 'Give access to' }).waitFor()
      found.push(...(await findings('give-access')))
      await open(`${running.adminWeb}/memberships?give=true`)
      await page.getByRole('dialog', { name: 'Give access' }).waitFor()
      found.push(...(await findings('give-anybody-access')))
      await open(`${running.adminWeb}/api-tokens?make=true`)
      await page.getByRole('dialog', { name: 'Make an API token' }).waitFor()
      found.push(...(await findings('make-token')))
      await open(running.devopsWeb)
      await page.keyboard.press('Control+k')
      await page.getByRole('combobox').fill('a')
      await page.getByRole('option').first().waitFor()
      found.push(...(await findings('palette')))
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      await page.keyboard.press('?')
      await page.getByRole('dialog', { name: 'Keys' }).waitFor()
      found.push(...(await findings('keys')))
      expect(found).toEqual([])
    },
    3 * minute,
  )

  it(
    'is whole before anybody is signed in, and says what a miss means',
    async () => {
      const stranger = await newContext(browser)
      const signedIn = page
      page = await stranger.newPage()
      await listenForNoise(page, noise)
      await open(running.devopsWeb)
      await page.getByRole('button', { name: 'Sign in' }).waitFor()
      const found = await findings('sign-in')
      const field = page.getByLabel('Password', { exact: true })
      // ASVS 6.2.6 and 6.2.7: a password is hidden unless it is asked for, can be pasted, and is known to a password manager.
      expect([await field.getAttribute('type'), await field.getAttribute('autocomplete')]).toEqual(['password', 'current-password'])
      await page.getByLabel('E-mail').fill('not the right one at all')
      await page.keyboard.press('Control+A')
      await page.keyboard.press('Control+C')
      await field.focus()
      await page.keyboard.press('Control+V')
      expect(await field.inputValue()).toBe('not the right one at all')
      await page.getByRole('button', { name: 'Show Password' }).click()
      expect(await field.getAttribute('type')).toBe('text')
      await page.getByLabel('E-mail').fill('nobody@example.net')
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('alert').filter({ hasText: 'do not match' }).waitFor()
      found.push(...(await findings('sign-in-refused')))
      await stranger.close()
      page = signedIn
      expect(found).toEqual([])
    },
    2 * minute,
  )

  it(
    'wears the chosen theme before its first paint, and that of the system where none is chosen',
    async () => {
      const fresh = await browser.newContext({ colorScheme: 'light' })
      const target = await fresh.newPage()
      await target.addInitScript(() => {
        new MutationObserver((_, observer) => {
          if (!document.body) return
          observer.disconnect()
          Object.assign(globalThis, { atBody: document.documentElement.dataset.theme ?? 'dark' })
        }).observe(document, { childList: true, subtree: true })
      })
      const atBody = async (): Promise<unknown> => {
        await target.goto(running.devopsWeb)
        return target.evaluate(() => (globalThis as { atBody?: string }).atBody)
      }
      expect(await atBody()).toBe('light')
      await target.evaluate(() => localStorage.setItem('bytelyst.theme.v1', 'dark'))
      expect(await atBody()).toBe('dark')
      await fresh.close()
    },
    minute,
  )

  it.each(['dark', 'light'] as const)(
    'shows no frame of another theme where %s is chosen against the system',
    async (theme) => {
      const fresh = await newContext(browser)
      await fresh.addCookies(await context.cookies())
      const target = await fresh.newPage()
      await target.emulateMedia({ colorScheme: theme === 'dark' ? 'light' : 'dark', reducedMotion: null })
      await target.addInitScript((name) => localStorage.setItem('bytelyst.theme.v1', name), theme)
      const url = `${running.devopsWeb}/hermes`
      await open(url, target)
      const frames = await framesOf(target, () => open(url, target))
      expect([...new Set(frames.map(themeOfFrame))]).toEqual([theme])
      const toggled = await framesOf(target, () => target.getByRole('button', { name: 'Switch theme' }).first().click())
      // Once over, and not back again.
      expect(toggled.map(themeOfFrame).filter((seen, at, all) => seen !== all[at - 1])).toHaveLength(
        new Set(toggled.map(themeOfFrame)).size,
      )
      expect(themeOfFrame(toggled.at(-1) ?? Buffer.alloc(0))).toBe(theme === 'dark' ? 'light' : 'dark')

      if (theme === 'light') {
        await target.route(url, async (route) => {
          const response = await route.fetch()
          await route.fulfill({ response, body: (await response.text()).replace('d.setAttribute("data-theme","light")', '0') })
        })
        const without = await framesOf(target, () => target.goto(url))
        expect([...new Set(without.map(themeOfFrame))]).toEqual(['dark'])
      }
      await fresh.close()
    },
    minute,
  )

  it(
    'keeps the frame when a page breaks, and reports it',
    async () => {
      const broken = await context.newPage()
      await broken.addInitScript(() => {
        // Rows of the audit page say their numbers this way, and nothing of the frame does.
        Number.prototype.toLocaleString = () => {
          throw new Error('broken on purpose')
        }
      })
      await broken.goto(`${running.devopsWeb}/audit`)
      await broken.getByRole('heading', { name: 'This page broke' }).waitFor()
      await broken.getByRole('link', { name: 'Settings' }).first().click()
      await broken.getByRole('heading', { name: 'Settings', level: 1 }).waitFor()
      await broken.close()
      const reports = (): string =>
        readdirSync(running.dataDir, { recursive: true, encoding: 'utf8' })
          .filter((file) => /telemetry\/.*\.ndjson$/.test(file))
          .map((file) => readFileSync(join(running.dataDir, file), 'utf8'))
          .join('')
      await eventually(reports).toContain('broken on purpose')
    },
    minute,
  )

  it(
    'shows the focus at every stop within the pages of the host',
    async () => {
      const found: string[] = []
      for (const path of ['system', 'metrics', 'vm', 'ollama', 'code-quality', 'privileges', 'settings?tab=retention']) {
        await open(`${running.devopsWeb}/${path}`)
        await page.locator('#main').focus()
        const { stops, unseen } = await tabThrough(page, 20)
        found.push(...unseen.map((stop) => `${path}: ${stop}`))
        expect([path, new Set(stops).size > 2]).toEqual([path, true])
      }
      expect(found).toEqual([])
    },
    2 * minute,
  )

  it(
    'shows the focus at every stop, and begins with a way to the content',
    async () => {
      await open(`${running.devopsWeb}/settings`)
      const { stops, unseen } = await tabThrough(page, 30)
      expect(unseen).toEqual([])
      expect(stops[0]).toBe('a Skip to content')
      await open(`${running.devopsWeb}/audit`)
      await page.keyboard.press('Tab')
      await page.keyboard.press('Enter')
      await eventually(() => page.evaluate(() => location.hash)).toBe('#main')
      await page.keyboard.press('Tab')
      expect(await page.evaluate(() => document.activeElement?.closest('main') !== null)).toBe(true)
    },
    minute,
  )

  it(
    'is used by keys alone: palette, map of the keys, menu, tabs, lists',
    async () => {
      await open(running.devopsWeb)
      await page.getByRole('button', { name: 'Search' }).focus()
      await page.keyboard.press('Control+k')
      await eventually(() => focused(page)).toContain('combobox')
      await page.keyboard.press('Escape')
      await eventually(() => focused(page)).toContain('button Search')
      await page.keyboard.press('Control+k')
      await page.getByRole('combobox').pressSequentially('privil')
      await page.keyboard.press('Enter')
      await page.waitForURL(/\/privileges$/)
      await eventually(() => page.evaluate(() => document.activeElement?.id)).toBe('main')

      await page.keyboard.press('?')
      await page.getByRole('dialog', { name: 'Keys' }).waitFor()
      await eventually(() => isInDialog(page)).toBe(true)
      expect(await strayFocus(page, 8)).toEqual([])
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })

      await page.keyboard.press('g')
      await page.keyboard.press(',')
      await page.waitForURL(/\/settings$/)
      await page.getByRole('link', { name: 'Retention' }).focus()
      await page.keyboard.press('Enter')
      await page.waitForURL(/tab=retention/)

      const account = page.getByRole('button', { name: /account menu/ })
      await account.focus()
      await page.keyboard.press('Enter')
      await page.getByRole('menuitem', { name: 'Your profile' }).waitFor()
      await page.keyboard.press('Escape')
      await page.getByRole('menu').waitFor({ state: 'detached' })
      await eventually(() => focused(page)).toContain('account menu')

      await open(`${running.devopsWeb}/audit`)
      await page.keyboard.press('j')
      await page.keyboard.press('Enter')
      await page.waitForURL(/row=/)
      await page.keyboard.press('/')
      await eventually(() => focused(page)).toContain('Filter by action')
    },
    2 * minute,
  )

  it(
    'holds the focus in the menu of a phone and gives it back',
    async () => {
      await open(running.devopsWeb)
      await page.setViewportSize({ width: 390, height: 844 })
      await page.getByRole('button', { name: 'Open menu' }).focus()
      await page.keyboard.press('Enter')
      await page.getByRole('dialog', { name: 'Menu' }).waitFor()
      await eventually(() => isInDialog(page)).toBe(true)
      expect(await strayFocus(page, 20)).toEqual([])
      expect((await overflows(page, [390, 360])).length).toBe(0)
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      await eventually(() => focused(page)).toContain('Open menu')
      await page.setViewportSize({ width: 1_440, height: 900 })
    },
    minute,
  )

  it('met no error in a page and no violation of the policy', () => {
    expect(noise).toEqual([])
  })
})

/// <reference lib="dom" />
import { readdirSync, readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import { chromiumPath } from '@console/testkit/needs'
import { type Browser, chromium, type Page } from 'playwright-core'
import { expect } from 'vitest'

/** With it, a picture of each page is made there: dark and light, 1440 and 390 wide. */
const pictures = process.env.PICTURES_DIR
/** Wide enough for a machine with much else to do; whatever is waited for ends the wait at once. */
const patienceMs = 45_000
export const patient = { timeout: patienceMs, interval: 200 }

export function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath ?? '',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

/** Notes what a page complains about, refusals of the API excepted: those are looked at where they are caused. */
export function listenTo(page: Page, noise: string[]): Page {
  page.setDefaultTimeout(patienceMs)
  page.on('console', (message) => {
    if (message.type() === 'error' && !/401|403|404|409|Failed to load resource/.test(message.text())) noise.push(message.text())
  })
  page.on('pageerror', (error) => noise.push(String(error)))
  void page.addInitScript(() =>
    document.addEventListener('securitypolicyviolation', (event) =>
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`),
    ),
  )
  return page
}

async function inTheme(page: Page, theme: 'dark' | 'light'): Promise<void> {
  await page.evaluate((light) => {
    if (light) document.documentElement.setAttribute('data-theme', 'light')
    else document.documentElement.removeAttribute('data-theme')
  }, theme === 'light')
  // Colours pass over in a few frames; in between they are those of neither theme.
  await page.waitForFunction(() => document.getAnimations().every((animation) => !(animation instanceof CSSTransition)))
}

/** What axe finds: every rule in dark, and in light what depends on colours. Where pictures are wanted, they are made here. */
export async function lookAt(page: Page, name: string): Promise<void> {
  if (pictures) await picture(page, pictures, name)
  const found: string[] = []
  for (const theme of ['dark', 'light'] as const) {
    await inTheme(page, theme)
    const builder = new AxeBuilder({ page })
    const rules =
      theme === 'dark' ? builder.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']) : builder.withRules(['color-contrast'])
    const { violations } = await rules.analyze()
    for (const { id, nodes } of violations) found.push(`${name} ${theme} ${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`)
  }
  await inTheme(page, 'dark')
  expect(found).toEqual([])
}

async function picture(page: Page, folder: string, name: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const theme of ['dark', 'light'] as const)
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 900 })
      await inTheme(page, theme)
      await page.screenshot({ path: join(folder, `${name}-${theme}-${width}.png`), fullPage: true })
    }
  await page.setViewportSize({ width: 1440, height: 900 })
  await inTheme(page, 'dark')
}

/** Whether a page is wider than a phone: nothing may be reached only by scrolling sideways. */
export async function fitsAPhone(page: Page): Promise<boolean> {
  await page.setViewportSize({ width: 390, height: 900 })
  const fits = await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)
  await page.setViewportSize({ width: 1440, height: 900 })
  return fits
}

/** How a run stands, as the head of its page says. */
export function stateIs(page: Page, word: string): Promise<void> {
  return page.locator('h1 .chip').filter({ hasText: word }).waitFor({ timeout: patienceMs })
}

/** The processes whose command line holds a mark, as the system lists them. */
export function processesWith(mark: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(mark)
      } catch {
        return false
      }
    })
    .map(Number)
}

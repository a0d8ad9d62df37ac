/// <reference lib="dom" />
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import { chromiumPath } from '@console/testkit/needs'
import { type Browser, type BrowserContext, chromium, type Page, type Request } from 'playwright-core'

const themes = ['dark', 'light'] as const
type Theme = (typeof themes)[number]
export const height = 900
/** Wide enough for a machine with much else to do; whatever is waited for ends the wait at once. */
export const patienceMs = 45_000
const axeTags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
export const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export async function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath ?? '', args: flags })
}

/**
 * A browser of its own, wide and dark, where nothing moves: a colour on its way would be measured as one. It keeps no pages unless it may:
 * most tests look at one page once, and each browser would fetch the whole dashboard.
 */
export async function newContext(browser: Browser, serviceWorkers: 'allow' | 'block' = 'block'): Promise<BrowserContext> {
  const viewport = { width: 1_440, height }
  const context = await browser.newContext({ viewport, colorScheme: 'dark', reducedMotion: 'reduce', serviceWorkers })
  return patientContext(context)
}

/** Waits as long as it takes on a busy machine, and bears that the host's network changes. */
export function patientContext(context: BrowserContext): BrowserContext {
  context.setDefaultTimeout(patienceMs)
  context.on('requestfailed', (request) => void loadAnew(request))
  return context
}

/**
 * Chromium gives up what waits for a connection when the interfaces of the host change, as they do while other tests start containers. A page
 * asks again what it reads itself; where a script of its own was lost, it stays empty until somebody loads it anew.
 */
async function loadAnew(request: Request): Promise<void> {
  const script = request.resourceType() === 'script' || request.resourceType() === 'stylesheet'
  if (!script || request.failure()?.errorText !== 'net::ERR_NETWORK_CHANGED') return
  console.log(`the host’s network changed: ${request.url()} was lost, and its page is loaded anew`)
  await request
    .frame()
    .page()
    .reload()
    .catch(() => undefined)
}

/** Keeps what no page may write: errors of the console, faults, violations of the policy. Refusals of the API are answers, not faults. */
export async function listenForNoise(page: Page, noise: string[]): Promise<void> {
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) noise.push(`${page.url()} ${message.text()}`)
  })
  page.on('pageerror', (error) => noise.push(`${page.url()} ${error}`))
  await page.addInitScript(() =>
    document.addEventListener('securitypolicyviolation', (event) =>
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`),
    ),
  )
}

/** Shows the theme without a reload and without keeping the choice. */
export async function showTheme(page: Page, theme: Theme): Promise<void> {
  await page.evaluate((name) => {
    if (name === 'light') document.documentElement.setAttribute('data-theme', 'light')
    else document.documentElement.removeAttribute('data-theme')
  }, theme)
}

/** What axe finds, a line each; empty when all is well. Without `rules` all of WCAG A and AA. */
export async function axeFindings(page: Page, rules?: string[]): Promise<string[]> {
  // The pages hold no frames, and what passed is not asked for: both cost more time than the rules themselves.
  const builder = new AxeBuilder({ page }).setLegacyMode(true).options({ resultTypes: ['violations'] })
  const { violations } = await (rules ? builder.withRules(rules) : builder.withTags(axeTags)).analyze()
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`)
}

/** By how many pixels the page is wider than the window at each width; empty when at none. */
export async function overflows(page: Page, widths: readonly number[]): Promise<string[]> {
  const found: string[] = []
  for (const width of widths) {
    await page.setViewportSize({ width, height })
    const over = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement
      // What is fixed over the page makes no scroll bar: it would only be cut off.
      const floating = [...document.querySelectorAll('[role="dialog"], [role="menu"]')].map((box) => box.getBoundingClientRect().right)
      // A table that is wider than its panel covers what stands beside it, unless the panel scrolls.
      const beside = [...document.querySelectorAll<HTMLElement>('.panel > table')].map((table) => {
        const panel = table.parentElement as HTMLElement
        return getComputedStyle(panel).overflowX === 'visible' ? clientWidth + table.offsetWidth - panel.clientWidth : 0
      })
      return Math.ceil(Math.max(scrollWidth, ...floating, ...beside) - clientWidth)
    })
    if (over > 0) found.push(`${over} px too wide at ${width}`)
  }
  return found
}

/** A picture in both themes and at two widths, where somebody asked for pictures. */
export async function takePictures(page: Page, folder: string | undefined, name: string): Promise<void> {
  if (!folder) return
  mkdirSync(folder, { recursive: true })
  for (const theme of themes)
    for (const width of [1_440, 390]) {
      await page.setViewportSize({ width, height })
      await showTheme(page, theme)
      await page.screenshot({ path: join(folder, `${name}-${theme}-${width}.png`), fullPage: true })
    }
}

/** What axe and the ruler find in what a page shows now, in both themes and at four widths; it is left dark and wide. Pictures of it where asked for. */
export async function pageFindings(page: Page, name: string): Promise<string[]> {
  await takePictures(page, process.env.PICTURES_DIR, name)
  await page.setViewportSize({ width: 1_440, height })
  await showTheme(page, 'dark')
  const found = (await axeFindings(page)).map((finding) => `dark ${finding}`)
  // The other theme changes colours and nothing else.
  await showTheme(page, 'light')
  found.push(...(await axeFindings(page, ['color-contrast'])).map((finding) => `light ${finding}`))
  found.push(...(await overflows(page, [1_440, 768, 390, 360])))
  await page.setViewportSize({ width: 1_440, height })
  await showTheme(page, 'dark')
  return found.map((finding) => `${name}: ${finding}`)
}

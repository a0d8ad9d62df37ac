import { join } from 'node:path'
import { type RunningConsole, startConsole } from '@console/testkit/start-console'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { launchChromium, listenForNoise, newContext } from './chromium-page.ts'
import { seedConsole } from './seed-console.ts'

export type SeededBrowser = {
  readonly running: RunningConsole
  readonly browser: Browser
  readonly context: BrowserContext
  readonly page: Page
  readonly seeded: Awaited<ReturnType<typeof seedConsole>>
  /** What pages complained about. */
  readonly noise: string[]
  stop(): Promise<void>
}

/** The whole console with the examples and something to look at, and a tab of the first admin. Nothing is left running where it fails. */
export async function startSeededBrowser(env: Readonly<Record<string, string>> = {}): Promise<SeededBrowser> {
  const noise: string[] = []
  const running = await startConsole({ SCRIPT_ROOTS: join(import.meta.dirname, '../../examples'), ...env })
  let browser: Browser | undefined
  const stop = async (): Promise<void> => {
    await browser?.close()
    await running.stop()
  }
  try {
    browser = await launchChromium()
    const context = await newContext(browser)
    const seeded = await seedConsole(context.request, running)
    const page = await context.newPage()
    await listenForNoise(page, noise)
    return { running, browser, context, page, seeded, noise, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

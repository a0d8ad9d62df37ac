import { join } from 'node:path'
import type { Person } from '@console/testkit/people'
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
  /** The first admin’s session of this browser, for calls without a page. */
  admin(): Promise<Person>
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
    const admin = async (): Promise<Person> => {
      const person = running.people.stranger()
      for (const { name, value, path } of await context.cookies()) person.platform.jar.set(`${name} ${path}`, { value, path })
      return running.people.again(person)
    }
    return { running, browser, context, page, seeded, admin, noise, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

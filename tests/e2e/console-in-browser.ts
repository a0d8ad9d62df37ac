import { mkdtempSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { aService } from '@console/testkit/people'
import { type RunningConsole, startConsole } from '@console/testkit/start-console'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { expect } from 'vitest'
import { launchChromium, listenForNoise, newContext } from './chromium-page.ts'
import { letGo, writeScripts } from './trial-scripts.ts'

type Answer = { readonly status: number; readonly body: Record<string, unknown> }
export type ConsoleInBrowser = RunningConsole & {
  /** Where the trial scripts lie. */
  readonly roots: string
  readonly browser: Browser
  /** The browser of the first admin. */
  readonly admin: BrowserContext
  /** What pages complained about. */
  readonly noise: string[]
  newContext(): Promise<BrowserContext>
  newPage(context?: BrowserContext): Promise<Page>
  /** What a page of this context would ask: with its cookies, its origin and a fresh CSRF token. */
  api(context: BrowserContext, method: string, url: string, data?: object, headers?: Readonly<Record<string, string>>): Promise<Answer>
  approve(scriptId: string): Promise<void>
  register(name: string, scriptId: string | null, more?: object): Promise<void>
  close(): Promise<void>
}

/** A console with trial scripts, and a browser beside it. @param mark stands on the command line of what `hangs.sh` leaves behind */
export async function startInBrowser(mark: string): Promise<ConsoleInBrowser> {
  const roots = mkdtempSync(join(homedir(), '.console-e2e-'))
  writeScripts(roots, mark)
  const running = await startConsole({ SCRIPT_ROOTS: roots }).catch((error: unknown) => {
    rmSync(roots, { recursive: true, force: true })
    throw error
  })
  const browser = await launchChromium()
  const admin = await newContext(browser)
  const noise: string[] = []
  const { devopsApi, platformApi, devopsWeb } = running
  const api: ConsoleInBrowser['api'] = async (context, method, url, data, headers = {}) => {
    const from = await context.request.get(url.startsWith(platformApi) ? `${platformApi}/auth/session` : `${devopsApi}/csrf-token`)
    const { csrfToken = '' } = (await from.json()) as { csrfToken?: string }
    const sent = { origin: devopsWeb, 'x-csrf-token': csrfToken, 'content-type': 'application/json', ...headers }
    const answer = await context.request.fetch(url, { method, headers: sent, ...(data && { data }) })
    return { status: answer.status(), body: (await answer.json()) as Answer['body'] }
  }
  return {
    ...running,
    roots,
    browser,
    admin,
    noise,
    newContext: () => newContext(browser),
    api,
    async newPage(context = admin) {
      const page = await context.newPage()
      await listenForNoise(page, noise)
      return page
    },
    async approve(scriptId) {
      const { digest } = (await api(admin, 'POST', `${devopsApi}/scripts/${scriptId}/plan`, {})).body
      const { grant } = (await api(admin, 'POST', `${platformApi}/auth/grants`, { verb: 'scripts.approve', digest })).body
      const answer = await api(admin, 'POST', `${devopsApi}/scripts/${scriptId}/approve`, { digest }, { 'x-grant': String(grant) })
      expect([scriptId, answer.status]).toEqual([scriptId, 200])
    },
    async register(name, scriptId, more = {}) {
      const { status, body } = await api(admin, 'POST', `${devopsApi}/services`, { ...aService(name, scriptId), ...more })
      expect([name, status, body.code]).toEqual([name, 201, undefined])
    },
    async close() {
      letGo(roots)
      await browser.close()
      await running.stop()
      rmSync(roots, { recursive: true, force: true })
    },
  }
}

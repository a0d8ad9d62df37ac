import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { chromiumPath } from '@console/testkit/needs'
import { startProgram } from '@console/testkit/program'
import { startParts } from '@console/testkit/running-parts'
import { freePorts } from '@console/testkit/start-console'
import { startTlsFront } from '@console/testkit/tls-front'
import { chromium, type Page } from 'playwright-core'

export type PublicNames = Awaited<ReturnType<typeof startPublicNames>>
export type Said = { readonly status: number; readonly text: string } | 'refused by the browser'

/**
 * The console under public names over TLS, and a browser that believes them: both APIs at api.x.test, a dashboard at admin.x.test, a hostile
 * page at a sibling, evil.x.test, and at another site, evil.test. Somebody is signed in.
 */
export async function startPublicNames() {
  const hostile = createServer((_request, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>evil</title>'),
  )
  await new Promise<void>((resolve) => hostile.listen(0, '127.0.0.1', resolve))
  const fronts = await Promise.all([startTlsFront(), startTlsFront(), startTlsFront(), startTlsFront()])
  const [platformFront, devopsFront, webFront, hostileFront] = fronts
  const urls = {
    platform: `https://api.x.test:${platformFront.port}/platform/api`,
    devops: `https://api.x.test:${devopsFront.port}/api/devops`,
    admin: `https://admin.x.test:${webFront.port}`,
    elsewhere: `https://evil.test:${hostileFront.port}`,
    sibling: `https://evil.x.test:${hostileFront.port}`,
  }
  const parts = await startParts({
    parts: ['platform-service', 'devops-backend'],
    origins: [urls.admin],
    env: { all: { DOMAIN: 'x.test' } },
  })
  const admin = await parts.setUp()
  const site = join(parts.folder, 'site')
  mkdirSync(site)
  for (const name of ['index.html', '404.html']) writeFileSync(join(site, name), '<!doctype html><title>ours</title>')
  const [webPort = 0] = await freePorts(1)
  const web = await startProgram('packages/web-host/src/main.ts', {
    WEB_ROOT: site,
    PORT: String(webPort),
    NEXT_PUBLIC_PLATFORM_URL: urls.platform,
    NEXT_PUBLIC_DEVOPS_API_URL: urls.devops,
    NEXT_PUBLIC_ADMIN_WEB_URL: urls.admin,
  })
  platformFront.leadTo(parts.platformPort)
  devopsFront.leadTo(parts.backendPort)
  webFront.leadTo(webPort)
  hostileFront.leadTo((hostile.address() as AddressInfo).port)
  const browser = await chromium.launch({
    ...(chromiumPath !== undefined && { executablePath: chromiumPath }),
    args: ['--no-sandbox', '--host-resolver-rules=MAP *.test 127.0.0.1'],
  })
  const context = await browser.newContext({ ignoreHTTPSErrors: true })
  const open = async (url: string): Promise<Page> => {
    const page = await context.newPage()
    await page.goto(url)
    return page
  }
  const pages = { ours: await open(urls.admin), elsewhere: await open(urls.elsewhere), sibling: await open(urls.sibling) }
  await parts.enrol(admin)
  const post = async (path: string, body: object): Promise<Record<string, unknown>> => {
    const asked = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    const said = await say(pages.ours, `${urls.platform}${path}`, asked)
    if (said === 'refused by the browser' || said.status !== 200) throw new Error(`not signed in: ${JSON.stringify(said)}`)
    return JSON.parse(said.text) as Record<string, unknown>
  }
  const { challenge } = await post('/auth/login', { email: admin.email, password: 'violet harbor quartz ninety' })
  await post('/auth/challenge', { challenge, code: parts.recoveryCode(admin.email) })
  return {
    parts,
    admin,
    urls,
    context,
    ...pages,
    open,
    /** The ports of both APIs and the dashboard, over TLS. */
    ports: [platformFront.port, devopsFront.port, webFront.port],
    async stop(): Promise<void> {
      await browser.close()
      for (const front of fronts) front.close()
      hostile.closeAllConnections()
      hostile.close()
      await web.stop()
      await parts.stop()
    },
  }
}

type Asked = {
  readonly method?: string
  readonly mode?: 'cors' | 'no-cors'
  readonly headers?: Record<string, string>
  readonly body?: string
}

/** What a page gets by fetch, cookies included. */
export function say(page: Page, url: string, asked: Asked = {}): Promise<Said> {
  return page.evaluate(
    async ([target, how]) => {
      try {
        const answer = await fetch(target, { ...how, credentials: 'include' })
        return { status: answer.status, text: await answer.text() }
      } catch {
        return 'refused by the browser' as const
      }
    },
    [url, asked] as const,
  )
}

export function textOf(said: Said): string {
  return said === 'refused by the browser' ? '' : said.text
}

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type Gateway, startGateway } from '@console/testkit/gateway'
import { chromiumPath } from '@console/testkit/needs'
import { type Program, startProgram } from '@console/testkit/program'
import { type Person, type RunningParts, startParts } from '@console/testkit/running-parts'
import { freePorts } from '@console/testkit/start-console'
import { type Browser, type BrowserContext, chromium } from 'playwright-core'
import { type RunningProvider, startOidcProvider } from '../../apps/platform-service/src/oidc-provider.fake.ts'
import { flags, patientContext } from './chromium-page.ts'

export type TestDomain = {
  readonly parts: RunningParts
  readonly admin: Person
  readonly gateway: Gateway
  /** A real sign-in provider, which lies on another site. */
  readonly provider: RunningProvider
  readonly urls: {
    readonly admin: string
    readonly devops: string
    readonly evil: string
    readonly platformApi: string
    readonly devopsApi: string
  }
  readonly browser: Browser
  newContext(): Promise<BrowserContext>
  stop(): Promise<void>
}

/**
 * The console under its names by https: both dashboards as they are shipped, both APIs at api.x.test, all behind one gateway, and a hostile
 * sibling, evil.x.test. Nothing is left running where it fails.
 */
export async function startTestDomain(): Promise<TestDomain> {
  const undo: (() => Promise<unknown> | unknown)[] = []
  const stop = async (): Promise<void> => {
    for (const one of undo.reverse().splice(0)) await one()
  }
  try {
    const gateway = await startGateway(['*.x.test'])
    undo.push(() => gateway.close())
    const at = (host: string) => `https://${host}.x.test:${gateway.port}`
    const urls = {
      admin: at('admin'),
      devops: at('devops'),
      evil: at('evil'),
      platformApi: `${at('api')}/platform/api`,
      devopsApi: `${at('api')}/api/devops`,
    }
    const provider = await startOidcProvider(`${urls.admin}/upstream`)
    undo.push(() => provider.stop())
    const parts = await startParts({
      parts: ['platform-service', 'devops-backend'],
      origins: [urls.admin, urls.devops],
      env: { all: { DOMAIN: 'x.test', NEXT_PUBLIC_ADMIN_WEB_URL: urls.admin }, 'platform-service': provider.env },
    })
    undo.push(() => parts.stop())
    const admin = await parts.setUp()
    const hostile = createServer((_request, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>evil</title>'),
    )
    await new Promise<void>((resolve) => hostile.listen(0, '127.0.0.1', resolve))
    undo.push(() => hostile.closeAllConnections())
    undo.push(() => hostile.close())
    const [adminPort = 0, devopsPort = 0] = await freePorts(2)
    for (const [name, port] of [
      ['admin', adminPort],
      ['devops', devopsPort],
    ] as const) {
      const web = await startWeb(name, port, urls)
      undo.push(() => web.stop())
    }
    gateway.lead([
      { host: 'api.x.test', under: '/platform/api/', port: parts.platformPort },
      { host: 'api.x.test', under: '/api/devops/', port: parts.backendPort },
      { host: 'admin.x.test', under: '/', port: adminPort },
      { host: 'devops.x.test', under: '/', port: devopsPort },
      { host: 'evil.x.test', under: '/', port: (hostile.address() as AddressInfo).port },
    ])
    const browser = await chromium.launch({
      executablePath: chromiumPath ?? '',
      args: [...flags, '--host-resolver-rules=MAP *.test 127.0.0.1'],
    })
    undo.push(() => browser.close())
    const newContext = async (): Promise<BrowserContext> => {
      const context = await browser.newContext({
        ignoreHTTPSErrors: true,
        viewport: { width: 1_440, height: 900 },
        reducedMotion: 'reduce',
        // No certificate that is merely let pass serves a worker, and each refusal of one would be noise.
        serviceWorkers: 'block',
      })
      return patientContext(context)
    }
    return { parts, admin, gateway, provider, urls, browser, newContext, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** A dashboard as it was built, by the program that serves it. */
function startWeb(name: 'admin' | 'devops', port: number, urls: TestDomain['urls']): Promise<Program> {
  return startProgram('packages/web-host/src/main.ts', {
    WEB_ROOT: join(import.meta.dirname, `../../apps/${name}-web/out`),
    WEB_HOSTS: `${name}.x.test`,
    PORT: String(port),
    NEXT_PUBLIC_PLATFORM_URL: urls.platformApi,
    NEXT_PUBLIC_DEVOPS_API_URL: urls.devopsApi,
    NEXT_PUBLIC_ADMIN_WEB_URL: urls.admin,
    NEXT_PUBLIC_DEVOPS_WEB_URL: urls.devops,
  })
}

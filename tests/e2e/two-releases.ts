import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SessionInfo } from '@console/contracts/auth/schemas'
import { freePorts } from '@console/testkit/start-console'
import { readDashboardSettings } from '@console/web-host/dashboard-settings'
import { finishSite } from '@console/web-host/finish-site'
import { createWebHost, type WebHost } from '@console/web-host/web-host'

const built = join(import.meta.dirname, '../../apps/devops-web/out')
const secret = 'what only a signed-in person may read'

export type TwoReleases = {
  readonly origin: string
  /** A chunk that each page of the first release runs, and the name it has in the second. */
  readonly chunk: { readonly first: string; readonly second: string }
  /** What the API answers, wherever it is found. */
  readonly secret: string
  /** Serves a release at the same address, instead of what was served; `gone` takes every worker back. */
  serve(release: 'first' | 'second' | 'gone'): Promise<void>
  /** As when the host is away: nothing listens any more. */
  away(): Promise<void>
  /** The API answers again. */
  answer(): Promise<void>
  stop(): Promise<void>
}

/**
 * The built dashboard, and a copy of it in which one chunk has another name, as a change of its text would give it. Beside them an API that
 * knows one person, and lets everybody keep what it says.
 */
export async function twoReleases(): Promise<TwoReleases> {
  const folder = mkdtempSync(join(tmpdir(), 'console-releases-'))
  const [webPort = 0, apiPort = 0] = await freePorts(2)
  const origin = `http://localhost:${webPort}`
  cpSync(built, join(folder, 'second'), { recursive: true })
  const first = chunkOfAll()
  const second = first.replace(/\.js$/, '-2.js')
  renameSync(join(folder, 'second', first), join(folder, 'second', second))
  for (const file of readdirSync(join(folder, 'second'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(html|txt)$/.test(name),
  )) {
    const path = join(folder, 'second', file)
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(first.slice('/_next/'.length), second.slice('/_next/'.length)))
  }
  await finishSite(join(folder, 'second'))
  const { settings } = readDashboardSettings({
    NEXT_PUBLIC_DEVOPS_API_URL: `http://localhost:${apiPort}/api/devops`,
    NEXT_PUBLIC_PLATFORM_URL: `http://localhost:${apiPort}/platform/api`,
  })
  let web: WebHost | undefined
  let api: Server | undefined
  const away = async (): Promise<void> => {
    await web?.close(0)
    const ending = api
    ending?.closeAllConnections()
    await new Promise<void>((resolve) => (ending ? ending.close(() => resolve()) : resolve()))
    web = api = undefined
  }
  const answer = async (): Promise<void> => {
    api ??= await startApi(apiPort, origin)
  }
  return {
    origin,
    chunk: { first, second },
    secret,
    async serve(release) {
      await web?.close(0)
      const dir = release === 'second' ? join(folder, 'second') : built
      web = await createWebHost({ dir, settings, port: webPort, worker: release !== 'gone' })
    },
    away,
    answer,
    async stop() {
      await away()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function chunkOfAll(): string {
  const page = readFileSync(join(built, 'services.html'), 'utf8')
  const name = /<script src="(\/_next\/static\/chunks\/[^"/]+\.js)"/.exec(page)?.[1]
  if (!name) throw new Error('the page of services runs no chunk')
  return name
}

/** Knows one session; everything else is away. All that it says may be kept by anybody, as no true API would say. */
function startApi(port: number, origin: string): Promise<Server> {
  const later = new Date(Date.now() + 3_600_000).toISOString()
  const session: SessionInfo = {
    user: { id: '01jd9y0k7c0000000000000000', name: secret, email: 'first@example.net' },
    memberships: [{ productId: 'bytelyst-devops', role: 'admin', plan: 'PLAN', expiresAt: null }],
    csrfToken: 'x'.repeat(43),
    expiresAt: later,
    endsAt: later,
    factorAt: later,
    factors: ['password'],
  }
  const server = createServer((request, response) => {
    const known = request.url === '/platform/api/auth/session'
    response.writeHead(request.method === 'OPTIONS' ? 204 : known ? 200 : 503, {
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-allow-headers': 'x-csrf-token, content-type, authorization, traceparent',
      'cache-control': 'public, max-age=3600',
      'content-type': known ? 'application/json' : 'application/problem+json',
      'set-cookie': 'bl_sid=secret; Path=/; HttpOnly',
      connection: 'close',
    })
    response.end(
      request.method === 'OPTIONS'
        ? ''
        : JSON.stringify(known ? session : { code: 'STORE_UNREACHABLE', title: secret, status: 503, detail: secret }),
    )
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}

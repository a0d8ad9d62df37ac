import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { isIPv6 } from 'node:net'
import { chooseEncoding, createCompressor } from './compressed.ts'
import { apiOrigins, type DashboardSettings, webHosts } from './dashboard-settings.ts'
import { judgeHost } from './request-host.ts'
import { retiredWorker, workerPath } from './retired-worker.ts'
import { commonHeaders, filePolicy, pagePolicy, workerPolicy } from './security-headers.ts'
import { readSite, type Site, type SiteFile, siteFile } from './site-files.ts'

export type WebHostOptions = {
  /** folder of the export */
  readonly dir: string
  readonly settings: DashboardSettings
  readonly port: number
  /** addresses to listen on; 127.0.0.1 and ::1 if not given. Of several, those that the machine does not have are passed over. */
  readonly addresses?: readonly string[]
  /** further host names to answer for, beside loopback and those of the settings */
  readonly hosts?: readonly string[]
  /** folder of the release before, whose chunks are still served */
  readonly previous?: string
  /** `false`: no browser keeps pages any more, and what one keeps is removed when it next looks here */
  readonly worker?: boolean
}

export type WebHost = {
  /** `http://address:port` of each address listened on */
  readonly addresses: readonly string[]
  readonly port: number
  /** what is wrong with the site, though it can be served */
  readonly warnings: readonly string[]
  /** Ends within `graceMs` (3 s if not given), answers under way included. */
  readonly close: (graceMs?: number) => Promise<void>
}

/** One answer, before it is written. */
export type Answer = { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: Buffer }

/**
 * Serves an exported dashboard. Everything is read once, so nothing on disk can be reached by a path; inline scripts run by hash alone.
 * @throws the system's error when the folder cannot be read or the port is taken
 */
export async function createWebHost(options: WebHostOptions): Promise<WebHost> {
  const { dir, port, addresses = ['127.0.0.1', '::1'], previous } = options
  const site = await readSite(dir, previous)
  if (!site.files.has('/')) throw new Error(`${dir} holds no index.html. Build the dashboard first.`)
  const answer = answerFrom(site, options)
  const servers: Server[] = []
  const urls: string[] = []
  try {
    for (const address of addresses) {
      const known = servers[0]?.address()
      const server = createServer(limits, (request, response) => void respond(request, response, answer))
      const listening = await listen(server, address, typeof known === 'object' && known !== null ? known.port : port).catch(
        (error: NodeJS.ErrnoException) => {
          if (addresses.length > 1 && missingAddress.has(error.code ?? '')) return undefined
          throw error
        },
      )
      if (listening === undefined) continue
      servers.push(server)
      urls.push(`http://${isIPv6(address) ? `[${address}]` : address}:${listening}`)
    }
  } catch (error) {
    await Promise.all(servers.map((server) => end(server, 0)))
    throw error
  }
  if (urls.length === 0) throw new Error(`This machine has none of the addresses ${addresses.join(', ')}.`)
  return {
    addresses: urls,
    port: Number(new URL(urls[0] as string).port),
    warnings: site.warnings,
    close: async (graceMs = 3000) => {
      await Promise.all(servers.map((server) => end(server, graceMs)))
    },
  }
}

const missingAddress = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT'])
const limits = { headersTimeout: 10_000, requestTimeout: 15_000, keepAliveTimeout: 65_000, maxHeaderSize: 16 * 1024 }

/** From a request to its answer: pure but for compressing. */
function answerFrom(site: Site, { settings, hosts = [], worker = true }: WebHostOptions): (request: IncomingMessage) => Promise<Answer> {
  const allowed = new Set([...webHosts(settings), ...hosts].map((host) => host.toLowerCase()))
  const connectOrigins = apiOrigins(settings)
  const settingsBody = Buffer.from(JSON.stringify(settings))
  const compressor = createCompressor()
  const retired = siteFile(workerPath, Buffer.from(retiredWorker))

  return async (request) => {
    if (request.rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length !== 1)
      return plain(400, 'One Host header, please.')
    const host = judgeHost(request.headers.host, allowed)
    if (host === undefined) return plain(421, 'This host name is not served here.')
    const headers = commonHeaders(host.loopback)
    if (request.method !== 'GET' && request.method !== 'HEAD') return plain(405, 'Only GET and HEAD.', { ...headers, allow: 'GET, HEAD' })
    const target = targetOf(request.url ?? '')
    if (target === undefined) return plain(400, 'That is no path.', headers)
    if (target.path === '/settings.json') return json(settingsBody, headers)
    const to = site.moved.get(target.path)
    if (to !== undefined) return plain(308, '', { ...headers, location: encodeURI(to) + target.query })

    const file = target.path === workerPath && !worker ? retired : (site.files.get(target.path) ?? site.notFound)
    if (file === undefined) return plain(404, 'There is nothing here.', headers)
    const status = file === site.notFound ? 404 : 200
    const policy = policyOf(file, { connectOrigins, loopback: host.loopback })
    const told = {
      ...headers,
      'content-security-policy': policy,
      'content-type': file.type,
      'cache-control': cacheOf(file),
      etag: file.etag,
      vary: 'accept-encoding',
    }
    if (status === 200 && matches(request.headers['if-none-match'], file.etag)) return { status: 304, headers: told, body: Buffer.alloc(0) }
    const encoding = chooseEncoding(header(request, 'accept-encoding'))
    const compressed = encoding === 'identity' ? undefined : await compressor.get(file, encoding)
    return { status, headers: compressed === undefined ? told : { ...told, 'content-encoding': encoding }, body: compressed ?? file.bytes }
  }
}

/** A worker lives by the policy of its own script; for any other script the header means nothing. */
function policyOf(file: SiteFile, asked: { readonly connectOrigins: readonly string[]; readonly loopback: boolean }): string {
  if (file.path === workerPath) return workerPolicy
  const runs = file.scriptHashes !== undefined || file.type.startsWith('text/javascript')
  return runs ? pagePolicy({ scriptHashes: file.scriptHashes ?? [], ...asked }) : filePolicy
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (request: IncomingMessage) => Promise<Answer>,
): Promise<void> {
  request.resume()
  const { status, headers, body } = await answer(request).catch(() => plain(500, 'The page could not be made ready.'))
  // A body that nobody asked for is not waited for.
  const hasBody = request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined
  response.writeHead(status, {
    ...headers,
    ...(status === 304 ? {} : { 'content-length': body.length }),
    ...(hasBody && { connection: 'close' }),
  })
  response.end(request.method === 'HEAD' || status === 304 ? undefined : body)
}

function plain(status: number, text: string, headers: Readonly<Record<string, string>> = commonHeaders(true)): Answer {
  return {
    status,
    headers: {
      ...headers,
      'content-security-policy': filePolicy,
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
    },
    body: Buffer.from(text === '' ? '' : `${text}\n`),
  }
}

function json(body: Buffer, headers: Readonly<Record<string, string>>): Answer {
  return {
    status: 200,
    headers: {
      ...headers,
      'content-security-policy': filePolicy,
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
    },
    body,
  }
}

/** The decoded path and the raw query of a request target; only a path of this server is one. */
function targetOf(url: string): { path: string; query: string } | undefined {
  if (!url.startsWith('/')) return undefined
  const at = url.indexOf('?')
  try {
    return { path: decodeURIComponent(at < 0 ? url : url.slice(0, at)), query: at < 0 ? '' : url.slice(at) }
  } catch {
    return undefined
  }
}

function cacheOf({ immutable }: SiteFile): string {
  return immutable ? 'public, max-age=31536000, immutable' : 'no-cache'
}

function matches(given: string | undefined, etag: string): boolean {
  const tags = (given ?? '').split(',').map((one) => one.trim().replace(/^W\//, ''))
  return tags.includes('*') || tags.includes(etag.replace(/^W\//, ''))
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value.join(',') : value
}

function listen(server: Server, address: string, port: number): Promise<number> {
  return new Promise((done, failed) => {
    server.once('error', failed)
    server.listen({ host: address, port, exclusive: true }, () => {
      server.off('error', failed)
      const bound = server.address()
      done(typeof bound === 'object' && bound !== null ? bound.port : port)
    })
  })
}

function end(server: Server, graceMs: number): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(() => server.closeAllConnections(), graceMs)
    server.close(() => {
      clearTimeout(timer)
      done()
    })
    server.closeIdleConnections()
  })
}

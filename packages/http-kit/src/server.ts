import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { parseStrictJson } from '@console/verbs/json-strict'
import cors from '@fastify/cors'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from 'fastify'
import { assertBytes } from './body-bytes.ts'
import { actorOf } from './context.ts'
import type { Measure } from './measure.ts'
import { AppError, sendProblem } from './problem.ts'

export type ServerOptions = {
  readonly name: string
  readonly production: boolean
  readonly allowedOrigins: readonly string[]
  /** Host names that requests may be for; the port does not count. */
  readonly hosts: readonly string[]
  /** Exact addresses whose X-Forwarded-For is believed. */
  readonly trustedProxy: readonly string[]
  /** One JSON line a call. */
  readonly write: (line: string) => void
  /** What counts each request, whatever becomes of it. */
  readonly measure?: Pick<Measure, 'took'>
}

const bodyBytes = 1_048_576

/**
 * A Fastify without its leniencies: no coercion, nothing dropped silently, exact JSON, known hosts, no upgrade, short patience,
 * and headers that let no browser guess. CORS is for exact origins with credentials.
 */
export async function buildServer({
  name,
  production,
  allowedOrigins,
  hosts,
  trustedProxy,
  write,
  measure,
}: ServerOptions): Promise<FastifyInstance> {
  const fixed = headersOf(production)
  const app = Fastify({
    logger: {
      level: production ? 'info' : 'warn',
      base: { name },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
      stream: { write },
    },
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    bodyLimit: bodyBytes,
    routerOptions: { maxParamLength: 200, caseSensitive: true, ignoreTrailingSlash: false, ignoreDuplicateSlashes: false },
    exposeHeadRoutes: false,
    trustProxy: trustedProxy.length > 0 ? [...trustedProxy] : false,
    requestTimeout: 30_000,
    http: { headersTimeout: 5_000, connectionsCheckingInterval: 500, maxHeaderSize: 16_384, requireHostHeader: true },
    // With none here Fastify would load its compilers of JSON Schema: `mount` gives those of Zod.
    schemaController: { compilersFactory: { buildValidator: noCompiler, buildSerializer: noCompiler } },
    forceCloseConnections: true,
    clientErrorHandler: refuseHead,
    frameworkErrors: (_error, request, reply) => refusePath(request, reply, fixed),
  })
  app.server.maxConnections = 2_000
  app.server.on('upgrade', (_request: IncomingMessage, socket) => socket.end(upgradeRefused))
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (request.routeOptions.config?.bytes) return done(null, body)
    try {
      done(null, body.length === 0 ? undefined : parseStrictJson(body.toString()))
    } catch (error) {
      done(error as Error)
    }
  })
  // Reached only by routes that take it: all others refuse the type before.
  app.addContentTypeParser('application/x-protobuf', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  const known = new Set(hosts)
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(fixed)
    reply.header('x-request-id', request.id)
    assertSane(request, known)
  })
  await app.register(cors, {
    origin: [...allowedOrigins],
    credentials: true,
    methods: ['GET', 'POST', 'PUT', 'DELETE'],
    maxAge: 600,
    allowedHeaders: ['content-type', 'x-csrf-token', 'x-grant', 'x-activity', 'idempotency-key', 'if-match', 'last-event-id'],
    exposedHeaders: ['etag', 'retry-after', 'x-request-id', 'idempotency-replayed'],
  })
  // Made after the plugin for CORS, whose own answer to OPTIONS is no route of ours.
  const early: string[] = []
  app.decorate('routesBeforeMount', early)
  app.addHook('onRoute', ({ method, url }) => void early.push(`${String(method)} ${url}`))
  app.addHook('onResponse', async (request, reply) => {
    measure?.took(request.routeOptions.config?.actionId, reply.statusCode, reply.elapsedTime / 1_000)
    write(accessLine(name, request, reply.statusCode, reply.elapsedTime))
  })
  return app
}

function noCompiler(): never {
  throw new Error('A route with a schema was made before the actions were mounted.')
}

/** Kept apart from Fastify's own list: what a browser may do with an answer of an API is nothing. */
function headersOf(production: boolean): Record<string, string> {
  return {
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-site',
    'x-frame-options': 'DENY',
    ...(production && { 'strict-transport-security': 'max-age=31536000; includeSubDomains' }),
  }
}

function assertSane(request: FastifyRequest, hosts: ReadonlySet<string>): void {
  const { raw } = request
  if (raw.httpVersionMajor !== 1) throw new AppError('REQUEST_INVALID', 505, 'Only HTTP/1.1 is spoken here.')
  if (countOf(raw, 'host') !== 1) throw new AppError('REQUEST_INVALID', 400, 'The request must name one host.')
  if (!hosts.has(request.hostname)) throw new AppError('REQUEST_INVALID', 421, 'This host name is not served here.')
  if (!raw.url?.startsWith('/') || raw.url.startsWith('//'))
    throw new AppError('REQUEST_INVALID', 400, 'The request target must be a path.')
  if (countOf(raw, 'authorization') > 1 || countOf(raw, 'content-type') > 1 || countOf(raw, 'origin') > 1)
    throw new AppError('REQUEST_INVALID', 400, 'A header was sent twice.')
  const type = raw.headers['content-type']
  const { bytes } = request.routeOptions.config ?? {}
  if (bytes) {
    assertBytes(raw.headers, bytes)
    return
  }
  if (type !== undefined && type !== 'application/json') throw new AppError('CONTENT_TYPE_REFUSED', 415, 'Only application/json is read.')
  if (raw.headers['content-encoding'] !== undefined) throw new AppError('CONTENT_TYPE_REFUSED', 415, 'Compressed bodies are not read.')
}

function countOf({ rawHeaders }: IncomingMessage, name: string): number {
  return rawHeaders.filter((header, at) => at % 2 === 0 && header.toLowerCase() === name).length
}

function accessLine(name: string, request: FastifyRequest, status: number, elapsedMs: number): string {
  const route = request.routeOptions.config?.actionId ?? request.routeOptions.url ?? 'none'
  return `${JSON.stringify({ time: new Date().toISOString(), level: 'info', name, msg: 'request', requestId: request.id, actorId: actorOf(request).id, route, method: request.method, status, durationMs: Math.round(elapsedMs * 10) / 10 })}\n`
}

/** Listens on each address; one that the machine lacks (no IPv6) is passed over as long as the first works. */
export async function listenOn(app: FastifyInstance, addresses: readonly string[], port: number): Promise<void> {
  const [first = '127.0.0.1', ...others] = addresses
  const more: Server[] = []
  app.addHook('onClose', async () => {
    for (const server of more) {
      server.closeAllConnections()
      server.close()
    }
  })
  await app.listen({ host: first, port })
  for (const host of others) more.push(await listenAlso(app, host, port))
}

/** A second listener of the same application, for ::1 beside 127.0.0.1. */
async function listenAlso(app: FastifyInstance, host: string, port: number): Promise<Server> {
  const { headersTimeout, requestTimeout, maxConnections } = app.server
  const server = createServer({ connectionsCheckingInterval: 500, maxHeaderSize: 16_384 }, (request, response) =>
    app.routing(request, response),
  )
  Object.assign(server, { headersTimeout, requestTimeout, maxConnections })
  server.on('upgrade', (_request, socket) => socket.end(upgradeRefused))
  server.on('clientError', refuseHead)
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT' ? resolve() : reject(error),
    )
    server.listen(port, host, () => resolve())
  })
  return server
}

/** A path that cannot be decoded, or with a part longer than any name is: it reaches no route, and no hook that would answer as for the others. */
function refusePath(request: FastifyRequest, reply: FastifyReply, headers: Record<string, string>): void {
  reply.headers(headers).header('x-request-id', request.id)
  sendProblem(new AppError('REQUEST_INVALID', 400, 'The path names nothing that could be here.'), request, reply)
}

/** What could not be read as a request is answered as any other problem, and the connection ends. */
function refuseHead(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const { status, title, detail } = badHeads.get(error.code ?? '') ?? unreadable
  const problem = { type: 'about:blank', title, status, detail, code: 'REQUEST_INVALID', requestId: randomUUID() }
  const body = JSON.stringify(problem)
  const head = [
    `HTTP/1.1 ${status} ${title}`,
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'X-Content-Type-Options: nosniff',
    'Connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}

const unreadable = { status: 400, title: 'Bad Request', detail: 'This is no request that can be read.' }
const badHeads = new Map([
  [
    'HPE_HEADER_OVERFLOW',
    { status: 431, title: 'Request Header Fields Too Large', detail: 'Target and headers may take 16 KiB together.' },
  ],
  ['ERR_HTTP_REQUEST_TIMEOUT', { status: 408, title: 'Request Timeout', detail: 'The request did not come whole in time.' }],
])

const upgradeRefused = 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'

declare module 'fastify' {
  interface FastifyInstance {
    /** Every route so far, as `GET /path`. */
    readonly routesBeforeMount: readonly string[]
  }
}

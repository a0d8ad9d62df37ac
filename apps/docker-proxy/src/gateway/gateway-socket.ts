import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createConnections } from '@console/verb-kit/connections'
import type { RunningDaemon } from '@console/verb-kit/daemon'
import { createLimiter, defaultDaemonLimits } from '@console/verb-kit/limits'
import { DaemonError } from '@console/verb-kit/problem'
import { createRefusalBook, type RefusalBook } from '@console/verb-kit/refusals'
import { assertSocketFree, listenOnSocket } from '@console/verb-kit/socket'
import type { Engine } from '../engine.ts'
import { jsonLines } from '../json-lines.ts'
import type { Model } from '../model.ts'
import { gatewayContainer, gatewayEvent, gatewayList } from './gateway-answers.ts'
import { type GatewayAsk, gatewayAsk } from './gateway-routes.ts'

type Options = {
  readonly socketPath: string
  readonly model: Pick<Model, 'prefix' | 'info'>
  /** Not the model's own, so that a gateway that asks too much holds up nobody else. */
  readonly engine: Engine
  readonly journal: Pick<RunningDaemon['journal'], 'append'>
  readonly log: (level: 'info' | 'warn' | 'error', msg: string, more?: object) => void
}
export type GatewaySocket = { stop(): Promise<void> }
/** The stream that is open; another one takes its place, as a gateway that lost it asks anew. */
type Following = { stop: AbortController | null }

const mostBytes = 8 * 1_048_576
const flushMs = 5_000
const mostConnections = 20
/** A day, which no answer but the stream of events comes near. */
const answerMs = 86_400_000

/** What a gateway may learn of containers to route by: five reads in one spelling each, with an answer of our own making. */
export async function openGatewaySocket({ socketPath, model, engine, journal, log }: Options): Promise<GatewaySocket> {
  await assertSocketFree(socketPath)
  const monotonic = (): number => performance.now()
  const refusals = createRefusalBook({ journal, limiter: createLimiter(defaultDaemonLimits, monotonic), log, monotonic })
  const following: Following = { stop: null }
  const server: Server = createConnections({
    serve: (request, response, requestId) => serve({ model, engine, refusals, following }, { request, response, requestId }),
    refused: (requestId, code) => void refusals.record({ action: 'gateway.request.refused', caller: null, requestId, code }),
    log,
    mostConnections,
    answerMs,
  })
  await listenOnSocket(server, socketPath)
  const ticker = setInterval(() => void refusals.flush(), flushMs)
  log('info', 'the socket of the gateway is open', { socket: socketPath })
  return {
    async stop() {
      clearInterval(ticker)
      following.stop?.abort()
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
      await refusals.flush()
    },
  }
}

type Serving = Pick<Options, 'model' | 'engine'> & { readonly refusals: RefusalBook; readonly following: Following }
type Call = { readonly request: IncomingMessage; readonly response: ServerResponse; readonly requestId: string }

async function serve(serving: Serving, call: Call): Promise<void> {
  const { request, response, requestId } = call
  try {
    const ask = admitted(request)
    if (ask.what === 'events') return await follow(serving, response)
    const { json, headers = {} } = await answerOf(ask, serving)
    const bytes = Buffer.from(typeof json === 'string' ? json : JSON.stringify(json))
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': bytes.length, ...headers }).end(bytes)
  } catch (error) {
    // What the engine could not answer was not refused.
    if (error instanceof DaemonError && !error.code.startsWith('DOCKER_'))
      await serving.refusals.record({
        action: 'gateway.request.refused',
        caller: null,
        requestId,
        code: error.code,
        details: { method: request.method, path: (request.url ?? '').split('?')[0]?.slice(0, 100) },
      })
    throw error
  }
}

/** @throws DaemonError for all but the five, before anything reaches the engine */
function admitted(request: IncomingMessage): GatewayAsk {
  const { method, headers, url = '', httpVersion } = request
  if (httpVersion !== '1.1') throw new DaemonError('REQUEST_INVALID', 505, 'Only HTTP/1.1 is spoken.')
  if (method !== 'GET') throw new DaemonError('METHOD_NOT_ALLOWED', 405, 'Only five reads are served here.')
  if (headers.upgrade !== undefined || headers.expect !== undefined)
    throw new DaemonError('REQUEST_INVALID', 400, 'Only plain requests are served here.')
  if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0)
    throw new DaemonError('REQUEST_INVALID', 400, 'A read has no body.')
  const ask = gatewayAsk(url)
  if (!ask) throw new DaemonError('ROUTE_NOT_FOUND', 404, 'Only five reads are served here.')
  return ask
}

type Answer = { readonly json: object | string; readonly headers?: Readonly<Record<string, string>> }

async function answerOf(ask: Exclude<GatewayAsk, { what: 'events' }>, { engine, model }: Serving): Promise<Answer> {
  if (ask.what === 'ping')
    return { json: 'OK', headers: { 'content-type': 'text/plain; charset=utf-8', 'api-version': model.info().negotiated, ostype: 'linux' } }
  if (ask.what === 'version') {
    const { version, negotiated, minApiVersion, os, arch } = model.info()
    return { json: { Version: version, ApiVersion: negotiated, MinAPIVersion: minApiVersion, Os: os, Arch: arch } }
  }
  if (ask.what === 'list') {
    const { body } = await engine.json({ method: 'GET', path: `${model.prefix()}/containers/json?all=1`, mostBytes, timeoutMs: 5_000 })
    return { json: gatewayList(body) }
  }
  const path = `${model.prefix()}/containers/${ask.id}/json`
  const { status, body } = await engine.json({ method: 'GET', path, mostBytes, timeoutMs: 3_000, accept: [200, 404] })
  if (status === 404) throw new DaemonError('DOCKER_CONTAINER_NOT_FOUND', 404, 'There is no such container.')
  return { json: gatewayContainer(body, ask.id) }
}

/** Events as they come, until either side goes. */
async function follow({ model, engine, following }: Serving, response: ServerResponse): Promise<void> {
  const own = new AbortController()
  const path = `${model.prefix()}/events?filters=${encodeURIComponent('{"type":["container"]}')}`
  following.stop?.abort()
  following.stop = own
  response.once('close', () => own.abort())
  const stream = await engine.stream({ method: 'GET', path, timeoutMs: 5_000 }, own.signal)
  try {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    for await (const value of jsonLines(stream)) {
      const event = gatewayEvent(value)
      // One that does not read is cut rather than waited for: it asks for all of it again.
      if (event && !response.write(`${JSON.stringify(event)}\n`) && response.writableLength > mostBytes) break
    }
  } catch (error) {
    if (!own.signal.aborted) throw error
  } finally {
    stream.destroy()
    own.abort()
    response.end()
  }
}

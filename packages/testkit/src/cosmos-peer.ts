import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { type BatchOperation, createPeerContainer, type PeerContainer, type PeerDefinition, PeerRefusal } from './cosmos-peer-data.ts'
import { type PeerItem, Refused, readQuestion } from './cosmos-peer-query.ts'

/**
 * What becomes of a request: an answer in place of the true one (`status`), a connection that ends `before` or `after` it was carried out, one that ends
 * in place of the answer that it was done while a refusal arrives (`lost`), or no answer at all (`hang`, carried out or not).
 */
export type PeerFault = { readonly status: number; readonly retryAfterMs?: number } | 'before' | 'after' | 'lost' | 'hang' | 'hang after'
export type PeerRequest = {
  readonly method: string
  readonly path: string
  readonly batch: boolean
  readonly write: boolean
  readonly plan: boolean
}
export type CosmosPeer = {
  readonly endpoint: string
  readonly key: string
  /** What was asked since the last look. */
  readonly asked: PeerRequest[]
  /** What is to go wrong with each request; null for nothing. */
  fault: (request: PeerRequest) => PeerFault | null
  /** At most so many items a page, whatever is asked for: pages may be short. */
  pageItems: number
  /** Puts documents there that another program wrote, each into a partition of its own. */
  put(database: string, container: string, docs: readonly Readonly<Record<string, unknown>>[]): void
  close(): Promise<void>
}
type Options = {
  /** Request units that may be used in a second; without bound where it is not set. */
  readonly unitsPerSecond?: number
  /** The address of this machine at which it is reached; loopback where it is not given. */
  readonly host?: string
  /** Speaks TLS with this certificate, and lets in whoever shows a token of Entra ID that is good for this account, beside its key. */
  readonly entra?: { readonly key: string; readonly cert: string; readonly isGood: (token: string, endpoint: string) => boolean }
}

/**
 * A stand-in of Cosmos DB (NoSQL API over HTTP) that knows what the driver says and refuses every other header, path and statement with 400. Beside each
 * behaviour stands the document that it was taken from; what the SDK sends was taken from its source, https://github.com/Azure/azure-sdk-for-js.
 */
export async function startCosmosPeer({ unitsPerSecond = Number.POSITIVE_INFINITY, host, entra }: Options = {}): Promise<CosmosPeer> {
  const key = Buffer.from('a key of the stand-in, of no account').toString('base64')
  const databases = new Map<string, Map<string, PeerContainer>>()
  const units = createUnits(unitsPerSecond)
  const listener = (request: IncomingMessage, response: ServerResponse) => void serve(request, response)
  const server = entra ? createSecureServer(entra, listener) : createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, host ?? '127.0.0.1', resolve))
  const peer: CosmosPeer = {
    endpoint: `${entra ? `https://${host ?? 'localhost'}` : `http://${host ?? '127.0.0.1'}`}:${(server.address() as AddressInfo).port}`,
    key,
    asked: [],
    fault: () => null,
    pageItems: Number.POSITIVE_INFINITY,
    put(database, name, docs) {
      const containers = databases.get(database) ?? new Map<string, PeerContainer>()
      databases.set(database, containers)
      // What a container indexes where nobody said: https://learn.microsoft.com/azure/cosmos-db/index-policy
      const indexingPolicy = { includedPaths: [{ path: '/*' }] }
      const container = createPeerContainer({ id: name, partitionKey: { paths: ['/pk'] }, indexingPolicy })
      containers.set(name, container)
      for (const doc of docs) container.create(String(doc.id), { ...doc, id: String(doc.id), pk: String(doc.id) })
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return peer

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request)
    const told = tellOf(request)
    peer.asked.push(told)
    const fault = peer.fault(told)
    if (fault === 'before') return void request.socket.destroy()
    if (fault === 'hang') return
    if (fault !== null && typeof fault === 'object')
      return answer(response, fault.status, { code: 'Injected', message: 'injected' }, retryHeaders(fault.retryAfterMs))
    let outcome: Outcome
    try {
      assertKnownHeaders(request)
      if (entra && isToken(request)) assertToken(request, (token) => entra.isGood(token, peer.endpoint))
      else assertSigned(request, key)
      const waitMs = units.take(told)
      // https://learn.microsoft.com/azure/cosmos-db/troubleshoot-request-rate-too-large: 429, 3200, and when to come back.
      outcome =
        waitMs > 0
          ? { status: 429, body: { message: 'Request rate is large.' }, headers: { ...retryHeaders(waitMs), 'x-ms-substatus': '3200' } }
          : route(databases, { request, body, most: peer.pageItems })
    } catch (error) {
      outcome = refusalOf(error)
    }
    if (fault === 'after' || (fault === 'lost' && outcome.status < 300)) return void request.socket.destroy()
    if (fault === 'hang after') return
    answer(response, outcome.status, outcome.body, outcome.headers)
  }
}

type Outcome = { readonly status: number; readonly body: unknown; readonly headers?: Record<string, string> }
type Databases = Map<string, Map<string, PeerContainer>>
type Asked = { readonly request: IncomingMessage; readonly body: string; readonly most: number }

/** Addresses: https://learn.microsoft.com/rest/api/cosmos-db/cosmosdb-resource-uri-syntax-for-rest */
function route(databases: Databases, asked: Asked): Outcome {
  const { method = '', url = '' } = asked.request
  const [dbs, database, colls, container, docs, id, ...more] = url.split('/').slice(1).map(decodeURIComponent)
  const what = `${method} ${[dbs, database && 'd', colls, container && 'c', docs, id && 'i', ...more].filter(Boolean).join('/')}`
  const json = () => JSON.parse(asked.body) as Record<string, unknown>
  if (what === 'POST dbs') {
    const { id: name } = json() as { id: string }
    if (databases.has(name)) throw new PeerRefusal(409, 'Resource with specified id or name already exists.')
    databases.set(name, new Map())
    return { status: 201, body: { id: name } }
  }
  // https://learn.microsoft.com/rest/api/cosmos-db/http-status-codes-for-cosmosdb: 404 with 1003 where what it lies in is missing.
  const containers = databases.get(database ?? '')
  if (!containers) throw new PeerRefusal(404, 'Owner resource does not exist.', 1003)
  if (what === 'GET dbs/d') return { status: 200, body: { id: database } }
  if (what === 'POST dbs/d/colls') {
    const definition = json() as unknown as PeerDefinition
    if (containers.has(definition.id)) throw new PeerRefusal(409, 'Resource with specified id or name already exists.')
    containers.set(definition.id, createPeerContainer(definition))
    return { status: 201, body: definition }
  }
  const found = containers.get(container ?? '')
  if (!found) throw new PeerRefusal(404, 'Resource Not Found.', docs === undefined ? undefined : 1003)
  if (what === 'GET dbs/d/colls/c') return { status: 200, body: found.definition }
  if (what === 'POST dbs/d/colls/c/docs') return postDocs(found, asked)
  if (/^(GET|PUT|DELETE) dbs\/d\/colls\/c\/docs\/i$/.test(what)) return oneDoc(found, id ?? '', asked)
  throw new PeerRefusal(400, `The stand-in does not know ${what}.`)
}

function oneDoc(container: PeerContainer, id: string, { request, body }: Asked): Outcome {
  const pk = partitionOf(request)
  const ifMatch = textOf(request, 'if-match')
  if (request.method === 'DELETE') {
    container.remove(pk, id, ifMatch)
    return { status: 204, body: null }
  }
  if (request.method === 'GET') return document(200, container.get(pk, id))
  return document(200, container.replace(pk, id, { item: JSON.parse(body) as PeerItem, ifMatch }))
}

function postDocs(container: PeerContainer, { request, body, most }: Asked): Outcome {
  const json = JSON.parse(body) as unknown
  // A plan is what a client needs that spreads a question over partitions; this one asks in one and needs none.
  if (textOf(request, 'x-ms-cosmos-is-query-plan-request') !== undefined) return plan(json)
  // Everything, over all partitions, is served without a plan: https://learn.microsoft.com/rest/api/cosmos-db/querying-cosmosdb-resources-using-the-rest-api
  if ((json as { query?: unknown }).query === 'SELECT * from c' && textOf(request, 'x-ms-documentdb-query-enablecrosspartition') === 'true')
    return page(container.all(), { request, body, most })
  const pk = partitionOf(request)
  if (textOf(request, 'x-ms-cosmos-is-batch-request') !== undefined) {
    const results = container.batch(pk, json as BatchOperation[])
    return { status: results.every(({ statusCode }) => statusCode < 300) ? 200 : 207, body: results }
  }
  if (textOf(request, 'x-ms-documentdb-isquery') === undefined) {
    const item = json as PeerItem
    if (item.pk !== pk) throw new PeerRefusal(400, 'PartitionKey extracted from document does not match the one in the header.', 1001)
    return document(201, container.create(pk, item))
  }
  return page(container.find(pk, readQuestion(json as { query: unknown; parameters: unknown })), { request, body, most })
}

/** https://learn.microsoft.com/rest/api/cosmos-db/query-documents: x-ms-max-item-count and x-ms-continuation */
function page(all: readonly PeerItem[], { request, most }: Asked): Outcome {
  const from = Number(textOf(request, 'x-ms-continuation')?.replace('after:', '') ?? 0)
  const count = Math.min(Number(textOf(request, 'x-ms-max-item-count') ?? 100), most)
  const to = from + count
  const headers = to < all.length ? { 'x-ms-continuation': `after:${to}` } : {}
  const documents = all.slice(from, to)
  return { status: 200, body: { _rid: 'rid', Documents: documents, _count: documents.length }, headers }
}

function plan(json: unknown): Outcome {
  readQuestion(json as { query: unknown; parameters: unknown })
  return { status: 200, body: { partitionedQueryExecutionInfoVersion: 2, queryInfo: {}, queryRanges: [] } }
}

function document(status: number, item: PeerItem & { readonly _etag: string }): Outcome {
  return { status, body: item, headers: { etag: item._etag } }
}

function refusalOf(error: unknown): Outcome {
  if (error instanceof Refused) return { status: 400, body: { code: 'BadRequest', message: error.message } }
  if (!(error instanceof PeerRefusal)) return { status: 500, body: { code: 'Fault of the stand-in', message: String(error) } }
  const headers = error.substatus === undefined ? {} : { 'x-ms-substatus': String(error.substatus) }
  return { status: error.status, body: { code: 'Refused', message: error.message }, headers }
}

function answer(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'x-ms-request-charge': '1',
    'x-ms-activity-id': '00000000-0000-0000-0000-000000000000',
    // Reads of a client that sends it back see what it wrote: https://learn.microsoft.com/azure/cosmos-db/consistency-levels
    'x-ms-session-token': '0:-1#1',
    ...headers,
  })
  response.end(status === 204 ? undefined : JSON.stringify(body))
}

function retryHeaders(retryAfterMs: number | undefined): Record<string, string> {
  return retryAfterMs === undefined ? {} : { 'x-ms-retry-after-ms': String(Math.ceil(retryAfterMs)) }
}

function tellOf({ method = '', url = '', headers }: IncomingMessage): PeerRequest {
  const batch = headers['x-ms-cosmos-is-batch-request'] !== undefined
  const planned = headers['x-ms-cosmos-is-query-plan-request'] !== undefined
  const question = planned || headers['x-ms-documentdb-isquery'] !== undefined
  const inDocs = /\/docs(\/|$)/.test(url)
  return {
    method,
    path: url,
    batch,
    plan: planned,
    write: inDocs && (batch || method === 'PUT' || method === 'DELETE' || (method === 'POST' && !question)),
  }
}

/** One unit a read, five a write: https://learn.microsoft.com/azure/cosmos-db/request-units. What a second allows is used up before anything is refused. */
function createUnits(perSecond: number) {
  let left = perSecond
  let lastMs = performance.now()
  return {
    /** @returns milliseconds after which to come back, 0 where it may be done now */
    take({ write, batch, plan: planned }: PeerRequest): number {
      // Assumed: a plan is made by the gateway and costs nothing.
      if (perSecond === Number.POSITIVE_INFINITY || planned) return 0
      const nowMs = performance.now()
      left = Math.min(perSecond, left + ((nowMs - lastMs) / 1_000) * perSecond)
      lastMs = nowMs
      if (left <= 0) return (-left / perSecond) * 1_000 + 1
      left -= batch ? 20 : write ? 5 : 1
      return 0
    },
  }
}

/** Headers that the SDK sends for what the driver asks; https://learn.microsoft.com/rest/api/cosmos-db/common-cosmosdb-rest-request-headers */
const known = new Set([
  'accept',
  'accept-encoding',
  'authorization',
  'cache-control',
  'connection',
  'content-length',
  'content-type',
  'host',
  'if-match',
  'user-agent',
  'x-ms-activity-id',
  'x-ms-client-id',
  'x-ms-continuation',
  'x-ms-cosmos-batch-atomic',
  'x-ms-cosmos-correlated-activityid',
  'x-ms-cosmos-is-batch-request',
  'x-ms-cosmos-is-query-plan-request',
  'x-ms-cosmos-query-version',
  'x-ms-cosmos-sdk-supportedcapabilities',
  'x-ms-cosmos-supported-query-features',
  'x-ms-date',
  'x-ms-documentdb-isquery',
  'x-ms-documentdb-partitionkey',
  'x-ms-documentdb-query-enablecrosspartition',
  'x-ms-documentdb-responsecontinuationtokenlimitinkb',
  'x-ms-max-item-count',
  'x-ms-session-token',
  'x-ms-useragent',
  'x-ms-version',
])

function assertKnownHeaders({ headers }: IncomingMessage): void {
  const strange = Object.keys(headers).filter((name) => !known.has(name))
  if (strange.length > 0) throw new PeerRefusal(400, `The stand-in does not know the header ${strange.join(', ')}.`)
}

/** https://learn.microsoft.com/rest/api/cosmos-db/access-control-on-cosmosdb-resources */
function assertSigned({ method = '', url = '', headers }: IncomingMessage, key: string): void {
  const parts = url.split('/').slice(1)
  const type = parts.length % 2 === 1 ? parts.at(-1) : parts.at(-2)
  const link = parts.length % 2 === 1 ? parts.slice(0, -1).join('/') : parts.join('/')
  const text = `${method.toLowerCase()}\n${type}\n${decodeURIComponent(link)}\n${String(headers['x-ms-date']).toLowerCase()}\n\n`
  const signature = createHmac('sha256', Buffer.from(key, 'base64')).update(text).digest()
  const [, given = ''] = /^type=master&ver=1\.0&sig=(.+)$/.exec(decodeURIComponent(headers.authorization ?? '')) ?? []
  const shown = Buffer.from(given, 'base64')
  if (shown.length !== signature.length || !timingSafeEqual(shown, signature))
    throw new PeerRefusal(401, 'The input authorization token cannot serve the request.')
}

const isToken = ({ headers }: IncomingMessage): boolean => decodeURIComponent(headers.authorization ?? '').startsWith('type=aad&')

/**
 * `type=aad`: https://learn.microsoft.com/rest/api/cosmos-db/access-control-on-cosmosdb-resources. Roles of the data plane let nobody make what documents lie
 * in: https://learn.microsoft.com/azure/cosmos-db/nosql/reference-data-plane-security
 */
function assertToken({ method, url = '', headers }: IncomingMessage, isGood: (token: string) => boolean): void {
  const [, token = ''] = /^type=aad&ver=1\.0&sig=(.+)$/.exec(decodeURIComponent(headers.authorization ?? '')) ?? []
  if (!isGood(token)) throw new PeerRefusal(401, 'The given token is not valid for this account.')
  if (method === 'POST' && /^\/dbs(\/[^/]+\/colls)?$/.test(url))
    throw new PeerRefusal(403, 'Request cannot be authorized by AAD token in data plane.', 5300)
}

function partitionOf(request: IncomingMessage): string {
  const [pk] = JSON.parse(textOf(request, 'x-ms-documentdb-partitionkey') ?? '[]') as string[]
  if (typeof pk !== 'string') throw new PeerRefusal(400, 'PartitionKey value must be supplied for this operation.')
  return pk
}

function textOf({ headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value.join() : value
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

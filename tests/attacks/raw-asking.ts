import { randomUUID } from 'node:crypto'
import { exchange, type RawAnswer, requestBytes } from '@console/testkit/raw-socket'
import type { Person } from '@console/testkit/running-parts'

type Headers = readonly (readonly [string, string])[]
/** Long enough for a loaded machine: the connection is closed by the other side, so nothing is waited for in vain. */
const patience = { quietMs: 30_000, timeoutMs: 30_000 }

/** One call of a daemon in exact bytes. The request id comes back in the journal's row, so that a row is found among others. */
export async function askDaemon(
  socketPath: string,
  verb: string,
  {
    authorization,
    grant,
    args = {},
    requestId = randomUUID(),
  }: { readonly authorization?: string; readonly grant?: string; readonly args?: object | string; readonly requestId?: string },
): Promise<RawAnswer & { readonly requestId: string }> {
  const headers: [string, string][] = [
    ['host', 'daemon'],
    ['content-type', 'application/json'],
    ['x-request-id', requestId],
    ...(authorization === undefined ? [] : [['authorization', authorization] as [string, string]]),
    ...(grant === undefined ? [] : [['x-grant', grant] as [string, string]]),
  ]
  const body = typeof args === 'string' ? args : JSON.stringify(args)
  const answer = await exchange({ socketPath, bytes: requestBytes({ target: `/v1/${verb}`, headers, body }), ...patience })
  return { ...answer, requestId }
}

/** One call of an API in exact bytes; `host` stands first unless the headers name one themselves. */
export function askApi(
  port: number,
  {
    method = 'GET',
    target,
    headers = [],
    body,
  }: { readonly method?: string; readonly target: string; readonly headers?: Headers; readonly body?: object | string },
): Promise<RawAnswer> {
  const host: Headers = headers.some(([name]) => name.toLowerCase() === 'host') ? [] : [['host', `localhost:${port}`]]
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
  const bytes = requestBytes({ method, target, headers: [...host, ...headers], ...(text !== undefined && { body: text }) })
  return exchange({ port, bytes, ...patience })
}

/** What a page of ours sends with a change, by cookie. A header that is given replaces the one that the page would send; null leaves it out. */
export function pageHeaders(
  person: Person,
  api: 'platform' | 'devops',
  { target, over = {} }: { readonly target: string; readonly over?: Readonly<Record<string, string | null>> },
): Headers {
  const page = person[api]
  const sent: Record<string, string | null> = {
    cookie: page.cookiesFor(target),
    origin: 'http://localhost:3000',
    'sec-fetch-site': 'same-site',
    'content-type': 'application/json',
    'x-csrf-token': page.csrf,
    ...over,
  }
  return Object.entries(sent).filter((entry): entry is [string, string] => entry[1] !== null)
}

/** Status and code of a problem. */
export function codeOf(answer: RawAnswer): [number, string] {
  return [answer.status, String(bodyOf(answer).code)]
}

export function bodyOf({ headers, body }: RawAnswer): Record<string, unknown> {
  const text = Buffer.from(headers['transfer-encoding'] === 'chunked' ? whole(body) : body, 'latin1').toString()
  return text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {}
}

/** The pieces of a chunked body put together. */
function whole(body: string): string {
  const end = body.indexOf('\r\n')
  const size = Number.parseInt(body.slice(0, end), 16)
  return size > 0 ? body.slice(end + 2, end + 2 + size) + whole(body.slice(end + 2 + size + 2)) : ''
}

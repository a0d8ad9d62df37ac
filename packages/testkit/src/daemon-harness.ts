import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { signAccessToken } from '@console/tokens/access-token'
import { signGrant } from '@console/tokens/grant'
import { loadOrCreateServiceKey, publishTokenKeys } from '@console/tokens/key-files'
import { signingKeyFrom } from '@console/tokens/keys'
import { signServiceToken } from '@console/tokens/service-token'

export type As = 'viewer' | 'operator' | 'admin' | 'service' | 'nobody'
export type Reply = { readonly status: number; readonly body: Record<string, never> & Record<string, unknown>; readonly text: string }
/** What differs from the plain call; a header that is null is left out. Text is latin1, byte for byte. */
export type RawCall = {
  readonly as?: As
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string | null>>
  readonly body?: string
}
export type Harness = ReturnType<typeof createHarness>

const productId = 'bytelyst-devops'

/** Folders and keys of all four parts, and a way to ask a daemon as anybody. The daemon itself is the caller's to start. */
export function createHarness(daemon: 'docker-proxy' | 'host-agent') {
  const dataDir = mkdtempSync(join(tmpdir(), 'kit-'))
  const keysDir = join(dataDir, 'keys')
  const tokenKey = signingKeyFrom('a signing secret for tests, long enough for anybody')
  publishTokenKeys(keysDir, [tokenKey.jwk])
  const backendKey = loadOrCreateServiceKey({ dir: join(dataDir, 'devops'), keysDir, name: 'devops-backend' })
  loadOrCreateServiceKey({ dir: join(dataDir, 'platform'), keysDir, name: 'platform-service' })
  const socketPath = join(dataDir, 'run', `${daemon}.sock`)
  let somebody = 1
  const person = () => ({
    iss: 'https://api.test/platform/api',
    sub: `user-${somebody}`,
    sid: `session-${somebody}`,
    aud: productId,
    auth_time: 1,
    amr: ['pwd'],
    plan: 'pro',
  })
  const bearerOf = (as: As): string | null => {
    if (as === 'nobody') return null
    if (as === 'service') return signServiceToken(backendKey, { name: 'devops-backend', audience: daemon, nowMs: Date.now() })
    return signAccessToken(tokenKey, { ...person(), role: as }, { nowMs: Date.now() })
  }
  const headersFor = (as: As, grant?: string): Record<string, string> => {
    const bearer = bearerOf(as)
    return {
      host: daemon,
      'content-type': 'application/json',
      ...(bearer && { authorization: `Bearer ${bearer}` }),
      ...(grant && { 'x-grant': grant }),
    }
  }
  return {
    dataDir,
    keysDir,
    socketPath,
    productId,
    tokenKey,
    /** What a request carries; a token is signed anew each time. */
    headersFor,
    /** From now on another person asks, with budgets of their own. */
    nextPerson: () => {
      somebody += 1
    },
    /** The environment that the daemon's own program reads. */
    env: { DATA_DIR: dataDir, KEYS_DIR: keysDir, SOCKET_DIR: join(dataDir, 'run'), PRODUCT_ID: productId, NODE_ENV: 'test' },
    grant: (verb: string, digest: string, over: Partial<Parameters<typeof signGrant>[1]> = {}) =>
      signGrant(tokenKey, { aud: daemon, sub: person().sub, sid: person().sid, verb, digest, ...over }, { nowMs: Date.now() }),
    /** The bytes of a call as this somebody, for a test that sends bytes; each part can be replaced. */
    bytesOf: (
      verb: string,
      args: unknown,
      { as = 'admin', method = 'POST', path = `/v1/${verb}`, headers = {}, body = JSON.stringify(args) }: RawCall = {},
    ): string => {
      const sent = { ...headersFor(as), 'content-length': String(Buffer.byteLength(body, 'latin1')), ...headers }
      const lines = Object.entries(sent).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]))
      return [`${method} ${path} HTTP/1.1`, ...lines, '', body].join('\r\n')
    },
    ask: (verb: string, args: unknown, as: As = 'admin', grant?: string) =>
      post(socketPath, verb, JSON.stringify(args), headersFor(as, grant)),
    /** JSON lines of a stream verb until `enough` says so or it ends; then the connection is closed. */
    read: (verb: string, args: unknown, enough: (lines: Record<string, unknown>[]) => boolean, as: As = 'admin') =>
      readLines(socketPath, verb, JSON.stringify(args), headersFor(as), enough),
    remove: () => rmSync(dataDir, { recursive: true, force: true }),
  }
}

/** Waits until something holds; fails with what it was when it did not come. */
export async function until<T>(
  what: string,
  look: () => Promise<T | null | false | undefined> | T | null | false | undefined,
  withinMs = 10_000,
): Promise<T> {
  const end = Date.now() + withinMs
  for (;;) {
    const seen = await look()
    if (seen) return seen
    if (Date.now() > end) throw new Error(`${what} did not happen within ${withinMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

function post(socketPath: string, verb: string, body: string, headers: Record<string, string>): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, path: `/v1/${verb}`, method: 'POST', headers, agent: false }, (reply) => {
      let text = ''
      reply.setEncoding('utf8')
      reply.on('data', (chunk: string) => {
        text += chunk
      })
      reply.once('end', () => resolve({ status: reply.statusCode ?? 0, text, body: parse(text) as Reply['body'] }))
    })
    call.once('error', reject)
    call.end(body)
  })
}

function readLines(
  socketPath: string,
  verb: string,
  body: string,
  headers: Record<string, string>,
  enough: (lines: Record<string, unknown>[]) => boolean,
): Promise<Record<string, unknown>[]> {
  return new Promise((resolve, reject) => {
    const lines: Record<string, unknown>[] = []
    const call = request({ socketPath, path: `/v1/${verb}`, method: 'POST', headers, agent: false }, (reply) => {
      let rest = ''
      reply.setEncoding('utf8')
      reply.on('data', (chunk: string) => {
        rest += chunk
        const parts = rest.split('\n')
        rest = parts.pop() ?? ''
        lines.push(...parts.filter(Boolean).map((part) => parse(part) as Record<string, unknown>))
        if (enough(lines)) {
          reply.destroy()
          resolve(lines)
        }
      })
      reply.once('end', () => resolve(reply.statusCode === 200 ? lines : [parse(rest) as Record<string, unknown>]))
    })
    call.once('error', reject)
    call.end(body)
  })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

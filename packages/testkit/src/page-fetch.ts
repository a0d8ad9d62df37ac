import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { Agent, request } from 'node:https'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { type Browser, keep, type Over } from './browser.ts'

/** Whose page it is, and the gateway on loopback that leads to both APIs. */
export type Page = { readonly browser: Browser; readonly port: number; readonly origin: string; readonly over: Over }

/**
 * `fetch` as a page of a dashboard has it behind a gateway: the person's cookies, connections that stay open, gzip, and one more try
 * where a connection that stayed open turns out to be closed.
 */
export function pageFetch({ browser, port, origin, over }: Page): { readonly fetch: typeof fetch; close(): void } {
  const agent = new Agent({ keepAlive: true })
  const ask = (path: string, init: RequestInit, again = true): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const headers: OutgoingHttpHeaders = {
        host: over.host,
        origin,
        'accept-encoding': 'gzip',
        cookie: browser.cookiesFor(path),
        ...Object.fromEntries(new Headers(init.headers)),
      }
      const tls = { servername: over.host, ca: over.ca, agent }
      const signal = init.signal ? { signal: init.signal } : {}
      const call = request({ host: '127.0.0.1', port, path, method: init.method ?? 'GET', headers, ...tls, ...signal }, resolve)
      call.once('error', (error: NodeJS.ErrnoException) => {
        const closed = call.reusedSocket && ['ECONNRESET', 'EPIPE'].includes(error.code ?? '')
        if (closed && again && !init.signal?.aborted) ask(path, init, false).then(resolve, reject)
        else reject(error)
      })
      call.end(init.body)
    })
  return {
    async fetch(input, init = {}) {
      const { pathname, search } = new URL(String(input))
      const reply = await ask(`${pathname}${search}`, init)
      for (const line of reply.headers['set-cookie'] ?? []) keep(browser.jar, line)
      const status = reply.statusCode ?? 0
      const headers = Object.entries(reply.headers).filter((pair): pair is [string, string] => typeof pair[1] === 'string')
      if ([204, 304].includes(status)) return new Response(null, { status, headers })
      const body = reply.headers['content-encoding'] === 'gzip' ? pipeline(reply, createGunzip(), () => undefined) : reply
      return new Response(Readable.toWeb(body) as ReadableStream<Uint8Array>, { status, headers })
    },
    close: () => agent.destroy(),
  }
}

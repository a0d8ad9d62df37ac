import { type IncomingMessage, request, type ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { certificateFor } from './tls-front.ts'

/** A request as it was passed on: to which host, and with which cookies. */
export type Passed = { readonly host: string; readonly path: string; readonly cookies: readonly string[] }
type Route = { readonly host: string; readonly under: string; readonly port: number }
export type Gateway = {
  readonly port: number
  readonly passed: Passed[]
  /** Where requests go: by host, then by the beginning of the path. Others get 404, as internal paths do in production. */
  lead(routes: readonly Route[]): void
  close(): void
}

/** One https port for all host names, as the gateway of production is, with a certificate that is good for an hour and for nobody. */
export async function startGateway(names: readonly string[]): Promise<Gateway> {
  let routes: readonly Route[] = []
  const passed: Passed[] = []
  const server = createServer(certificateFor(names), (asked, answer) => {
    const host = (asked.headers.host ?? '').split(':')[0] ?? ''
    const path = (asked.url ?? '').split('?')[0] ?? ''
    const route = routes.find((one) => one.host === host && path.startsWith(one.under))
    const cookies = (asked.headers.cookie ?? '').split('; ').filter((pair) => pair !== '')
    passed.push({ host, path, cookies })
    if (!route || path.includes('/internal/')) return answer.writeHead(404).end()
    passOn(asked, answer, route.port)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    passed,
    lead(to) {
      routes = to
    },
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

function passOn(asked: IncomingMessage, answer: ServerResponse, port: number): void {
  const behind = request(
    { host: '127.0.0.1', port, method: asked.method, path: asked.url, headers: asked.headers, agent: false },
    (reply) => {
      answer.writeHead(reply.statusCode ?? 502, reply.headers)
      reply.pipe(answer)
      reply.once('error', () => answer.destroy())
    },
  )
  behind.once('error', () => answer.destroy())
  answer.once('close', () => behind.destroy())
  asked.pipe(behind)
}

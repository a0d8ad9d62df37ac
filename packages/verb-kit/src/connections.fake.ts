import { mkdtempSync, rmSync } from 'node:fs'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exchange, type RawAnswer } from '@console/testkit/raw-socket'
import { createConnections } from './connections.ts'

type Serve = (request: IncomingMessage, response: ServerResponse, requestId: string) => Promise<void>

/** Connections on a socket of their own with what they told; what is served on them is the test's. */
export type ConnectionsRig = {
  readonly server: Server
  /** This side of each connection, in the order in which they came. */
  readonly sockets: readonly Socket[]
  readonly refused: readonly (readonly [id: string, code: string])[]
  readonly logged: readonly unknown[][]
  /** Sends bytes, and reads until so many answers have begun. */
  talk(bytes: string | readonly string[], answers: number): Promise<RawAnswer>
  untilClosed(bytes: string): Promise<RawAnswer>
  untilEndsWith(bytes: string, end: string): Promise<RawAnswer>
  /** One that reads nothing and ends nothing by itself. */
  stubborn(bytes: string): Socket
  open(): Promise<number>
  stop(): Promise<void>
}

export async function startConnections(serve: Serve, more: { mostConnections?: number; answerMs?: number } = {}): Promise<ConnectionsRig> {
  const dir = mkdtempSync(join(tmpdir(), 'connections-'))
  const socketPath = join(dir, 'kit.sock')
  const [sockets, refused, logged]: [Socket[], [string, string][], unknown[][]] = [[], [], []]
  const server = createConnections({
    serve,
    refused: (id, code) => refused.push([id, code]),
    log: (...what) => logged.push(what),
    ...more,
  })
  server.on('connection', (socket) => sockets.push(socket))
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))
  const patient = { socketPath, quietMs: 15_000, timeoutMs: 15_000 }
  return {
    server,
    sockets,
    refused,
    logged,
    talk: (bytes, answers) => exchange({ ...patient, bytes, enough: (text) => statuses(text).length === answers }),
    untilClosed: (bytes) => exchange({ ...patient, bytes }),
    untilEndsWith: (bytes, end) => exchange({ ...patient, bytes, enough: (text) => text.endsWith(end) }),
    stubborn(bytes) {
      const socket = connect({ path: socketPath, allowHalfOpen: true })
      socket.on('error', () => undefined)
      socket.write(bytes)
      return socket
    },
    open: () => new Promise((resolve) => server.getConnections((_, count) => resolve(count))),
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

export const call = (path = '/v1/x', more = ''): string => `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n${more}\r\n`
export const say = (response: ServerResponse, text: string): void => {
  response.writeHead(200, { 'content-length': text.length }).end(text)
}
/** Of every answer that has begun in a text. */
export const statuses = (text: string): string[] => text.match(/HTTP\/1\.1 \d+/g)?.map((found) => found.slice(-3)) ?? []

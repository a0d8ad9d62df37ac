import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { DaemonError, problemText } from './problem.ts'
import { breakBody } from './read-request.ts'

type Options = {
  /** Answers one request; throws what is to be answered as a problem. */
  readonly serve: (request: IncomingMessage, response: ServerResponse, requestId: string) => Promise<void>
  /** Told of what never became a request. */
  readonly refused: (requestId: string, code: string) => void
  readonly log: (level: 'error', msg: string, more?: object) => void
  /** How many connections are served at once. */
  readonly mostConnections?: number
  /** How long an answer may take to be read, in milliseconds. */
  readonly answerMs?: number
}
/** Of one connection: whether it goes on once everything before is answered, and how many requests wait for that. */
type Line = { goesOn: Promise<boolean>; waiting: number; newest: IncomingMessage | null; broken: boolean }

const mostWaiting = 16
const lingerMs = 3_000

/**
 * Requests of one connection are served one after the other, in order. After a refusal the connection ends: whatever else came on it is
 * never looked at, because its sender and this program may not agree where it begins.
 */
export function createConnections({ serve, refused, log, mostConnections = 1_000, answerMs = 30_000 }: Options): Server {
  const lines = new WeakMap<Socket, Line>()
  const lineOf = (socket: Socket): Line => {
    const line = lines.get(socket) ?? { goesOn: Promise.resolve(true), waiting: 0, newest: null, broken: false }
    lines.set(socket, line)
    return line
  }
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const { socket } = request
    const line = lineOf(socket)
    line.newest = request
    line.waiting += 1
    if (line.waiting > mostWaiting) {
      socket.destroy()
      return
    }
    line.goesOn = line.goesOn.then(async (goesOn) => {
      const fine = goesOn && !socket.destroyed && (await answer(request, response, { serve, log, answerMs }))
      line.waiting -= 1
      return fine
    })
  }
  const refuse = (socket: Socket, error: DaemonError): void => {
    const line = lineOf(socket)
    if (line.broken) return
    line.broken = true
    const say = (): void => {
      const requestId = randomUUID()
      refused(requestId, error.code)
      socket.write(plainAnswer(error, requestId))
      socket.destroySoon()
    }
    // The bytes were the body of a request that waits for them: it is refused as what it is, unless others wait before it.
    if (line.newest && !line.newest.complete) {
      if (line.waiting > 1) socket.destroy()
      else breakBody(line.newest, error)
    } else
      line.goesOn = line.goesOn.then((goesOn) => {
        if (goesOn && !socket.destroyed) say()
        return false
      })
  }

  const server = createServer(
    {
      headersTimeout: 5_000,
      requestTimeout: 10_000,
      connectionsCheckingInterval: 500,
      keepAliveTimeout: 5_000,
      maxHeaderSize: 16_384,
      // Judged with the rest of the head: Node answers it by itself, and then serves what follows.
      requireHostHeader: false,
      insecureHTTPParser: false,
    },
    onRequest,
  )
  server.maxConnections = 2 * mostConnections
  let open = 0
  server.prependListener('connection', (socket: Socket) => {
    open += 1
    socket.once('close', () => {
      open -= 1
    })
    socket.on('error', () => socket.destroy())
    letAnswersArrive(socket)
    if (open > mostConnections)
      refuse(socket, new DaemonError('TOO_MANY_CONNECTIONS', 503, 'Too many connections are open. Try again later.'))
  })
  server.on('checkContinue', onRequest)
  server.on('checkExpectation', onRequest)
  server.on('connect', (_request, socket: Socket) =>
    refuse(socket, new DaemonError('METHOD_NOT_ALLOWED', 405, 'A verb is asked with POST.')),
  )
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (error.code === 'ECONNRESET' || error.code === 'EPIPE' || !socket.writable) socket.destroy()
    else refuse(socket, parserRefusal(error.code))
  })
  return server
}

/**
 * Closing a connection while its other side still writes throws away the answer on its way. So the end is sent behind the answer, and what
 * comes meanwhile is passed over, for a short while.
 */
function letAnswersArrive(socket: Socket): void {
  socket.destroySoon = () => {
    if (socket.destroyed) return
    socket.end()
    const timer = setTimeout(() => socket.destroy(), lingerMs)
    socket.once('close', () => clearTimeout(timer))
  }
}

/** @returns whether the connection may serve another request */
async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { serve, log, answerMs }: Pick<Options, 'serve' | 'log'> & { answerMs: number },
): Promise<boolean> {
  const given = request.headers['x-request-id']
  const requestId = typeof given === 'string' && /^[A-Za-z0-9-]{1,64}$/.test(given) ? given : randomUUID()
  const closed = new Promise((resolve) => response.once('close', resolve))
  let fine = true
  await serve(request, response, requestId).catch((error: unknown) => {
    fine = false
    const { status, text, headers } = problemText(error, requestId)
    // What a verb refuses in its own words was expected; anything else is a fault here.
    if (!(error instanceof DaemonError) && request.complete)
      log('error', 'a call failed', { requestId, url: request.url, error: String((error as Error).stack ?? error) })
    if (response.headersSent || response.destroyed) return response.destroy()
    response
      .writeHead(status, {
        'content-type': 'application/problem+json',
        'content-length': Buffer.byteLength(text),
        'x-request-id': requestId,
        connection: 'close',
        ...headers,
      })
      .end(text)
  })
  const slow = setTimeout(() => request.socket.destroy(), answerMs)
  await closed
  clearTimeout(slow)
  return fine && request.complete
}

function parserRefusal(code: string | undefined): DaemonError {
  if (code === 'HPE_HEADER_OVERFLOW') return new DaemonError('HEAD_TOO_LARGE', 431, 'The head of the request is over 16384 bytes.')
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return new DaemonError('BODY_TOO_LARGE', 413, 'The extensions of a chunk are too long.')
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new DaemonError('REQUEST_TIMEOUT', 408, 'The request did not come in time.')
  return new DaemonError('REQUEST_INVALID', 400, 'These bytes are no request of HTTP/1.1.')
}

function plainAnswer(error: DaemonError, requestId: string): string {
  const { status, text } = problemText(error, requestId)
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(text)}`,
    `x-request-id: ${requestId}`,
    'connection: close',
    '',
    text,
  ].join('\r\n')
}

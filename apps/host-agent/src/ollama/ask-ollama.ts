import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { DaemonError } from '@console/verb-kit/problem'

type Ask = {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** A constant: no text of a caller stands in a path. */
  readonly path: '/api/version' | '/api/tags' | '/api/ps' | '/api/generate' | '/api/delete' | '/api/pull'
  readonly body?: { readonly model: string; readonly keep_alive?: 0; readonly stream: boolean } | { readonly model: string }
}
type Answer = { readonly status: number; readonly body: unknown }
/** Ollama on loopback, and on no other host: it follows no redirect, and reads no more than it must. */
export type Ollama = {
  /** One JSON document. @throws DaemonError where there is none in time, or it is none */
  json(ask: Ask): Promise<Answer>
  /** JSON objects, a line each, as they come. @throws DaemonError as above, and where the answer is not 200 */
  lines(ask: Ask, signal: AbortSignal): AsyncIterable<unknown>
}
type Limits = { readonly answerMs: number; readonly silenceMs: number; readonly mostBytes: number; readonly mostStreamBytes: number }

const host = '127.0.0.1'
const longestLine = 65_536
const asFarAsKnown: Limits = {
  answerMs: 10_000,
  // A large layer is verified in silence.
  silenceMs: 300_000,
  mostBytes: 4 * 1_048_576,
  mostStreamBytes: 256 * 1_048_576,
}

export function createOllama(port: number, limits: Partial<Limits> = {}): Ollama {
  const { answerMs, silenceMs, mostBytes, mostStreamBytes } = { ...asFarAsKnown, ...limits }
  return {
    json: (ask) =>
      new Promise((resolve, reject) => {
        const call = send(port, ask)
        const timer = setTimeout(() => call.destroy(late(answerMs)), answerMs)
        const fail = (error: unknown): void => {
          clearTimeout(timer)
          call.destroy()
          reject(errorOf(error, port))
        }
        call.once('error', fail)
        call.once('response', (reply) => {
          const chunks: Buffer[] = []
          let size = 0
          reply.on('data', (chunk: Buffer) => {
            size += chunk.length
            if (size > mostBytes) return fail(nonsense('its answer is too long'))
            chunks.push(chunk)
          })
          reply.once('error', fail)
          reply.once('close', () => reply.complete || fail(nonsense('its answer breaks off')))
          reply.once('end', () => {
            clearTimeout(timer)
            try {
              resolve({ status: statusOf(reply), body: parsed(Buffer.concat(chunks)) })
            } catch (error) {
              fail(error)
            }
          })
        })
      }),
    async *lines(ask, signal) {
      const call = send(port, ask)
      const onAbort = (): void => void call.destroy()
      signal.addEventListener('abort', onAbort, { once: true })
      call.setTimeout(silenceMs, () => call.destroy(late(silenceMs)))
      try {
        const reply = await new Promise<IncomingMessage>((resolve, reject) => {
          call.once('error', reject)
          call.once('response', resolve)
          if (signal.aborted) onAbort()
        })
        const status = statusOf(reply)
        if (status !== 200) throw refusalOf(status)
        yield* linesOf(reply, mostStreamBytes)
      } catch (error) {
        throw errorOf(error, port)
      } finally {
        signal.removeEventListener('abort', onAbort)
        call.destroy()
      }
    },
  }
}

export function nonsense(why: string): DaemonError {
  return new DaemonError('OLLAMA_ERROR', 502, `Ollama answered something that cannot be used: ${why}.`)
}

function send(port: number, { method, path, body }: Ask): ClientRequest {
  const text = body === undefined ? '' : JSON.stringify(body)
  const call = request({
    host,
    port,
    method,
    path,
    agent: false,
    maxHeaderSize: 16_384,
    headers: {
      host: `${host}:${port}`,
      accept: 'application/json',
      'accept-encoding': 'identity',
      ...(text !== '' && { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }),
    },
  })
  call.end(text)
  return call
}

/** A redirect is an answer that cannot be used, not a place to go. */
function statusOf({ statusCode = 0 }: IncomingMessage): number {
  if (statusCode < 200 || (statusCode >= 300 && statusCode < 400)) throw nonsense(`status ${statusCode}`)
  return statusCode
}

/** What it says stays where it is: its text could be anything. */
function refusalOf(status: number): DaemonError {
  return new DaemonError('OLLAMA_ERROR', 502, `Ollama refused with status ${status}. Its own log on the host says why.`)
}

async function* linesOf(reply: IncomingMessage, mostBytes: number): AsyncIterable<unknown> {
  let rest: Buffer = Buffer.alloc(0)
  let size = 0
  for await (const chunk of reply as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > mostBytes) throw nonsense('its answer is too long')
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      const line = rest.subarray(0, end)
      rest = rest.subarray(end + 1)
      if (line.length > 0) yield parsed(line)
    }
    if (rest.length > longestLine) throw nonsense('a line is too long')
  }
  if (!reply.complete) throw nonsense('its answer breaks off')
  if (rest.length > 0) yield parsed(rest)
}

/** An empty body is what a deletion is answered with. */
function parsed(bytes: Buffer): unknown {
  if (bytes.length === 0) return null
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    throw nonsense('it is no JSON')
  }
}

function late(ms: number): DaemonError {
  return new DaemonError('OLLAMA_AWAY', 503, `Ollama did not answer within ${Math.ceil(ms / 1_000)} s.`)
}

function errorOf(error: unknown, port: number): DaemonError {
  if (error instanceof DaemonError) return error
  const { code = '' } = error as NodeJS.ErrnoException
  if (code.startsWith('HPE_')) return nonsense('it is no HTTP')
  return new DaemonError('OLLAMA_AWAY', 503, `Ollama does not answer at ${host}:${port}. Start it on the host, then try again.`, {
    cause: error,
    untouched: true,
  })
}

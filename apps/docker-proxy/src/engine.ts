import { Agent, type IncomingMessage, request } from 'node:http'
import { DaemonError } from '@console/verb-kit/problem'

/** A call of the engine, made of constants, a negotiated version, full ids and checked numbers alone. */
type EngineCall = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly mostBytes: number
  readonly timeoutMs: number
  readonly accept?: readonly number[]
}
export type Engine = {
  json(call: EngineCall): Promise<{ status: number; body: unknown }>
  /** A body that goes on; closing it closes the connection. */
  stream(call: Omit<EngineCall, 'mostBytes'>, signal: AbortSignal): Promise<IncomingMessage>
}
const oldest = [1, 41] as const
const newest = [1, 56] as const

export const engineAway = (cause?: unknown): DaemonError =>
  new DaemonError('DOCKER_ENGINE_AWAY', 503, 'The Docker engine does not answer. Start it, for example with: systemctl start docker', {
    cause,
  })
const nonsense = (why: string, cause?: unknown): DaemonError =>
  new DaemonError('DOCKER_ENGINE_ERROR', 502, `The Docker engine gave an answer that is not understood: ${why}.`, { cause })

/** Talks to the engine over its socket. It sends no body, no header of a client's, and follows nothing. */
export function createEngine(socketPath: string): Engine {
  const agent = new Agent({ keepAlive: true, maxSockets: 32, keepAliveMsecs: 5_000 })
  const open = (
    { method, path, timeoutMs, accept = [200] }: Omit<EngineCall, 'mostBytes'>,
    signal?: AbortSignal,
    own = false,
  ): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const headers = { host: 'docker', accept: 'application/json', ...(method === 'POST' && { 'content-length': '0' }) }
      const call = request({ socketPath, method, path, headers, agent: own ? false : agent, setHost: false, ...(signal && { signal }) })
      const timer = setTimeout(() => call.destroy(new Error('timeout')), timeoutMs)
      call.once('error', (cause) => {
        clearTimeout(timer)
        reject(engineAway(cause))
      })
      call.once('upgrade', (_reply, socket) => {
        socket.destroy()
        reject(nonsense('an upgrade'))
      })
      call.once('response', (reply) => {
        clearTimeout(timer)
        const { statusCode = 0 } = reply
        if (accept.includes(statusCode)) return resolve(reply)
        reply.destroy()
        reject(nonsense(`status ${statusCode}`))
      })
      call.end()
    })
  return {
    async json(call) {
      const reply = await open(call)
      const { statusCode = 0 } = reply
      if (statusCode === 204 || statusCode === 304 || statusCode >= 400) {
        reply.resume()
        return { status: statusCode, body: null }
      }
      return { status: statusCode, body: await bodyOf(reply, call) }
    },
    stream: (call, signal) => open(call, signal, true),
  }
}

async function bodyOf(reply: IncomingMessage, { mostBytes, timeoutMs }: EngineCall): Promise<unknown> {
  const chunks: Buffer[] = []
  let size = 0
  const timer = setTimeout(() => reply.destroy(new Error('timeout')), timeoutMs)
  try {
    for await (const chunk of reply as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > mostBytes) throw nonsense('too long')
      chunks.push(chunk)
    }
  } catch (error) {
    reply.destroy()
    throw error instanceof DaemonError ? error : engineAway(error)
  } finally {
    clearTimeout(timer)
  }
  try {
    return size === 0 ? null : JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch (cause) {
    throw nonsense('no JSON', cause)
  }
}

/** The version to speak: what the engine offers, but none that was not tested. @throws DaemonError DOCKER_ENGINE_VERSION */
export function negotiate(offered: unknown, minimum: unknown): string {
  const top = versionOf(offered)
  const floor = versionOf(minimum) ?? [1, 0]
  const chosen = top && (compare(top, newest) > 0 ? newest : top)
  if (!chosen || compare(chosen, oldest) < 0 || compare(floor, chosen) > 0)
    throw new DaemonError(
      'DOCKER_ENGINE_VERSION',
      503,
      `The Docker engine speaks API ${String(offered).slice(0, 20)}; tested are ${oldest.join('.')} to ${newest.join('.')}.`,
    )
  return chosen.join('.')
}

type Version = readonly [number, number]

function versionOf(value: unknown): Version | null {
  const match = typeof value === 'string' ? /^([1-9])\.([1-9][0-9]{0,2})$/.exec(value) : null
  return match ? [Number(match[1]), Number(match[2])] : null
}

function compare(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1]
}

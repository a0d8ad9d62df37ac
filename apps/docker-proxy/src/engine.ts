import { Agent, type IncomingMessage, request } from 'node:http'
import { DaemonError } from '@console/verb-kit/problem'

/** A call of the engine, made of constants, a negotiated version, full ids and checked numbers alone. */
type EngineCall = {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly mostBytes: number
  readonly timeoutMs: number
  readonly accept?: readonly number[]
}
export type Engine = {
  json(call: EngineCall): Promise<{ status: number; body: unknown }>
  /** A body that goes on; closing it closes the connection. @throws DaemonError DOCKER_CONTAINER_NOT_FOUND where what was asked about is gone */
  stream(call: Omit<EngineCall, 'mostBytes'>, signal: AbortSignal): Promise<IncomingMessage>
}
const oldest = [1, 41] as const
const newest = [1, 56] as const

const unreached = ['ENOENT', 'ECONNREFUSED', 'EACCES', 'EPERM']

/**
 * Why the engine cannot be asked, and what to do about it, from what the system said when it was tried.
 * `sent` is whether a change had been asked for: unless no connection came about, it may have happened.
 */
export function engineAway(socketPath: string, cause?: unknown, sent = false): DaemonError {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? 'none yet'
  const start = 'Start the engine, for example with: systemctl start docker'
  const noRight = `docker-proxy may not open ${socketPath}. Add its account to the group docker, then start the console from a new sign-in.`
  const why: Record<string, string> = {
    ENOENT: `There is no Docker socket at ${socketPath}. ${start}. If the socket is elsewhere, set DOCKER_SOCKET.`,
    ECONNREFUSED: `Nothing listens at the Docker socket ${socketPath}. ${start}`,
    EACCES: noRight,
    EPERM: noRight,
    ETIMEDOUT: 'The Docker engine does not answer in time. Look at it with: systemctl status docker',
    'none yet': 'The Docker engine has not answered yet.',
  }
  const message = why[code] ?? `The connection to the Docker engine broke. ${start}`
  return new DaemonError('DOCKER_ENGINE_AWAY', 503, message, { cause, untouched: !sent || unreached.includes(code) })
}
/** @param sent whether a change had been asked for, as above */
export const nonsense = (why: string, cause?: unknown, sent = false): DaemonError =>
  new DaemonError('DOCKER_ENGINE_ERROR', 502, `The Docker engine gave an answer that is not understood: ${why}.`, {
    cause,
    untouched: !sent,
  })

/** No such container; and one that is just being removed, or could not be removed, has no log and no measurements any more. */
export const goneStatuses: readonly number[] = [404, 409]
export const containerGone = (): DaemonError =>
  new DaemonError('DOCKER_CONTAINER_NOT_FOUND', 404, 'The container is gone, or is just being removed.', { untouched: true })

/** Talks to the engine over its socket. It sends no body, no header of a client's, and follows nothing. */
export function createEngine(socketPath: string): Engine {
  const agent = new Agent({ keepAlive: true, maxSockets: 32, keepAliveMsecs: 5_000 })
  const open = (
    { method, path, timeoutMs, accept = [200] }: Omit<EngineCall, 'mostBytes'>,
    signal?: AbortSignal,
    own = false,
  ): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const sent = method !== 'GET'
      const headers = { host: 'docker', accept: 'application/json', ...(sent && { 'content-length': '0' }) }
      const call = request({ socketPath, method, path, headers, agent: own ? false : agent, setHost: false, ...(signal && { signal }) })
      const timer = setTimeout(() => call.destroy(late()), timeoutMs)
      call.on('error', (cause: NodeJS.ErrnoException) => {
        clearTimeout(timer)
        reject(cause.code?.startsWith('HPE_') ? nonsense('no HTTP', cause, sent) : engineAway(socketPath, cause, sent))
      })
      call.once('upgrade', (_reply, socket) => {
        socket.destroy()
        reject(nonsense('an upgrade', undefined, sent))
      })
      call.once('response', (reply) => {
        clearTimeout(timer)
        const { statusCode = 0 } = reply
        if (accept.includes(statusCode)) return resolve(reply)
        reply.destroy()
        reject(nonsense(`status ${statusCode}`, undefined, sent))
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
      return { status: statusCode, body: await bodyOf(reply, call, socketPath) }
    },
    async stream(call, signal) {
      const reply = await open({ ...call, accept: [200, ...goneStatuses] }, signal, true)
      if (reply.statusCode === 200) return reply
      reply.destroy()
      throw containerGone()
    },
  }
}

async function bodyOf(reply: IncomingMessage, { mostBytes, timeoutMs }: EngineCall, socketPath: string): Promise<unknown> {
  const chunks: Buffer[] = []
  let size = 0
  const timer = setTimeout(() => reply.destroy(late()), timeoutMs)
  try {
    for await (const chunk of reply as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > mostBytes) throw nonsense('too long')
      chunks.push(chunk)
    }
  } catch (error) {
    reply.destroy()
    throw error instanceof DaemonError ? error : engineAway(socketPath, error)
  } finally {
    clearTimeout(timer)
  }
  try {
    return size === 0 ? null : JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch (cause) {
    throw nonsense('no JSON', cause)
  }
}

const late = (): Error => Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })

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
      { untouched: true },
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

import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { connect, isIP } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { DaemonError } from '@console/verb-kit/problem'
import type { probeHealth } from '@console/verbs/health'
import type { ArgsOf } from '@console/verbs/verb'
import type { Config } from './config.ts'

type Probed = {
  ok: boolean
  status: number | null
  latencyMs: number | null
  bodyMatched: boolean | null
  tlsExpiresAt: string | null
  error: { code: string; message: string } | null
}
const mostBytes = 65_536
const failed = (code: string, message: string): Probed => ({
  ok: false,
  status: null,
  latencyMs: null,
  bodyMatched: null,
  tlsExpiresAt: null,
  error: { code, message },
})

/** One request to this host's own loopback, to an origin that the list allows. Nothing of the answer's text leaves. */
export async function probe(
  { kind, target, timeoutMs, expectBody, method = 'GET' }: ArgsOf<typeof probeHealth>,
  rules: Config['probe'],
): Promise<Probed> {
  const url = kind === 'tcp' ? URL.parse(`tcp://${target}`) : URL.parse(target)
  if (!url) throw refused('it is no http, https or host:port address')
  if (url.username !== '' || url.password !== '' || !['http:', 'https:', 'tcp:'].includes(url.protocol))
    throw refused('it is no http, https or host:port address')
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase()
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80)
  const address = host === 'localhost' || host.endsWith('.localhost') ? '127.0.0.1' : host
  if (isIP(address) === 0 || !(address.startsWith('127.') || address === '::1')) throw refused('it is not on this host’s loopback')
  assertListed({ host, port, url }, rules)
  return kind === 'tcp' ? probeTcp(address, port, timeoutMs) : probeHttp(url, { address, port, timeoutMs, expectBody, method })
}

function assertListed({ host, port, url }: { host: string; port: number; url: URL }, { origins, consolePorts }: Config['probe']): void {
  if (origins === null) {
    if (consolePorts.includes(port)) throw refused('it is a part of the console itself')
    return
  }
  const listed = origins.some((origin) => {
    const allowed = new URL(origin)
    const samePort = (Number(allowed.port) || (allowed.protocol === 'https:' ? 443 : 80)) === port
    return samePort && allowed.hostname.replace(/^\[|\]$/g, '') === host && (url.protocol === 'tcp:' || allowed.protocol === url.protocol)
  })
  if (!listed) throw refused('its origin is not in PROBE_ORIGINS')
}

function refused(why: string): DaemonError {
  return new DaemonError('HEALTH_TARGET_REFUSED', 400, `This address cannot be checked: ${why}.`)
}

function probeTcp(host: string, port: number, timeoutMs: number): Promise<Probed> {
  const started = performance.now()
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    const end = (result: Probed): void => {
      socket.destroy()
      resolve(result)
    }
    socket.setTimeout(timeoutMs, () => end(failed('TIMEOUT', `no answer within ${timeoutMs} ms`)))
    socket.once('connect', () => end({ ...failed('', ''), ok: true, latencyMs: Math.round(performance.now() - started), error: null }))
    socket.once('error', (error) => end(told(error)))
  })
}

type HttpProbe = { address: string; port: number; timeoutMs: number; expectBody: string | undefined; method: 'GET' | 'HEAD' }

function probeHttp(url: URL, { address, port, timeoutMs, expectBody, method }: HttpProbe): Promise<Probed> {
  const started = performance.now()
  const send = url.protocol === 'https:' ? requestHttps : requestHttp
  return new Promise((resolve) => {
    const call = send({
      host: address,
      port,
      method,
      path: `${url.pathname}${url.search}`,
      servername: isIP(url.hostname) ? '' : url.hostname,
      agent: false,
      maxHeaderSize: 16_384,
      headers: { host: url.host, 'accept-encoding': 'identity', 'user-agent': 'bytelyst-health/1' },
    })
    const end = (result: Probed): void => {
      clearTimeout(timer)
      call.destroy()
      resolve(result)
    }
    const timer = setTimeout(() => end(failed('TIMEOUT', `no answer within ${timeoutMs} ms`)), timeoutMs)
    call.once('error', (error) => end(told(error)))
    call.once('response', (reply) => {
      const chunks: Buffer[] = []
      let size = 0
      const finish = (): void => {
        const body = Buffer.concat(chunks).subarray(0, mostBytes).toString('utf8')
        const bodyMatched = expectBody === undefined ? null : body.includes(expectBody)
        const certificate = 'getPeerCertificate' in reply.socket ? (reply.socket as TLSSocket).getPeerCertificate() : null
        const tlsExpiresAt = certificate?.valid_to ? new Date(certificate.valid_to).toISOString() : null
        end({
          ok: bodyMatched !== false,
          status: reply.statusCode ?? null,
          latencyMs: Math.round(performance.now() - started),
          bodyMatched,
          tlsExpiresAt,
          error: null,
        })
      }
      reply.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        size += chunk.length
        if (size >= mostBytes) finish()
      })
      reply.once('end', finish)
      reply.once('error', (error) => end(told(error)))
    })
    call.end()
  })
}

function told(error: NodeJS.ErrnoException): Probed {
  const { code = 'FAILED' } = error
  const words: Record<string, string> = {
    ECONNREFUSED: 'connection refused',
    ECONNRESET: 'the connection was cut',
    EPROTO: 'no TLS is spoken there',
  }
  return failed(
    code,
    words[code] ?? (code.includes('CERT') || code.includes('SIGNATURE') ? 'the certificate is not trusted' : `failed: ${code}`),
  )
}

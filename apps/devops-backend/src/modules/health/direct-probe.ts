import { lookup as dnsLookup } from 'node:dns'
import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { Agent, buildConnector, request } from 'undici'
import { statusFits } from './judge-health.ts'
import { addressAllowed } from './target-guard.ts'

export type Probe = { readonly ok: boolean; readonly latencyMs: number | null; readonly note: string; readonly tlsExpiresAt: string | null }

/** How names become addresses, and which of those may be connected to. */
export type Net = { readonly resolve: typeof dnsLookup; readonly allowed: (address: string) => boolean }

const realNet: Net = { resolve: dnsLookup, allowed: addressAllowed }
const longestBody = 65_536

/**
 * One HTTP(S) request to a target outside this host. Redirects are the result, not followed; at most 64 KiB are read and nothing is
 * decompressed; the address connected to is checked, literal ones too, since Node asks no lookup about those.
 */
export async function probeHttp(
  check: { url: string; method: 'GET' | 'HEAD'; expectStatus: string; expectBody: string | null; timeoutMs: number },
  now: () => number,
  net: Net = realNet,
): Promise<Probe> {
  const seen: { tlsExpiresAt: string | null } = { tlsExpiresAt: null }
  const dispatcher = new Agent({
    connect: guardedConnect(seen, net),
    headersTimeout: check.timeoutMs,
    bodyTimeout: check.timeoutMs,
    maxHeaderSize: 16_384,
    connections: 1,
    pipelining: 0,
  })
  const started = now()
  try {
    const reply = await request(check.url, {
      dispatcher,
      method: check.method,
      signal: AbortSignal.timeout(check.timeoutMs),
      headers: { 'accept-encoding': 'identity', 'user-agent': 'bytelyst-health/1' },
    })
    const body = await readSome(reply.body)
    const latencyMs = Math.round(now() - started)
    const statusOk = statusFits(check.expectStatus, reply.statusCode)
    const bodyOk = check.expectBody === null || body.includes(check.expectBody)
    const note = `${reply.statusCode} in ${latencyMs} ms${bodyOk ? '' : ', the body lacks the expected text'}`
    return { ok: statusOk && bodyOk, latencyMs, note, ...seen }
  } catch (error) {
    return { ok: false, latencyMs: null, note: sayWhy(error, check.timeoutMs), ...seen }
  } finally {
    await dispatcher.destroy()
  }
}

/** One TCP connection to a target outside this host. */
export function probeTcp(check: { host: string; port: number; timeoutMs: number }, now: () => number, net: Net = realNet): Promise<Probe> {
  const started = now()
  return new Promise((resolve) => {
    const end = (probe: Omit<Probe, 'tlsExpiresAt'>): void => {
      socket.destroy()
      resolve({ ...probe, tlsExpiresAt: null })
    }
    if (isIP(check.host) && !net.allowed(check.host)) {
      resolve({ ok: false, latencyMs: null, note: 'the address is none that checks go to', tlsExpiresAt: null })
      return
    }
    const socket: Socket = connectTcp({ host: check.host, port: check.port, lookup: guardedLookup(net) })
    socket.setTimeout(check.timeoutMs, () => end({ ok: false, latencyMs: null, note: `no answer within ${check.timeoutMs} ms` }))
    socket.once('connect', () => {
      const latencyMs = Math.round(now() - started)
      end({ ok: true, latencyMs, note: `connected in ${latencyMs} ms` })
    })
    socket.once('error', (error) => end({ ok: false, latencyMs: null, note: sayWhy(error, check.timeoutMs) }))
  })
}

/** Every address that a name leads to is checked before it is connected to. */
const guardedLookup =
  ({ resolve, allowed }: Net): LookupFunction =>
  (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, [])
      const bad = addresses.find(({ address }) => !allowed(address))
      if (bad) return callback(Object.assign(new Error('refused address'), { code: 'ETARGETREFUSED' }), [])
      const [first] = addresses
      if (options.all) return callback(null, addresses)
      return callback(null, first?.address ?? '', first?.family)
    })
  }

function guardedConnect(seen: { tlsExpiresAt: string | null }, net: Net): buildConnector.connector {
  const connector = buildConnector({ timeout: 30_000, lookup: guardedLookup(net) } as buildConnector.BuildOptions)
  return (options, callback) => {
    const host = options.hostname.replace(/^\[|\]$/g, '')
    if (isIP(host) && !net.allowed(host)) {
      callback(Object.assign(new Error('refused address'), { code: 'ETARGETREFUSED' }), null)
      return
    }
    connector(options, (...result) => {
      const [error, socket] = result
      if (!error && socket && 'getPeerCertificate' in socket) {
        const { valid_to } = (socket as TLSSocket).getPeerCertificate()
        if (valid_to) seen.tlsExpiresAt = new Date(valid_to).toISOString()
      }
      callback(...result)
    })
  }
}

async function readSome(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    size += chunk.length
    if (size >= longestBody) break
  }
  return Buffer.concat(chunks).subarray(0, longestBody).toString('utf8')
}

/** Words for a person, never the target's own text. */
function sayWhy(error: unknown, timeoutMs: number): string {
  const { name, code } = error as { name?: string; code?: string }
  if (
    name === 'TimeoutError' ||
    code === 'UND_ERR_HEADERS_TIMEOUT' ||
    code === 'UND_ERR_BODY_TIMEOUT' ||
    code === 'UND_ERR_CONNECT_TIMEOUT'
  )
    return `no answer within ${timeoutMs} ms`
  if (code === 'ECONNREFUSED') return 'connection refused'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'the name is not known'
  if (code === 'ETARGETREFUSED') return 'the name leads to an address that checks never go to'
  if (code?.startsWith('CERT_') || code?.includes('CERT') || code === 'UNABLE_TO_VERIFY_LEAF_SIGNATURE')
    return 'the certificate is not trusted'
  return code ? `failed: ${code}` : 'failed'
}

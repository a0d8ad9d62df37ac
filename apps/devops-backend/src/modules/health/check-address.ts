import type { HealthCheck } from '@console/contracts/health/schemas'
import { AppError } from '@console/http-kit/problem'
import { plainHost } from './target-guard.ts'

/** `origin` is what an admin may let checks reach: `https://host:port`, or `tcp://host:port`, with every address in its one spelling. */
export type Target = { readonly host: string; readonly port: number; readonly written: string; readonly origin: string }

/**
 * Where a check goes, as the connection will understand it: every spelling of an address is folded into one by the URL parser. What
 * that parser would repair in silence (white space, control characters, backslashes) is refused, and so is what no check needs.
 * @throws AppError HEALTH_TARGET_REFUSED
 */
export function addressOf(check: Exclude<HealthCheck, { kind: 'container' }>): Target {
  const text = check.kind === 'tcp' ? check.host : check.url
  const tcpHost = check.kind === 'tcp' && check.host.includes(':') && !check.host.startsWith('[') ? `[${check.host}]` : text
  const url = /[\s\\\p{Cc}]/u.test(text) ? null : URL.parse(check.kind === 'tcp' ? `http://${tcpHost}:${check.port}/` : text)
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.username !== '' || url.password !== '' || text.includes('#'))
    throw new AppError(
      'HEALTH_TARGET_REFUSED',
      400,
      'A check’s address is http:// or https:// with a host, without user, password or fragment.',
    )
  if (check.kind === 'tcp' && (url.pathname !== '/' || url.search !== ''))
    throw new AppError('HEALTH_TARGET_REFUSED', 400, 'The host of a TCP check is a name or an address, and nothing more.')
  // With its brackets: an address of IPv6 and a port behind it must not read like another address.
  const written = url.hostname.replace(/\.$/, '')
  return {
    host: plainHost(url.hostname),
    port: check.kind === 'tcp' ? check.port : Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
    written: url.hostname,
    origin: check.kind === 'tcp' ? `tcp://${written}:${check.port}` : `${url.protocol}//${written}${url.port && `:${url.port}`}`,
  }
}

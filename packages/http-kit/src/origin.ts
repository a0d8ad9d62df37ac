import type { IncomingHttpHeaders } from 'node:http'
import { AppError } from './problem.ts'

/**
 * A change by cookie must come from one of our own pages: Origin on the exact list, no cross-site fetch, exactly JSON.
 * @throws AppError
 */
export function assertOwnPage(headers: IncomingHttpHeaders, allowedOrigins: readonly string[]): void {
  const { origin } = headers
  if (origin === undefined || !allowedOrigins.includes(origin))
    throw new AppError('AUTH_ORIGIN_REFUSED', 403, 'This request does not come from one of the dashboards.')
  if (headers['sec-fetch-site'] === 'cross-site') throw new AppError('AUTH_ORIGIN_REFUSED', 403, 'This request comes from another site.')
  if (headers['content-type'] !== 'application/json') throw new AppError('CONTENT_TYPE_REFUSED', 415, 'Only application/json is read.')
}

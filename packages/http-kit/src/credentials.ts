import type { FastifyRequest } from 'fastify'
import { AppError } from './problem.ts'

/** Names of the three cookies, and of the one that binds a sign-in at a provider to its browser; without prefixes where they cannot be Secure (loopback in browsers that refuse it). */
export const cookieNames = (secure: boolean) =>
  secure
    ? ({ session: '__Secure-bl_sid', reference: '__Secure-bl_ref', tie: '__Host-bl_tie', upstream: '__Host-bl_oidc' } as const)
    : ({ session: 'bl_sid', reference: 'bl_ref', tie: 'bl_tie', upstream: 'bl_oidc' } as const)

/** The cookies of a request. @throws AppError REQUEST_INVALID for two of one name: one of them was planted */
export function cookiesOf(request: FastifyRequest): Record<string, string> {
  const found: Record<string, string> = Object.create(null)
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const at = pair.indexOf('=')
    if (at < 0) continue
    const name = pair.slice(0, at).trim()
    if (Object.hasOwn(found, name))
      throw new AppError(
        'REQUEST_INVALID',
        400,
        `The cookie ${name.slice(0, 40)} was sent twice. Delete the cookies of this site and sign in again.`,
      )
    found[name] = pair.slice(at + 1).trim()
  }
  return found
}

/** The token of `Authorization: Bearer`; null without one. Nothing is read from URL or body. @throws AppError AUTH_TOKEN_INVALID */
export function bearerOf(request: FastifyRequest): string | null {
  const value = request.headers.authorization
  if (value === undefined) return null
  const match = /^Bearer ([A-Za-z0-9._~+/-]+=*)$/.exec(value)
  if (!match?.[1] || value.length > 4_200)
    throw new AppError('AUTH_TOKEN_INVALID', 401, 'The Authorization header is not one Bearer token.')
  return match[1]
}

/** How what a token did is told: by whose, and which. */
export function nameOfToken(person: string, token: string): string {
  return `${person}, token ${token}`
}

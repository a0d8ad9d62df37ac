import type { Action } from '@console/contracts/action'
import type { Actor } from '@console/http-kit/context'
import { bearerOf, cookieNames, cookiesOf, nameOfToken } from '@console/http-kit/credentials'
import { AppError } from '@console/http-kit/problem'
import { authTimeOf } from '@console/tokens/access-token'
import type { PlatformClient } from './clients/platform.ts'

const credential = /^[A-Za-z0-9_-]{1,200}$/

/** Turns the reference cookie with its tie, or an API token, into a person. Both at once are refused. Who only `polls` uses nothing. */
export async function authenticate(
  request: Parameters<typeof cookiesOf>[0],
  { risk, polls = false }: Pick<Action, 'risk'> & { readonly polls?: boolean },
  { platform, cookieSecure }: { readonly platform: PlatformClient; readonly cookieSecure: boolean },
): Promise<Actor> {
  const names = cookieNames(cookieSecure)
  const cookies = cookiesOf(request)
  const bearer = bearerOf(request)
  const reference = cookies[names.reference]
  if (bearer !== null && reference !== undefined)
    throw new AppError('REQUEST_INVALID', 400, 'A cookie and a token were sent together. Send one.')
  const token = bearer ?? reference
  if (token === undefined || (bearer !== null && !bearer.startsWith('blt_'))) throw nobody()
  const tie = bearer === null ? (cookies[names.tie] ?? null) : null
  if (bearer === null && tie === null) throw nobody()
  // What platform-service never gave out is not asked about: it would refuse the question, and that looks like being away.
  if (!credential.test(token) || (tie !== null && !credential.test(tie))) throw nobody()
  const person = await platform.whoIs({
    token,
    tie,
    activity: !polls && request.headers['x-activity'] === '1',
    changing: risk === 'change' || risk === 'destroy',
    address: request.ip,
  })
  if (!person) throw nobody()
  const { kind, user, sid, role, actions, accessToken, tokenName } = person
  const factorAtMs = kind === 'session' ? authTimeOf(accessToken) : null
  return {
    kind: kind === 'api' ? 'token' : 'person',
    id: user.id,
    name: tokenName === undefined ? user.name : nameOfToken(user.name, tokenName),
    role,
    sid,
    byCookie: bearer === null,
    accessToken,
    ...(factorAtMs !== null && { factorAtMs }),
    ...(actions && { actions }),
  }
}

function nobody(): AppError {
  return new AppError('AUTH_REQUIRED', 401, 'Nobody is signed in here, or the session has ended. Sign in.')
}

import type { NewRow } from '@console/audit-chain/log'
import type { Actor } from '@console/http-kit/context'
import { bearerOf, cookiesOf, nameOfToken } from '@console/http-kit/credentials'
import type { MountOptions } from '@console/http-kit/mount-options'
import { AppError } from '@console/http-kit/problem'
import type { Stored } from '@console/store/port'
import type { KeySource } from '@console/tokens/key-source'
import { verifyServiceToken } from '@console/tokens/service-token'
import { TokenError } from '@console/tokens/token-error'
import type { UserDoc } from '../documents.ts'
import type { ApiTokenBook } from './api-token-book.ts'
import type { CookieJar } from './cookies.ts'
import type { Found, LiveSession } from './judge-session.ts'
import { isLive, liveMember, type PeopleBook } from './people-book.ts'
import { platformProduct } from './products.ts'
import { enrolActions, mayOnlyEnrol, mustEnrol } from './second-factor-rule.ts'
import type { SessionBook } from './session-book.ts'
import type { SignInSettingsBook } from './sign-in-settings.ts'

type Request = Parameters<MountOptions['authenticate']>[0]
type Cookies = ReturnType<typeof cookiesOf>
/** Who is signed in, and by which value. */
export type SignedIn = { readonly session: LiveSession; readonly user: Stored<UserDoc> }
export type Recognition = {
  readonly authenticate: MountOptions['authenticate']
  /** What was found out about the actor of a request. */
  signedIn(actor: Actor): SignedIn
}
type Deps = {
  readonly sessions: SessionBook
  readonly people: PeopleBook
  readonly apiTokens: ApiTokenBook
  readonly settings: SignInSettingsBook
  readonly jar: CookieJar
  readonly serviceKeys: (name: string) => KeySource
  readonly event: (row: NewRow) => void
  readonly now: () => number
}

/** Turns cookies into a person and a service token into a service. Nothing is read from URL or body. */
export function createRecognition(deps: Deps): Recognition {
  const known = new WeakMap<Actor, SignedIn>()
  return {
    async authenticate(request, action) {
      if (action.auth === 'service') return service(request, deps)
      const cookies = cookiesOf(request)
      const bearer = bearerOf(request)
      if (bearer !== null && cookies[deps.jar.names.session] !== undefined) throw twoCredentials()
      if (bearer !== null) return program(request, bearer, deps)
      const signedIn = await person(request, cookies, deps)
      if (request.headers['x-activity'] === '1') await deps.sessions.touch(signedIn.session)
      const membership = await deps.people.membership(signedIn.user.id, platformProduct)
      const actor: Actor = {
        kind: 'person',
        id: signedIn.user.id,
        name: signedIn.user.doc.name,
        role: membership && isLive(membership, deps.now()) ? membership.role : null,
        sid: signedIn.session.doc.sid,
        factorAtMs: Date.parse(signedIn.session.doc.factorAt),
        byCookie: true,
        accessToken: null,
      }
      known.set(actor, signedIn)
      if (mayOnlyEnrol(signedIn.session, signedIn.user) && !enrolActions.has(action.id)) {
        // The row of the refusal names the person.
        request.actor = actor
        throw new AppError('AUTH_ENROL_REQUIRED', 403, 'You need a second factor. Set up an authenticator app or a passkey, then go on.')
      }
      return actor
    },
    signedIn(actor) {
      const found = known.get(actor)
      if (!found) throw new AppError('AUTH_FORBIDDEN', 403, 'This needs a person who is signed in, not a token.')
      return found
    },
  }
}

/** An API token for this very product; no other bearer is accepted. */
async function program(request: Request, bearer: string, deps: Deps): Promise<Actor> {
  const { apiTokens, people, now } = deps
  const token = await apiTokens.find(bearer)
  if (token?.doc.productId !== platformProduct) throw notAccepted()
  const member = await liveMember(people, { userId: token.doc.userId, productId: platformProduct, nowMs: now() })
  if (!member) throw notAccepted()
  const { user, membership } = member
  const actor: Actor = {
    kind: 'token',
    id: user.id,
    name: nameOfToken(user.doc.name, token.doc.name),
    role: membership.role,
    sid: token.doc.tokenId,
    actions: token.doc.actions,
    byCookie: false,
    accessToken: null,
  }
  if (await mustEnrol(deps, user)) {
    request.actor = actor
    throw new AppError(
      'AUTH_ENROL_REQUIRED',
      403,
      'The person of this token needs a second factor. Once they have set one up, the token works again.',
    )
  }
  await apiTokens.touch(token, request.ip)
  return actor
}

async function person(request: Request, cookies: Cookies, { sessions, people, jar, event }: Deps): Promise<SignedIn> {
  const [value, tie] = [cookies[jar.names.session], cookies[jar.names.tie]]
  if (!value || !tie) throw nobody()
  const found = await sessions.find(value, tie)
  if (found.is === 'superseded' || found.is === 'foreign') event(refusedCookie(request, found))
  if (found.is !== 'live') throw nobody()
  const user = await people.read(found.session.doc.userId)
  if (user?.doc.status !== 'active') throw nobody()
  return { session: found.session, user }
}

/** The row never holds a value, only whose session it was. The answer does not touch the cookies: a newer one may lie beside it. */
function refusedCookie(request: Request, { is, doc }: Extract<Found, { doc: unknown }>): NewRow {
  return {
    action: 'auth.session.refuse',
    actor: { kind: 'anonymous', id: 'anonymous' },
    requestId: request.id,
    target: doc.userId,
    outcome: 'denied',
    risk: 'none',
    code: is === 'superseded' ? 'SESSION_SUPERSEDED' : 'SESSION_TIE_FOREIGN',
    address: request.ip,
    details: { sid: doc.sid },
  }
}

async function service(request: Request, { serviceKeys, now }: Deps): Promise<Actor> {
  const token = bearerOf(request)
  const name = token === null ? null : claimedName(token)
  if (token === null) throw new AppError('AUTH_REQUIRED', 401, 'This route is for services, which show their own token.')
  try {
    verifyServiceToken(token, { name: name ?? '', keysOf: serviceKeys, audience: 'platform-service', nowMs: now() })
  } catch (error) {
    if (error instanceof TokenError) throw notAccepted()
    throw error
  }
  return { kind: 'service', id: `system:${name}`, name: name ?? '', role: null, sid: null, byCookie: false, accessToken: null }
}

/** Who the token says it is from: decides only with whose key it is checked. */
function claimedName(token: string): string | null {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    const { sub } = (claims ?? {}) as { sub?: unknown }
    return typeof sub === 'string' ? (/^system:([a-z][a-z-]{1,40})$/.exec(sub)?.[1] ?? null) : null
  } catch {
    return null
  }
}

function twoCredentials(): AppError {
  return new AppError('REQUEST_INVALID', 400, 'The request has a session and a token. Send one of them.')
}

function notAccepted(): AppError {
  return new AppError('AUTH_TOKEN_INVALID', 401, 'The token is not one that is accepted here.')
}

function nobody(): AppError {
  return new AppError('AUTH_REQUIRED', 401, 'You are not signed in, or your session has ended. Sign in again.')
}

import { createHash } from 'node:crypto'
import type { Action } from '@console/contracts/action'
import { roleAllows } from '@console/contracts/roles'
import { type GrantClaims, verifyGrant } from '@console/tokens/grant'
import { TokenError } from '@console/tokens/token-error'
import { canonical, directPlan, type Plain } from '@console/verbs/canonical'
import type { FastifyRequest } from 'fastify'
import { inflateBody } from './body-bytes.ts'
import { limited, takeBudget } from './budgets.ts'
import { actorOf } from './context.ts'
import { cookiesOf } from './credentials.ts'
import { assertFreshFactor } from './fresh-factor.ts'
import { hashOf, idempotencyKey, keyOf } from './idempotency.ts'
import type { MountOptions } from './mount-options.ts'
import { assertOwnPage } from './origin.ts'
import { AppError } from './problem.ts'
import { recordIntent, refusing } from './record.ts'

export type Step = {
  readonly name: string
  readonly at: 'onRequest' | 'preValidation' | 'preHandler'
  readonly run: (request: FastifyRequest, action: Action, options: MountOptions) => Promise<void> | void
}

/** The order of every request. Validation stands between `preValidation` and `preHandler`. */
export const steps: readonly Step[] = [
  { name: 'limitAddress', at: 'onRequest', run: limitAddress },
  {
    name: 'authenticate',
    at: 'onRequest',
    run: (request, action, options) =>
      isQuestion(action)
        ? authenticate(request, action, options)
        : refusing(request, action, options, () => authenticate(request, action, options)),
  },
  {
    name: 'checkOrigin',
    at: 'onRequest',
    run: (request, action, options) => refusing(request, action, options, () => checkOrigin(request, action, options)),
  },
  { name: 'limitActor', at: 'onRequest', run: takeBudget },
  {
    name: 'checkPermission',
    at: 'onRequest',
    run: (request, action, options) => refusing(request, action, options, () => checkPermission(request, action)),
  },
  {
    name: 'checkFactor',
    at: 'onRequest',
    run: (request, action, options) => refusing(request, action, options, () => checkFactor(request, action, options)),
  },
  {
    name: 'checkSignature',
    at: 'preValidation',
    run: (request, action, options) =>
      action.bytes?.signed ? refusing(request, action, options, () => checkSignature(request, action, options)) : undefined,
  },
  { name: 'inflate', at: 'preValidation', run: (request, { bytes }) => (bytes ? inflateBody(request, bytes) : undefined) },
  {
    name: 'checkGrant',
    at: 'preValidation',
    run: (request, action, options) => refusing(request, action, options, () => checkGrant(request, action, options)),
  },
  { name: 'checkBody', at: 'preValidation', run: checkBody },
  { name: 'checkIfMatch', at: 'preHandler', run: checkIfMatch },
  { name: 'findRepeat', at: 'preHandler', run: findRepeat },
  { name: 'recordIntent', at: 'preHandler', run: recordIntent },
]

const minuteMs = 60_000

function limitAddress(request: FastifyRequest, { auth }: Action, { counters, limits }: MountOptions): void {
  const [key, most] =
    auth === 'ingest' ? [`ingest address ${request.ip}`, limits.ingestPerMinute] : [`address ${request.ip}`, limits.addressPerMinute]
  limited(counters.take(key, most, minuteMs))
}

/** Asking who is signed in is no attempt at anything: no is an answer there, and pages ask it again and again. */
const isQuestion = ({ method, risk }: Action): boolean => method === 'GET' && risk === 'none'

async function authenticate(request: FastifyRequest, action: Action, options: MountOptions): Promise<void> {
  // Nobody is recognised, and still two cookies of one name are refused: the answer may set one, and the browser keep the planted one.
  if (action.auth === 'public') return void cookiesOf(request)
  if (action.bytes?.signed) return
  request.actor = await options.authenticate(request, action)
}

/** Who sends is proved by the bytes themselves, so nothing is believed before they are here. */
async function checkSignature(request: FastifyRequest, action: Action, options: MountOptions): Promise<void> {
  request.actor = await options.authenticate(request, action)
  takeBudget(request, action, options)
}

/** A public action that changes something by setting cookies needs the right page as well; a token or service key does not. */
function checkOrigin(request: FastifyRequest, action: Action, { allowedOrigins, checkCsrf }: MountOptions): void {
  if (action.method === 'GET') return
  if (action.auth === 'ingest') return
  const actor = actorOf(request)
  if (action.auth !== 'public' && !actor.byCookie) {
    if (
      action.auth === 'session' &&
      request.headers['content-type'] !== undefined &&
      request.headers['content-type'] !== 'application/json'
    )
      throw new AppError('CONTENT_TYPE_REFUSED', 415, 'Only application/json is read.')
    return
  }
  assertOwnPage(request.headers, allowedOrigins)
  if (action.auth === 'public') return
  const token = request.headers['x-csrf-token']
  if (!checkCsrf(actor, typeof token === 'string' ? token : undefined))
    throw new AppError('AUTH_CSRF_INVALID', 403, 'The page is too old or was signed in anew. It fetches a fresh token and tries again.')
}

function checkPermission(request: FastifyRequest, action: Action): void {
  if (action.auth === 'public' || action.auth === 'ingest') return
  const actor = actorOf(request)
  if ((action.auth === 'service') !== (actor.kind === 'service'))
    throw new AppError('AUTH_FORBIDDEN', 403, 'This route is for another kind of caller.')
  if (actor.kind === 'service') return
  if (actor.actions && !actor.actions.includes(action.id))
    throw new AppError('AUTH_FORBIDDEN', 403, `The token does not cover: ${action.summary}`)
  if (!roleAllows(actor.role, action.role))
    throw new AppError(
      'AUTH_FORBIDDEN',
      403,
      `Your role ${actor.role ?? 'is none here, and'} does not allow this: ${action.summary} It needs ${action.role}.`,
    )
}

function checkFactor(request: FastifyRequest, { factor }: Action, { now }: MountOptions): void {
  if (factor === 'fresh') assertFreshFactor(actorOf(request).factorAtMs, now())
}

/** The confirmation must be for this person, this session, this verb and this plan. The callee burns it. */
function checkGrant(request: FastifyRequest, action: Action, { name, grantKeys, usedGrants, now }: MountOptions): void {
  if (action.risk !== 'destroy') return
  const actor = actorOf(request)
  if (actor.kind !== 'person') throw new AppError('AUTH_GRANT_REQUIRED', 403, 'Only a person can confirm this, in the dashboard.')
  const token = request.headers['x-grant']
  if (typeof token !== 'string') throw new AppError('AUTH_GRANT_REQUIRED', 403, 'This needs a confirmation. Open it in the dashboard.')
  const grant = grantOf(token, { keys: grantKeys, audience: action.verb?.daemon ?? name, nowMs: now() })
  const verb = action.verb?.id ?? action.id
  const fits = grant.sub === actor.id && grant.sid === actor.sid && grant.verb === verb && grant.digest === digestOf(request, verb)
  if (!fits)
    throw new AppError('AUTH_GRANT_MISMATCH', 403, 'The confirmation was given for something else. Look at the plan and confirm again.')
  if (action.verb) return
  if (usedGrants.clockIsBack())
    throw new AppError(
      'AUDIT_UNAVAILABLE',
      503,
      'Nothing was done: the clock stands before the newest confirmation in the audit log. Set it right.',
    )
  if (usedGrants.has(grant.jti)) throw new AppError('AUTH_GRANT_USED', 409, 'The confirmation was used already.')
  request.grantJti = grant.jti
}

function grantOf(token: string, how: Parameters<typeof verifyGrant>[1]): GrantClaims {
  try {
    return verifyGrant(token, how)
  } catch (error) {
    if (error instanceof TokenError)
      throw new AppError(
        error.code,
        401,
        error.code === 'AUTH_GRANT_EXPIRED'
          ? 'The confirmation is older than two minutes. Confirm again.'
          : 'The confirmation is not valid here.',
      )
    throw error
  }
}

/** A planned action names the digest of its plan; another one is its own plan, made of what was sent. */
function digestOf(request: FastifyRequest, verb: string): string {
  const body = (request.body ?? {}) as Record<string, Plain>
  if (typeof body.digest === 'string') return body.digest
  const args = { ...(request.params as Record<string, Plain>), ...body }
  try {
    return createHash('sha256')
      .update(canonical(directPlan(verb, 'local', args)))
      .digest('hex')
  } catch {
    return ''
  }
}

/** Fastify ignores a body where none is declared; we do not: nothing that was sent is passed over in silence. */
function checkBody(request: FastifyRequest, action: Action): void {
  if (action.body || action.bytes || request.body === undefined || request.body === null) return
  if (typeof request.body === 'object' && Object.keys(request.body).length === 0) return
  throw new AppError('INPUT_INVALID', 400, 'This action takes no body.')
}

function checkIfMatch(request: FastifyRequest, action: Action): void {
  if (!action.ifMatch) return
  if (typeof request.headers['if-match'] !== 'string')
    throw new AppError('IF_MATCH_REQUIRED', 428, 'Send If-Match with the ETag that you read, so that nobody’s change is overwritten.')
}

/** A repeat of a change gets the first answer; it leaves no second intent, since nothing is intended. */
async function findRepeat(request: FastifyRequest, action: Action, { idempotency }: MountOptions): Promise<void> {
  const given = request.headers['idempotency-key']
  if (given === undefined || action.risk === 'none' || action.risk === 'read') return
  if (typeof given !== 'string' || !idempotencyKey.test(given))
    throw new AppError('INPUT_INVALID', 400, 'Idempotency-Key must be 8 to 100 letters, digits, - or _.')
  const key = keyOf(actorOf(request).id, action.id, given)
  const kept = await idempotency.get(key)
  if (kept && kept.bodyHash !== hashOf(request.params, request.body))
    throw new AppError('IDEMPOTENCY_CONFLICT', 409, 'This Idempotency-Key was used for another request.')
  if (kept) request.repeatOf = kept
  request.idempotencyKey = key
}

declare module 'fastify' {
  interface FastifyRequest {
    grantJti?: string
    repeatOf?: import('./idempotency.ts').KeptAnswer
  }
}

import type { AuditLog, NewRow } from '@console/audit-chain/log'
import type { Action } from '@console/contracts/action'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { BoundAction, BytesAnswer, StreamEvent } from './bind.ts'
import { attempted, countFlood, takeFlood } from './budgets.ts'
import { actorOf, type Context } from './context.ts'
import { cookiesOf } from './credentials.ts'
import { hashOf } from './idempotency.ts'
import type { MountOptions } from './mount-options.ts'
import { AppError } from './problem.ts'

type Deed = { request: FastifyRequest; reply: FastifyReply; action: Action; run: BoundAction['run']; options: MountOptions }
const minuteMs = 60_000

/** The intent is durable before anything happens. A confirmation of this service is burnt by the same row. */
export async function recordIntent(request: FastifyRequest, action: Action, options: MountOptions): Promise<void> {
  const { audit, usedGrants } = options
  if (!action.audit || request.repeatOf) return attempted(request, options)
  const jti = request.grantJti
  if (jti && usedGrants.has(jti)) throw new AppError('AUTH_GRANT_USED', 409, 'The confirmation was used already.')
  if (jti) usedGrants.add(jti)
  const input = redact(action.audit.fields, request.body, audit.mask)
  const row = { ...rowOf(request, action, 'started'), input, ...(jti && { details: { jti } }) }
  const { seq } = await audit.append(row, { essential: action.verb?.essential === true }).catch((cause: unknown) => {
    if (jti) usedGrants.remove(jti)
    throw new AppError(
      'AUDIT_UNAVAILABLE',
      503,
      'Nothing was done: the audit log cannot be written. Free space on the disk, then try again.',
      { cause },
    )
  })
  request.intent = seq
  attempted(request, options)
}

/** Runs the handler between its two rows and answers. The effect has happened by then: losing the outcome row never changes the answer. */
export async function carryOut(deed: Deed): Promise<unknown> {
  const { request, reply, action, run, options } = deed
  if (request.repeatOf)
    return reply
      .code(request.repeatOf.status)
      .headers({ ...request.repeatOf.headers, 'idempotency-replayed': 'true' })
      .send(request.repeatOf.body ?? undefined)
  const gone = new AbortController()
  // A change that was begun goes on when its caller leaves: cut short, it would be recorded as failed although it was done.
  // An abort makes an error with its stack, which an answer that was sent whole need not pay for.
  if (action.risk === 'none' || action.risk === 'read') reply.raw.once('close', () => reply.raw.writableFinished || gone.abort())
  try {
    const ctx = contextOf(request, reply, { signal: gone.signal, tell: (facts) => tell(request, action, facts) })
    const args = { ctx, params: request.params, query: request.query, body: request.body } as never
    const result = await run(args)
    if (action.success.stream || action.success.file) {
      const streamed = { request, reply, action, translate: options.translate, gone }
      const sent = await options.streams.send(streamed, result as AsyncIterable<StreamEvent> | AsyncIterable<string | Uint8Array>)
      await settle(request, action, options, 'done', { result })
      return sent
    }
    await settle(request, action, options, 'done', { result })
    await keepAnswer(deed, result)
    if (action.success.bytes) {
      const { type, bytes } = result as BytesAnswer
      return reply.code(action.success.status).type(type).send(bytes)
    }
    if (action.success.etag) reply.header('etag', `"${String((result as { etag?: unknown }).etag ?? '')}"`)
    return reply.code(action.success.status).send(action.success.status === 204 ? undefined : result)
  } catch (thrown) {
    const error = options.translate(thrown)
    const code = error instanceof AppError ? error.code : 'INTERNAL'
    await settle(request, action, options, 'failed', { code })
    if (error instanceof AppError && !isDeclared(action, error.code))
      throw new Error(`${action.id} threw ${error.code}, which it does not declare`, { cause: error })
    throw error
  }
}

/** A refusal leaves a row whatever the risk; a row that cannot be written never turns a refusal into a pass. */
export function refusing(
  request: FastifyRequest,
  action: Action,
  options: MountOptions,
  check: () => Promise<void> | void,
): Promise<void> | void {
  const refuse = async (error: unknown): Promise<void> => {
    const code = error instanceof AppError ? error.code : 'INTERNAL'
    await recordDenied(request, action, options, code)
    throw error
  }
  try {
    return check()?.catch(refuse)
  } catch (error) {
    return refuse(error)
  }
}

async function recordDenied(request: FastifyRequest, action: Action, options: MountOptions, code: string): Promise<void> {
  const actor = actorOf(request)
  const who = actor.kind === 'anonymous' ? `address ${request.ip}` : actor.id
  if (options.counters.take(`denied ${who}`, options.limits.refusalsPerMinute, minuteMs) > 0) return countFlood(who)
  const before = takeFlood(who)
  await append(request, options, { ...rowOf(request, action, 'denied'), code, ...(before > 0 && { count: before + 1 }) })
}

async function settle(
  request: FastifyRequest,
  action: Action,
  options: MountOptions,
  outcome: 'done' | 'failed',
  { result, code }: { result?: unknown; code?: string },
): Promise<void> {
  if (!action.audit || request.intent === undefined) return
  const { intent: of, facts: details } = request
  await append(request, options, { ...rowOf(request, action, outcome, result), of, ...(code && { code }), ...(details && { details }) })
}

/** Only what the registry names: what a row may hold is decided there. */
function tell(request: FastifyRequest, { id, audit }: Action, facts: Readonly<Record<string, unknown>>): void {
  const stray = Object.keys(facts).find((name) => !audit?.facts?.includes(name))
  if (stray !== undefined) throw new Error(`${id} tells ${stray}, which it does not declare`)
  request.facts = { ...request.facts, ...facts }
}

async function append(request: FastifyRequest, { audit, alarm }: MountOptions, row: NewRow): Promise<void> {
  await audit.append(row).catch((error: unknown) => {
    request.log.error({ err: error, action: row.action, outcome: row.outcome }, 'audit row not written')
    alarm(`the ${row.outcome} row of ${row.action} could not be written`, error)
  })
}

async function keepAnswer({ request, action, options }: Deed, result: unknown): Promise<void> {
  if (!request.idempotencyKey || action.success.secret) return
  const headers = action.success.etag ? { etag: `"${String((result as { etag?: unknown }).etag ?? '')}"` } : {}
  const answer = { bodyHash: hashOf(request.params, request.body), status: action.success.status, body: result ?? null, headers }
  await options.idempotency
    .put(request.idempotencyKey, answer)
    .catch((error: unknown) => options.alarm('an answer could not be kept for repeats', error))
}

function isDeclared(action: Action, code: string): boolean {
  return action.errors.includes(code) || alwaysPossible.has(code)
}
/** Codes of the kit, the store and the daemons' own guards, which any action may end with. */
const alwaysPossible = new Set([
  'INPUT_INVALID',
  'REQUEST_INVALID',
  'PRECONDITION_FAILED',
  'IF_MATCH_REQUIRED',
  'STORE_UNAVAILABLE',
  'AUDIT_UNAVAILABLE',
  'AUTH_UNAVAILABLE',
  'AUTH_REQUIRED',
  'AUTH_TOKEN_INVALID',
  'AUTH_FORBIDDEN',
  'AUTH_GRANT_REQUIRED',
  'AUTH_GRANT_INVALID',
  'AUTH_GRANT_EXPIRED',
  'AUTH_GRANT_MISMATCH',
  'AUTH_GRANT_USED',
  'RATE_LIMITED',
])

function contextOf(request: FastifyRequest, reply: FastifyReply, { signal, tell }: Pick<Context, 'signal' | 'tell'>): Context {
  const { headers } = request
  const text = (name: string): string | undefined => (typeof headers[name] === 'string' ? (headers[name] as string) : undefined)
  const lastEventId = text('last-event-id')
  return {
    actor: actorOf(request),
    requestId: request.id,
    grant: text('x-grant'),
    ifMatch: text('if-match')?.replace(/^"(.*)"$/, '$1'),
    lastEventId: lastEventId && /^[\x21-\x7e]{1,400}$/.test(lastEventId) ? lastEventId : undefined,
    address: request.ip,
    userAgent: (text('user-agent') ?? '').slice(0, 300),
    activity: headers['x-activity'] === '1',
    signal,
    setHeader: (name, value) => void reply.header(name, value),
    tell,
    bytes: Buffer.isBuffer(request.body) ? { type: request.headers['content-type'] ?? '', bytes: request.body } : null,
    cookie: (name) => cookiesOf(request)[name],
  }
}

declare module 'fastify' {
  interface FastifyRequest {
    /** For the outcome row. */
    facts?: Readonly<Record<string, unknown>>
  }
}

function rowOf(request: FastifyRequest, action: Action, outcome: NewRow['outcome'], result?: unknown): NewRow {
  const { kind, id, name } = actorOf(request)
  return {
    action: action.id,
    actor: { kind, id, ...(name && { name }) },
    requestId: request.id,
    target: targetOf(request, action, result),
    outcome,
    risk: action.risk,
    address: request.ip,
  }
}

function targetOf(request: FastifyRequest, action: Action, result: unknown): string {
  const target = action.audit?.target ?? firstParam(action)
  if (!target) return '-'
  if ('fixed' in target) return target.fixed
  const [from, name] =
    'param' in target ? [request.params, target.param] : 'body' in target ? [request.body, target.body] : [result, target.result]
  const value = (from as Record<string, unknown> | null | undefined)?.[name]
  return typeof value === 'string' && value !== '' ? value.slice(0, 200) : '-'
}

function firstParam({ params }: Action): { param: string } | null {
  const [name] = Object.keys(params?.shape ?? {})
  return name ? { param: name } : null
}

function redact(
  fields: Readonly<Record<string, 'keep' | 'mask' | 'drop'>>,
  body: unknown,
  mask: AuditLog['mask'],
): Record<string, unknown> {
  const entries = Object.entries((body ?? {}) as Record<string, unknown>).filter(
    ([name]) => fields[name] === 'keep' || fields[name] === 'mask',
  )
  return Object.fromEntries(entries.map(([name, value]) => [name, fields[name] === 'mask' ? mask(value) : value]))
}

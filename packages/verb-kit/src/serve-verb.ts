import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AuditLog, NewRow } from '@console/audit-chain/log'
import { checkArgs } from '@console/verbs/check-args'
import { type Caller, callerOf, type Trust } from './caller.ts'
import { whyNot } from './decide.ts'
import { type BurntGrants, grantFor } from './grants.ts'
import type { Handled, VerbContext } from './handler.ts'
import type { DaemonLimits, Limiter } from './limits.ts'
import { DaemonError } from './problem.ts'
import { assertHead, readBody } from './read-request.ts'
import { createFollows, sendLines } from './send-lines.ts'

export type VerbServer = {
  readonly handled: ReadonlyMap<string, Handled>
  readonly journal: Pick<AuditLog, 'append'>
  readonly limiter: Limiter
  readonly limits: DaemonLimits
  readonly trust: Trust
  readonly burnt: BurntGrants
  readonly mostBytes: number
  readonly log: (level: 'info' | 'warn' | 'error', msg: string, more?: object) => void
}

/** Answers one request: the whole order of checks, in reading order. */
export function createVerbServer(
  server: VerbServer,
): (request: IncomingMessage, response: ServerResponse, requestId: string) => Promise<void> {
  const follows = createFollows(server.limits)
  return async (request, response, requestId) => {
    assertHead(request, server.mostBytes)
    const handled = server.handled.get(request.url ?? '')
    if (!handled) throw new DaemonError('ROUTE_NOT_FOUND', 404, 'There is no such verb.')
    const { verb } = handled
    const caller = await recordingRefusal(server, { action: verb.id, requestId, risk: verb.risk }, null, () =>
      callerOf(request.headers.authorization, server.trust),
    )
    server.limiter.takeActor(verb, caller)
    const asked = { action: verb.id, requestId, risk: verb.risk }
    await recordingRefusal(server, asked, caller, () => {
      const why = whyNot(verb, caller)
      if (why) throw new DaemonError('AUTH_FORBIDDEN', 403, why)
    })
    const body = await readBody(request, server.mostBytes)
    const checked = checkArgs(verb.args, body)
    if (!checked.ok) throw new DaemonError('INPUT_INVALID', 400, checked.bad.message, { errors: [{ ...checked.bad }] })
    const args = checked.value as never
    server.limiter.takeObjects(verb, caller, checked.value)
    const ctx = await confirm(server, handled, { args, caller, request, response, requestId })
    if (verb.stream) {
      const release = follows.take(caller)
      await sendLines(response, handled.run(args, ctx.context) as AsyncIterable<object>, ctx.context.signal, requestId, server.log).finally(
        release,
      )
      return
    }
    const result = await runRecorded(server, handled, args, ctx)
    response.writeHead(200, { 'content-type': 'application/json', 'x-request-id': requestId }).end(JSON.stringify(result))
  }
}

type Confirmed = { readonly context: VerbContext; readonly intent: NewRow | null; readonly jti: string | null }
type Asked = {
  readonly args: never
  readonly caller: Caller
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly requestId: string
}

/** For a destroy verb, the confirmation; for what changes something, the intent row that is to be written. */
async function confirm(server: VerbServer, handled: Handled, { args, caller, request, response, requestId }: Asked): Promise<Confirmed> {
  const { verb } = handled
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const context = { caller, requestId, signal: gone.signal }
  if (verb.risk === 'read') return { context: { ...context, confirmed: null }, intent: null, jti: null }
  const base = {
    action: verb.id,
    actor: actorOf(caller),
    requestId,
    target: handled.targetOf(args),
    risk: verb.risk,
    input: inputOf(handled, args),
  }
  if (verb.risk === 'change') return { context: { ...context, confirmed: null }, intent: { ...base, outcome: 'started' }, jti: null }
  const digest = handled.digestOf(args)
  const token = request.headers['x-grant']
  const grant = await recordingRefusal(server, { action: verb.id, requestId, risk: verb.risk }, caller, () =>
    grantFor(verb, { token: typeof token === 'string' ? token : undefined, caller, digest, burnt: server.burnt, trust: server.trust }),
  )
  return {
    context: { ...context, confirmed: digest },
    intent: { ...base, outcome: 'started', details: { jti: grant.jti, digest } },
    jti: grant.jti,
  }
}

/** Intent on record, effect, outcome on record. The intent row of a destroy verb is also what burns the confirmation. */
async function runRecorded(server: VerbServer, handled: Handled, args: never, { context, intent, jti }: Confirmed): Promise<object> {
  if (!intent) return (await handled.run(args, context)) as object
  if (jti && server.burnt.has(jti)) throw new DaemonError('AUTH_GRANT_USED', 409, 'The confirmation was used already.')
  if (jti) server.burnt.add(jti, server.trust.now())
  const essential = handled.essential ? { essential: true } : {}
  const { seq } = await server.journal.append(intent, essential).catch((cause: unknown) => {
    if (jti) server.burnt.remove(jti)
    throw new DaemonError(
      'AUDIT_UNAVAILABLE',
      503,
      'Nothing was done: the journal cannot be written. Free space on the disk, then try again.',
      { cause },
    )
  })
  const { input: _, details: __, ...base } = intent
  const settle = (row: Partial<NewRow>) =>
    server.journal
      .append({ ...base, of: seq, outcome: 'done', ...row })
      .catch((error: unknown) => server.log('error', 'an outcome could not be recorded', { action: intent.action, error: String(error) }))
  try {
    const result = (await handled.run(args, context)) as object
    await settle({})
    return result
  } catch (error) {
    await settle({ outcome: 'failed', code: error instanceof DaemonError ? error.code : 'INTERNAL' })
    throw error
  }
}

/** A refusal is a row; when it cannot be written the refusal stays one. Floods are cut by the limiter. */
async function recordingRefusal<T>(
  { journal, limiter, log }: VerbServer,
  asked: { action: string; requestId: string; risk: string },
  caller: Caller | null,
  check: () => T,
): Promise<T> {
  try {
    return check()
  } catch (error) {
    const actor: NewRow['actor'] = caller ? actorOf(caller) : { kind: 'anonymous', id: 'anonymous' }
    const code = error instanceof DaemonError ? error.code : 'INTERNAL'
    if (limiter.takeRefusal(actor.id))
      await journal
        .append({ ...asked, actor, target: '-', outcome: 'denied', code })
        .catch((cause: unknown) => log('error', 'a refusal could not be recorded', { error: String(cause) }))
    throw error
  }
}

function actorOf(caller: Caller): NewRow['actor'] {
  return { kind: caller.kind, id: caller.id }
}

function inputOf({ verb }: Handled, args: Record<string, unknown>): Record<string, unknown> {
  const secret = new Set(verb.secretArgs ?? [])
  return Object.fromEntries(Object.entries(args).map(([name, value]) => [name, secret.has(name) ? '***' : value]))
}

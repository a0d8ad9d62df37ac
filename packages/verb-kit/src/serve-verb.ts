import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AuditLog, NewRow } from '@console/audit-chain/log'
import { checkArgs } from '@console/verbs/check-args'
import { type Caller, callerOf, type Trust } from './caller.ts'
import { whyNot } from './decide.ts'
import { diskTrouble } from './disk-trouble.ts'
import { type BurntGrants, grantFor } from './grants.ts'
import { type Handled, jsonOf, type VerbContext } from './handler.ts'
import type { DaemonLimits, Limiter } from './limits.ts'
import { DaemonError } from './problem.ts'
import { assertHead, readBody } from './read-request.ts'
import type { RefusalBook } from './refusals.ts'
import { createFollows, sendLines } from './send-lines.ts'

export type VerbServer = {
  readonly handled: ReadonlyMap<string, Handled>
  readonly journal: Pick<AuditLog, 'append' | 'mask'>
  readonly limiter: Limiter
  readonly refusals: RefusalBook
  readonly limits: DaemonLimits
  readonly trust: Trust
  readonly burnt: BurntGrants
  readonly mostBytes: number
  readonly log: (level: 'info' | 'warn' | 'error', msg: string, more?: object) => void
}

/** Answers one request: the whole order of checks, in reading order. What is refused leaves a row. */
export function createVerbServer(
  server: VerbServer,
): (request: IncomingMessage, response: ServerResponse, requestId: string) => Promise<void> {
  const follows = createFollows(server.limits)
  return async (request, response, requestId) => {
    const asked: Asked = { request, requestId, handled: null, caller: null }
    let admitted: Admitted
    try {
      admitted = await admit(server, asked, follows)
    } catch (error) {
      await recordRefusal(server, asked, error)
      throw error
    }
    const gone = new AbortController()
    const { handled, caller, args, confirmed, release } = admitted
    // An abort makes an error with its stack, which an answer that was sent whole need not pay for; a stream has a source to end.
    response.once('close', () => (response.writableFinished && !handled.verb.stream) || gone.abort())
    const ctx: VerbContext = { caller, requestId, signal: gone.signal, confirmed }
    try {
      if (handled.verb.stream) {
        const source = (await carryOut(handled, args, ctx)) as AsyncIterable<object>
        // What the backend keeps for all its viewers goes on; each viewer's own stream ends.
        const mostMs = caller.kind === 'person' ? server.limits.streamMinutes * 60_000 : null
        await sendLines({ response, source, signal: gone.signal, requestId, mostMs, log: server.log })
        return
      }
      const result = await runRecorded(server, admitted, ctx)
      const json = jsonOf(result)
      const head = { 'content-type': 'application/json', 'content-length': json.length, 'x-request-id': requestId }
      response.writeHead(200, head).end(json)
    } catch (error) {
      if (error instanceof DaemonError && error.untouched) admitted.giveBack()
      if (error instanceof DaemonError && error.code === 'INPUT_INVALID') await recordRefusal(server, asked, error)
      throw error
    } finally {
      release()
    }
  }
}

type Asked = { readonly request: IncomingMessage; readonly requestId: string; handled: Handled | null; caller: Caller | null }
type Admitted = {
  readonly handled: Handled
  readonly caller: Caller
  readonly args: never
  /** The digest that was confirmed and the confirmation that is burnt for it; null where none is needed. */
  readonly confirmed: string | null
  readonly jti: string | null
  /** Takes back what the attempt cost of the limits per object. */
  readonly giveBack: () => void
  /** Gives back the place of a stream. */
  readonly release: () => void
}

/** @throws DaemonError when any check says no; then nothing was done and no confirmation is used up. */
async function admit(server: VerbServer, asked: Asked, follows: ReturnType<typeof createFollows>): Promise<Admitted> {
  const { request } = asked
  assertHead(request, server.mostBytes)
  const handled = server.handled.get(request.url ?? '')
  if (!handled) throw new DaemonError('ROUTE_NOT_FOUND', 404, 'There is no such verb.')
  asked.handled = handled
  const caller = callerOf(request.headers.authorization, server.trust)
  asked.caller = caller
  const { verb } = handled
  if (verb.risk === 'destroy') return admitConfirmed(server, { request, handled, caller })
  server.limiter.takeActor(verb, caller)
  const args = await argsOf(server, { request, handled, caller })
  const giveBack = server.limiter.takeObjects(verb, caller, handled.objectsOf(args))
  return { handled, caller, args, giveBack, confirmed: null, jti: null, release: verb.stream ? follows.take(caller) : () => undefined }
}

type Known = { readonly request: IncomingMessage; readonly handled: Handled; readonly caller: Caller }

/**
 * What destroys counts once it is confirmed, and no sooner: whoever holds a person's token, but no confirmation of theirs, must not be able
 * to use up what that person may do. What is refused has a limit of its own, which a confirmed call does not meet.
 */
async function admitConfirmed(server: VerbServer, { request, handled, caller }: Known): Promise<Admitted> {
  const { verb } = handled
  const { limiter, burnt, trust } = server
  const token = request.headers['x-grant']
  let args: never
  let digest: string
  let jti: string
  try {
    args = await argsOf(server, { request, handled, caller })
    digest = handled.digestOf(args)
    jti = grantFor(verb, { token: typeof token === 'string' ? token : undefined, caller, digest, burnt, trust }).jti
  } catch (error) {
    limiter.takeUnconfirmed(caller)
    throw error
  }
  limiter.takeActor(verb, caller)
  const giveBack = limiter.takeObjects(verb, caller, handled.objectsOf(args))
  // Burnt in the same turn as it was judged, so that of two calls with one confirmation only one goes on.
  burnt.add(jti, trust.now())
  return { handled, caller, args, giveBack, confirmed: digest, jti, release: () => undefined }
}

/** @throws DaemonError where this caller may not, or the arguments are none of this verb */
async function argsOf(server: VerbServer, { request, handled: { verb }, caller }: Known): Promise<never> {
  const why = whyNot(verb, caller)
  if (why) throw new DaemonError('AUTH_FORBIDDEN', 403, why)
  const checked = checkArgs(verb.args, await readBody(request, server.mostBytes))
  if (!checked.ok) throw new DaemonError('INPUT_INVALID', 400, checked.bad.message, { errors: [{ ...checked.bad }] })
  return checked.value as never
}

/** Intent on record, effect, outcome on record. The intent row of a destroy verb is also what burns the confirmation. */
async function runRecorded(server: VerbServer, { handled, caller, args, confirmed, jti }: Admitted, ctx: VerbContext): Promise<object> {
  const { verb } = handled
  if (verb.risk === 'read' && !verb.recorded) return (await carryOut(handled, args, ctx)) as object
  const actor = { kind: caller.kind, id: caller.id }
  const base = { action: verb.id, actor, requestId: ctx.requestId, target: handled.targetOf(args), risk: verb.risk }
  const intent: NewRow = {
    ...base,
    outcome: 'started',
    input: inputOf(handled, args, server.journal.mask),
    ...(jti && { details: { jti, digest: confirmed } }),
  }
  const essential = handled.essential ? { essential: true } : {}
  const { seq } = await server.journal.append(intent, essential).catch((cause: unknown) => {
    if (jti) server.burnt.remove(jti)
    throw new DaemonError(
      'AUDIT_UNAVAILABLE',
      503,
      'Nothing was done: the journal cannot be written. Free space on the disk, then try again.',
      { cause, untouched: true },
    )
  })
  const settle = (row: Partial<NewRow>) =>
    server.journal
      .append({ ...base, of: seq, outcome: 'done', ...row })
      .catch((error: unknown) => server.log('error', 'an outcome could not be recorded', { action: verb.id, error: String(error) }))
  try {
    const result = (await carryOut(handled, args, ctx)) as object
    await settle({})
    return result
  } catch (error) {
    await settle({ outcome: 'failed', code: error instanceof DaemonError ? error.code : 'INTERNAL' })
    throw error
  }
}

async function carryOut({ run }: Handled, args: never, ctx: VerbContext): Promise<unknown> {
  try {
    return await run(args, ctx)
  } catch (error) {
    throw diskTrouble(error)
  }
}

/** A connection that broke in the middle of a body has been recorded where it broke, or its sender just went away. */
async function recordRefusal({ refusals }: VerbServer, { request, requestId, handled, caller }: Asked, error: unknown): Promise<void> {
  if (!(error instanceof DaemonError) && !request.complete) return
  const code = error instanceof DaemonError ? error.code : 'INTERNAL'
  const details = handled ? undefined : { method: request.method, path: (request.url ?? '').split('?')[0]?.slice(0, 100) }
  await refusals.record({
    ...(handled && { action: handled.verb.id, risk: handled.verb.risk }),
    caller,
    requestId,
    code,
    ...(details && { details }),
  })
}

function inputOf({ verb }: Handled, args: Record<string, unknown>, mask: AuditLog['mask']): Record<string, unknown> {
  const secret = new Set(verb.secretArgs ?? [])
  return Object.fromEntries(Object.entries(args).map(([name, value]) => [name, secret.has(name) ? mask(value) : value]))
}

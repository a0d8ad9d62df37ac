import type { Actor, Context } from '@console/http-kit/context'
import { bearerOf } from '@console/http-kit/credentials'
import { AppError } from '@console/http-kit/problem'
import { type AgentKeyDeps, holderOfBearer, holderOfSignature, type KeyHolder } from './agent-keys.ts'
import { judgePoint, type Mark } from './judge-point.ts'
import { judgeSpan } from './judge-span.ts'
import { type Partly, partialAnswer } from './otlp-answer.ts'
import { OtlpRefused } from './raw-otlp.ts'
import { isObject, parseJson, spansInJson } from './read-json.ts'
import { pointsInJson } from './read-metrics-json.ts'
import { pointsInProtobuf } from './read-metrics-protobuf.ts'
import { spansInProtobuf } from './read-protobuf.ts'
import { type Delivery, deliveryOf, isOfNow, judgeEvent } from './read-webhook.ts'
import type { Signal } from './signal.ts'
import type { SignalDesk } from './signal-desk.ts'

export type IngestDeps = Pick<AgentKeyDeps, 'keys' | 'box'> & {
  readonly desk: Pick<SignalDesk, 'take' | 'markOf'>
  readonly nowMs: () => number
}
type Request = Parameters<typeof bearerOf>[0]
type Bytes = NonNullable<Context['bytes']>
type Answer = { readonly type: string; readonly bytes: Buffer }

/** Which key a request was sent with: of a signed body its signature and its time, else of the header. */
export async function admitAgent(deps: IngestDeps, request: Request, signed: boolean): Promise<Actor> {
  const { instance } = request.params as { instance: string }
  const holder = signed ? await admitSigned(deps, request, instance) : await holderOfBearer(deps, instance, bearerOf(request))
  return actorOf(holder)
}

async function admitSigned(deps: IngestDeps, request: Request, instance: string): Promise<KeyHolder> {
  const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  const header = request.headers['x-hermes-signature-256']
  const holder = await holderOfSignature(deps, instance, { header: typeof header === 'string' ? header : undefined, bytes })
  // Read only once it is known who wrote it.
  const delivery = deliveryIn(bytes)
  if (!delivery || !isOfNow(delivery, deps.nowMs()))
    throw new AppError('HERMES_SIGNAL_CLOCK', 400, 'The time of the event is more than five minutes off, or it has no time or id.')
  return holder
}

/** The name tells which key; the id which agent, whose limit it is. */
function actorOf({ keyId, instance, name }: KeyHolder): Actor {
  return {
    kind: 'token',
    id: `agent:${instance}`,
    name: `${instance}, key ${name} (${keyId})`,
    role: null,
    sid: keyId,
    byCookie: false,
    accessToken: null,
  }
}

type Args = { readonly ctx: Context; readonly params: { readonly instance: string } }

export async function takeTraces(deps: IngestDeps, { ctx, params }: Args): Promise<Answer> {
  const { type, bytes } = bodyOf(ctx)
  const judged = reading(() => (type === 'application/json' ? spansInJson(bytes) : spansInProtobuf(bytes))).map((span) =>
    judgeSpan(span, deps.nowMs()),
  )
  const refused = judged.filter((one): one is string => typeof one === 'string')
  await deps.desk.take({
    instance: params.instance,
    keyId: ctx.actor.sid ?? '',
    signals: judged.filter((one): one is Signal => isObject(one)),
  })
  return partialAnswer(type, { field: 'rejectedSpans', count: refused.length, message: refused[0] ?? '' })
}

export async function takeMetrics(deps: IngestDeps, { ctx, params: { instance } }: Args): Promise<Answer> {
  const { type, bytes } = bodyOf(ctx)
  // Several points of one stream may come at once, and each goes on from the one before.
  const marks = new Map<number, Mark>()
  const signals: Signal[] = []
  const refused: string[] = []
  for (const point of reading(() => (type === 'application/json' ? pointsInJson(bytes) : pointsInProtobuf(bytes)))) {
    const judged = judgePoint(point, deps.nowMs(), (id) => marks.get(id) ?? deps.desk.markOf(instance, id))
    if (typeof judged === 'string') {
      refused.push(judged)
      continue
    }
    signals.push(...judged.signals)
    if (judged.mark) marks.set(judged.mark[0], judged.mark)
  }
  await deps.desk.take({ instance, keyId: ctx.actor.sid ?? '', signals, marks: [...marks.values()] })
  return partialAnswer(type, { field: 'rejectedDataPoints', count: refused.length, message: refused[0] ?? '' })
}

/** Logs say what people said to an agent, so nobody wants them here; senders are told so, and send no more. */
export function takeLogs(_deps: IngestDeps, { ctx }: Args): Answer {
  const { type } = bodyOf(ctx)
  const refused: Partly = { field: 'rejectedLogRecords', count: 1, message: 'Logs are not taken here: nothing of this request was kept.' }
  return partialAnswer(type, refused)
}

export async function takeWebhook(deps: IngestDeps, { ctx, params }: Args): Promise<Answer> {
  const delivery = deliveryIn(bodyOf(ctx).bytes)
  const signal = delivery && judgeEvent(delivery)
  const taken = await deps.desk.take({ instance: params.instance, keyId: ctx.actor.sid ?? '', signals: signal ? [signal] : [] })
  const status = signal ? (taken === 0 ? 'known' : 'taken') : 'ignored'
  return { type: 'application/json', bytes: Buffer.from(JSON.stringify({ status })) }
}

function deliveryIn(bytes: Buffer): Delivery | null {
  return reading(() => deliveryOf(parseJson(bytes)))
}

function bodyOf({ bytes }: Context): Bytes {
  return bytes ?? { type: 'application/json', bytes: Buffer.alloc(0) }
}

function reading<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof OtlpRefused) throw new AppError('REQUEST_INVALID', 400, error.message)
    throw error
  }
}

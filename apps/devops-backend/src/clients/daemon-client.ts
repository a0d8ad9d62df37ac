import { allErrors } from '@console/contracts/errors'
import { Problem } from '@console/contracts/problem'
import { AppError } from '@console/http-kit/problem'
import type { ArgsOf, Daemon, Verb } from '@console/verbs/verb'
import { Agent, type Dispatcher, request } from 'undici'

/** Who asks: a person, by the token that came with the request and the confirmation where there is one, or this service itself. */
type Credential = { readonly accessToken: string; readonly grant?: string | undefined } | 'service'
export type Ask = {
  readonly as: Credential
  readonly requestId: string
  readonly signal?: AbortSignal | undefined
  /** Without an answer by then the daemon counts as away. */
  readonly withinMs?: number
}

/** A daemon, asked verb by verb. The answer's shape is the caller's to check. */
export type DaemonClient = {
  call<V extends Verb>(verb: V, args: ArgsOf<V>, ask: Ask): Promise<unknown>
  /** Resolves once the daemon has taken the call, so that a refusal comes before the first line. Then JSON lines as they come. */
  stream<V extends Verb>(verb: V, args: ArgsOf<V>, ask: Ask): Promise<AsyncIterable<unknown>>
  /** The same, as many at once as came at once: for streams that are long. */
  streamInBlocks<V extends Verb>(verb: V, args: ArgsOf<V>, ask: Ask): Promise<AsyncIterable<unknown[]>>
  close(): Promise<void>
}

type Options = {
  readonly daemon: Daemon
  readonly socketPath: string
  readonly away: 'DOCKER_PROXY_AWAY' | 'HOST_AGENT_AWAY'
  /** A fresh token signed with this service's key, for one call to that daemon. */
  readonly serviceToken: (audience: Daemon) => string
  readonly timeoutMs?: number
}

const longestLine = 1_048_576

/** The client of a daemon behind a unix socket. It follows no redirect and speaks only `POST /v1/<verb>`. */
export function createDaemonClient({ daemon, socketPath, away, serviceToken, timeoutMs = 90_000 }: Options): DaemonClient {
  const agent = new Agent({ connect: { socketPath, timeout: 2_000 }, connections: 64, headersTimeout: timeoutMs, bodyTimeout: 40_000 })
  const awayError = (cause: unknown): AppError =>
    new AppError(away, 503, `${daemon} does not answer. Its pages work again when it does.`, { cause })
  const send = async (verb: Verb, args: unknown, { as, requestId, signal, withinMs }: Ask): Promise<Dispatcher.ResponseData> => {
    const bearer = as === 'service' ? serviceToken(daemon) : as.accessToken
    const until = [...(signal ? [signal] : []), ...(withinMs === undefined ? [] : [AbortSignal.timeout(withinMs)])]
    const grant = as !== 'service' && as.grant ? { 'x-grant': as.grant } : {}
    const reply = await request(`http://${daemon}/v1/${verb.id}`, {
      dispatcher: agent,
      method: 'POST',
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json', 'x-request-id': requestId, ...grant },
      body: JSON.stringify(args),
      ...(until.length > 0 && { signal: AbortSignal.any(until) }),
    }).catch((cause: unknown) => {
      throw signal?.aborted ? cause : awayError(cause)
    })
    if (reply.statusCode >= 400) throw await refusalOf(reply, away, daemon)
    return reply
  }
  return {
    async call(verb, args, ask) {
      const reply = await send(verb, args, ask)
      return reply.body.json()
    },
    async stream(verb, args, ask) {
      return oneByOne(await this.streamInBlocks(verb, args, ask))
    },
    async streamInBlocks(verb, args, ask) {
      const reply = await send(verb, args, ask)
      return blocksOf(reply.body, (cause) => (ask.signal?.aborted ? cause : awayError(cause)))
    },
    close: () => agent.close(),
  }
}

const unreached = new Set(['ECONNREFUSED', 'ENOENT', 'EACCES', 'UND_ERR_CONNECT_TIMEOUT'])

/** Whether a call failed before a byte of it was sent, so that nothing can have come of it. */
export function neverReached(error: unknown): boolean {
  const { code } = ((error as Error | undefined)?.cause ?? {}) as { code?: unknown }
  return error instanceof AppError && typeof code === 'string' && unreached.has(code)
}

async function refusalOf(reply: Dispatcher.ResponseData, away: string, daemon: string): Promise<AppError> {
  const parsed = Problem.safeParse(await reply.body.json().catch(() => null))
  if (!parsed.success) return new AppError(away, 503, `${daemon} gave an answer that is not understood.`)
  const { code, status, detail, details } = parsed.data
  // A field of the verb is the field of the body that it came from.
  const errors = parsed.data.errors?.map((one) => ({ ...one, field: `body.${one.field}` }))
  if (code in allErrors)
    return new AppError(code, status, detail, { ...(details && { details }), ...(errors && { errors }), headers: retryAfter(reply) })
  return new AppError('INTERNAL', 500, `${daemon}: ${code}`)
}

function retryAfter(reply: Dispatcher.ResponseData): Record<string, string> {
  const value = reply.headers['retry-after']
  return typeof value === 'string' ? { 'retry-after': value } : {}
}

/** Splits JSON lines over any chunking, and reads all that are whole at once; pings are dropped here, so that no caller sees them. */
async function* blocksOf(body: AsyncIterable<Buffer | Uint8Array>, failed: (cause: unknown) => unknown): AsyncIterable<unknown[]> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of checked(body, failed)) {
    const text = decoder.decode(chunk, { stream: true })
    const end = text.lastIndexOf('\n')
    if (end < 0) {
      rest += text
      if (rest.length > longestLine) throw new Error('a line of a daemon is over its limit')
      continue
    }
    // No line of JSON holds a line feed, so that lines with commas between them are the items of one list.
    const whole = (rest + text.slice(0, end)).trim().replace(/\n+/g, ',')
    rest = text.slice(end + 1)
    const values = (JSON.parse(`[${whole}]`) as { ping?: true }[]).filter((value) => !value.ping)
    if (values.length > 0) yield values
  }
}

async function* oneByOne<T>(blocks: AsyncIterable<readonly T[]>): AsyncIterable<T> {
  for await (const block of blocks) yield* block
}

/** A connection that breaks is told as a daemon that is away. */
async function* checked<T>(body: AsyncIterable<T>, failed: (cause: unknown) => unknown): AsyncIterable<T> {
  try {
    yield* body
  } catch (cause) {
    throw failed(cause)
  }
}

/** What comes, read by its schema; an answer that is not understood ends the stream. */
export async function* parsedBy<T>(schema: { parse(value: unknown): T }, values: AsyncIterable<unknown>): AsyncIterable<T> {
  for await (const value of values) yield schema.parse(value)
}

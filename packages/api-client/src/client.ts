import type { Action, Api, BodyOf, ParamsOf, QueryOf, ResultOf } from '@console/contracts/action'
import { Problem } from '@console/contracts/problem'
import type { z } from 'zod'
import { readEvents } from './read-events.ts'

/**
 * A refusal or a fault, as the API told it; `code` is NETWORK where no answer came, or a gateway's in place of the API's, and
 * ANSWER_UNKNOWN where one is not understood.
 */
export class ApiError extends Error {
  readonly code: string
  readonly status: number
  readonly requestId: string | null
  readonly fields: readonly { field: string; rule: string; message: string }[]
  readonly details: Readonly<Record<string, unknown>>
  readonly retryAfterSec: number | null
  constructor(
    code: string,
    status: number,
    message: string,
    {
      requestId = null,
      fields = [],
      details = {},
      retryAfterSec = null,
      cause,
    }: {
      requestId?: string | null
      fields?: ApiError['fields']
      details?: ApiError['details']
      retryAfterSec?: number | null
      cause?: unknown
    } = {},
  ) {
    super(message, { cause })
    this.code = code
    this.status = status
    this.requestId = requestId
    this.fields = fields
    this.details = details
    this.retryAfterSec = retryAfterSec
  }
}

type AnyAction = Action<z.ZodObject | undefined, z.ZodObject | undefined, z.ZodObject | undefined, z.ZodType | undefined>
type Part<Name extends string, T> = [T] extends [undefined] ? { readonly [K in Name]?: undefined } : { readonly [K in Name]: T }
type QueryPart<T> = [T] extends [undefined]
  ? { readonly query?: undefined }
  : { readonly query?: { readonly [K in keyof T]?: T[K] | undefined } }
export type InputOf<A> = Part<'params', ParamsOf<A>> & QueryPart<QueryOf<A>> & Part<'body', BodyOf<A>> & Extras
type Extras = {
  readonly ifMatch?: string
  readonly grant?: string
  readonly signal?: AbortSignal
  /** Caused by a person now, not by a page that looks again by itself. */
  readonly activity?: boolean
  readonly idempotencyKey?: string
}
export type StreamHandlers = {
  readonly onEvent: (event: string, data: unknown) => void
  /** `open` once lines can come, `retrying` while the connection is lost, `ended` when the server said so. */
  readonly onState?: (state: 'open' | 'retrying' | 'ended', why?: ApiError) => void
}

export type Client = {
  call<A>(action: A, input: InputOf<A>): Promise<ResultOf<A>>
  /** Follows a stream until the signal aborts or the server ends it; goes on where it was after a lost connection. */
  follow<A>(action: A, input: InputOf<A>, handlers: StreamHandlers): Promise<void>
  /** A file, as the browser may save it. */
  download<A>(action: A, input: InputOf<A>): Promise<Blob>
  /** The session has changed: tokens bound to the one before are dropped. */
  forgetTokens(): void
  keepCsrf(api: Api, token: string): void
  /** Fetches now what a change at this API will need, so that the change itself does not wait for it; says nothing when it fails. */
  prepare(api: Api): void
}
type Options = {
  readonly baseUrlOf: (api: Api) => string
  readonly fetch?: typeof fetch
  /** Nobody is signed in any more, as a call found out. */
  readonly onSignedOut?: () => void
}

const silenceMs = 40_000
/** Ends of a stream after which it is opened again: the session may be another one by now, or only the time of this one is over. */
const goesOn = new Set(['session', 'time'])
/** What a gateway answers, in its own words, while a part is replaced. */
const awayStatuses = new Set([404, 502, 503, 504])
/** Between the tries to reach a part that is away: five seconds in all. */
const awayPausesMs = [250, 500, 1_000, 1_500, 1_750]
const pausesMs = [500, 1_000, 2_000, 5_000, 10_000]

/** Calls actions by their row in the registry: path, checks and result types come from there. */
export function createClient({
  baseUrlOf,
  fetch: send = (input, init) => fetch(input, init),
  onSignedOut = () => undefined,
}: Options): Client {
  const csrf = new Map<Api, string>()

  const csrfOf = async (api: Api, signal: AbortSignal | undefined): Promise<string> => {
    const known = csrf.get(api)
    if (known) return known
    const path = api === 'devops' ? '/csrf-token' : '/auth/session'
    const reply = await reach(`${baseUrlOf(api)}${path}`, { credentials: 'include', ...(signal && { signal }) })
    if (!reply.ok) throw await errorOf(reply)
    const { csrfToken } = (await reply.json()) as { csrfToken: string }
    csrf.set(api, csrfToken)
    return csrfToken
  }

  const reach = async (url: string, init: RequestInit): Promise<Response> => {
    const reply = await send(url, init).catch((cause: unknown) => {
      if (init.signal?.aborted) throw cause
      throw notReached(0, cause)
    })
    if (awayStatuses.has(reply.status) && !reply.headers.get('content-type')?.includes('json')) throw notReached(reply.status)
    return reply
  }

  const request = async (action: AnyAction, input: AnyInput, more: Record<string, string> = {}): Promise<Response> => {
    const changing = action.method !== 'GET'
    const headers: Record<string, string> = { ...more }
    if (changing) headers['content-type'] = 'application/json'
    if (changing && action.auth === 'session') headers['x-csrf-token'] = await csrfOf(action.api, input.signal)
    if (action.risk === 'change' || action.risk === 'destroy') headers['idempotency-key'] = input.idempotencyKey ?? crypto.randomUUID()
    if (input.activity ?? changing) headers['x-activity'] = '1'
    if (input.ifMatch !== undefined) headers['if-match'] = `"${input.ifMatch}"`
    if (input.grant !== undefined) headers['x-grant'] = input.grant
    const init: RequestInit = {
      method: action.method,
      headers,
      credentials: 'include',
      ...(input.signal && { signal: input.signal }),
      ...(input.body !== undefined && { body: JSON.stringify(input.body) }),
    }
    const reply = await reach(`${baseUrlOf(action.api)}${pathOf(action, input)}`, init)
    if (!reply.ok) throw await errorOf(reply)
    return reply
  }

  /** While a part is replaced its callers wait for it. A change is repeated with its own key, so that it happens once. */
  const patiently = async (action: AnyAction, input: AnyInput, more?: Record<string, string>): Promise<Response> => {
    for (const pauseMs of awayPausesMs) {
      try {
        return await request(action, input, more)
      } catch (error) {
        if (!isReplaced(error, action)) throw error
      }
      await pause(pauseMs, input.signal)
    }
    return request(action, input, more)
  }

  /** One more try after a token that grew old. */
  const perform = async (action: AnyAction, input: AnyInput, more?: Record<string, string>): Promise<Response> => {
    const once = { ...input, idempotencyKey: input.idempotencyKey ?? crypto.randomUUID() }
    const isStale = (error: unknown): boolean => error instanceof ApiError && error.code === 'AUTH_CSRF_INVALID' && csrf.delete(action.api)
    return patiently(action, once, more)
      .catch((error: unknown) => {
        if (isStale(error)) return patiently(action, once, more)
        throw error
      })
      .catch((error: unknown) => {
        throw error instanceof ApiError ? told(error) : error
      })
  }

  const told = (error: ApiError): ApiError => {
    if (error.code === 'AUTH_REQUIRED') {
      csrf.clear()
      onSignedOut()
    }
    return error
  }

  return {
    async call(action, input) {
      const spec = action as AnyAction
      const reply = await perform(spec, input as AnyInput)
      if (spec.success.status === 204 || !spec.success.body) return undefined as never
      const parsed = spec.success.body.safeParse(await reply.json().catch(() => null))
      if (!parsed.success)
        throw new ApiError(
          'ANSWER_UNKNOWN',
          reply.status,
          'The answer is not understood. Reload the page: it may be older than the console.',
          { requestId: reply.headers.get('x-request-id'), cause: parsed.error },
        )
      return parsed.data as never
    },
    async download(action, input) {
      return (await perform(action as AnyAction, input as AnyInput)).blob()
    },
    follow: (action, input, handlers) => followStream(action as AnyAction, input as AnyInput, handlers, perform),
    forgetTokens: () => csrf.clear(),
    keepCsrf: (api, token) => void csrf.set(api, token),
    prepare: (api) => void csrfOf(api, undefined).catch(() => undefined),
  }
}

type AnyInput = Extras & { readonly params?: Record<string, string>; readonly query?: Record<string, unknown>; readonly body?: unknown }
type Perform = (action: AnyAction, input: AnyInput, more?: Record<string, string>) => Promise<Response>

async function followStream(
  action: AnyAction,
  input: AnyInput,
  { onEvent, onState = () => undefined }: StreamHandlers,
  perform: Perform,
): Promise<void> {
  let lastEventId: string | null = null
  let failures = 0
  while (!input.signal?.aborted) {
    const silence = new AbortController()
    const signal = input.signal ? AbortSignal.any([input.signal, silence.signal]) : silence.signal
    let timer: ReturnType<typeof setTimeout> | undefined
    const heard = (): void => {
      clearTimeout(timer)
      timer = setTimeout(() => silence.abort(), silenceMs)
    }
    try {
      heard()
      const reply = await perform(action, { ...input, signal }, lastEventId === null ? {} : { 'last-event-id': lastEventId })
      onState('open')
      for await (const event of readEvents(reply.body ?? new ReadableStream(), heard)) {
        if (event.id !== null) lastEventId = event.id
        const data: unknown = JSON.parse(event.data)
        if (event.event === 'end') {
          if (!goesOn.has((data as { reason?: string }).reason ?? '')) return onState('ended')
          break
        }
        if (event.event === 'error') {
          const problem = Problem.safeParse(data)
          if (!problem.success) return onState('ended')
          throw errorFrom(problem.data, null)
        }
        failures = 0
        onEvent(event.event, data)
      }
    } catch (error) {
      if (input.signal?.aborted) return
      if (error instanceof ApiError && isRefusal(error)) return onState('ended', error)
    } finally {
      clearTimeout(timer)
    }
    if (input.signal?.aborted) return
    onState('retrying')
    await pause(pausesMs[Math.min(failures, pausesMs.length - 1)] ?? 1_000, input.signal)
    failures += 1
  }
}

function notReached(status: number, cause?: unknown): ApiError {
  return new ApiError('NETWORK', status, 'The console does not answer. Check your connection, and whether it is running.', { cause })
}

/** Whether what was asked, or what knows who asks, is away for as long as it takes to replace it. */
function isReplaced(error: unknown, { risk }: AnyAction): boolean {
  if (!(error instanceof ApiError) || risk === 'destroy') return false
  // A page reads again by itself where nothing answers at all; whoever changes something should not have to.
  return (error.code === 'NETWORK' && (error.status > 0 || risk === 'change')) || (error.code === 'AUTH_UNAVAILABLE' && risk === 'change')
}

/** Whether trying again later would change nothing. */
function isRefusal({ code, status }: ApiError): boolean {
  return code !== 'NETWORK' && status >= 400 && status < 500 && status !== 429
}

function pathOf(action: AnyAction, { params = {}, query = {} }: AnyInput): string {
  const path = action.path.replaceAll(/:([A-Za-z]+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== '')
  const text = new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, String(value)])).toString()
  return text === '' ? path : `${path}?${text}`
}

async function errorOf(reply: Response): Promise<ApiError> {
  const parsed = Problem.safeParse(await reply.json().catch(() => null))
  const retryAfter = reply.headers.get('retry-after')
  if (parsed.success) return errorFrom(parsed.data, retryAfter)
  return new ApiError('ANSWER_UNKNOWN', reply.status, `The console answered ${reply.status} without saying why.`, {
    requestId: reply.headers.get('x-request-id'),
  })
}

function errorFrom({ code, status, detail, requestId, errors, details }: Problem, retryAfter: string | null): ApiError {
  return new ApiError(code, status, detail, {
    requestId,
    fields: errors ?? [],
    details: details ?? {},
    retryAfterSec: retryAfter === null ? null : Number(retryAfter),
  })
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal?.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        resolve()
      },
      { once: true },
    )
  })
}

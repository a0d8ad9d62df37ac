import type { Verb, Role as VerbRole } from '@console/verbs/verb'
import { z } from 'zod'

export type Risk = 'none' | 'read' | 'change' | 'destroy'
/** Whose API serves the action: `devops` under `/api/devops`, `platform` under `/platform/api`. */
export type Api = 'devops' | 'platform'
/** The least role, per product; `any` is every live session, whatever its memberships. */
export type ActionRole = 'any' | VerbRole
/** How a field of the validated body appears in the audit row. */
export type AuditField = 'keep' | 'mask' | 'drop'
/** What one event of a stream carries; `data` is checked in the client too. */
export type StreamSpec = { readonly event: string; readonly data: z.ZodType }
/** A download; its name ends in csv, ndjson, json, log, prom for the text format of Prometheus, or bin for bytes of ours. */
export type FileType =
  | 'text/csv'
  | 'application/x-ndjson'
  | 'application/json'
  | 'text/plain'
  | 'text/plain; version=0.0.4'
  | 'application/octet-stream'
/** Of a file that comes in several forms: the form by the value of the query field `format`; `file` is what comes without one. */
type Formats = Readonly<Record<string, FileType>>
/**
 * A body that is taken as the bytes that came, for formats of others; `types` are those of body and answer alike.
 * `signed`: who sends is proved by the body and not by a header. `gzip`: it may come so, and is held to `mostBytes` after it too.
 * `status`: refusals are told as google.rpc.Status, as OTLP asks.
 */
export type BytesSpec = {
  readonly types: readonly ('application/json' | 'application/x-protobuf')[]
  readonly mostBytes: number
  readonly signed?: true
  readonly gzip?: true
  readonly status?: true
}
type Shape = z.ZodObject | undefined
type Result = z.ZodType | undefined
type Keys<T> = T extends z.ZodType ? keyof z.infer<T> & string : never

type Common<P extends Shape, Q extends Shape, B extends Shape, S extends Result> = {
  /** `module.noun.verb`; permanent: permission, audit name, OpenAPI operationId. */
  readonly id: `${string}.${string}.${string}`
  readonly api: Api
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below the API's prefix, parameters as `:name`. */
  readonly path: `/${string}`
  /** One sentence, imperative: OpenAPI, reference pages, palette, refusals. */
  readonly summary: string
  /** `service` is a call of one of our programs with its own key, never a person's; `ingest` one of a program of others that only hands in. */
  readonly auth: 'public' | 'session' | 'service' | 'ingest'
  /** Overrides the role that follows from the risk (read: viewer, change: operator, destroy: admin) or from the verb. */
  readonly role?: ActionRole
  /** A person whose last factor is at most five minutes old, and no program: for what takes much away from here at once. */
  readonly factor?: 'fresh'
  /** Further rows of the verb registry that the handler reads from. */
  readonly reads?: readonly (Verb & { risk: 'read' })[]
  readonly params?: P
  readonly query?: Q
  readonly body?: B
  /** In place of `body`. */
  readonly bytes?: BytesSpec
  /** The request must carry `If-Match` with the ETag that was read; 428 without, 412 when it is stale. */
  readonly ifMatch?: true
  readonly success: /** `secret`: the answer is for its reader alone, and is not kept for a repeat of the request. */
    | { readonly status: 200 | 201 | 202; readonly body: S; readonly etag?: true; readonly secret?: true }
    | { readonly status: 200; readonly body?: undefined; readonly stream: readonly StreamSpec[] }
    | { readonly status: 200; readonly body?: undefined; readonly file: FileType; readonly formats?: Formats }
    | { readonly status: 200; readonly body?: undefined; readonly bytes: true }
    | { readonly status: 204; readonly body?: undefined }
  /** Codes that the handler may throw, beside those of every action (see `errors.ts`). */
  readonly errors: readonly string[]
  /** A body of this shape is an older spelling of another action: it needs that one's permission and counts as that one from then on. */
  readonly older?: { readonly body: z.ZodObject; readonly as: Action }
}
type Audit<P extends Shape, B extends Shape, S extends Result> = {
  /** What was acted on. A `result` is known to the outcome row only. */
  readonly target: { readonly param: Keys<P> } | { readonly body: Keys<B> } | { readonly result: Keys<S> } | { readonly fixed: string }
  /** Every body field is decided; a new field does not compile until someone decides. */
  readonly fields: B extends z.ZodObject ? { readonly [K in keyof z.infer<B>]-?: AuditField } : Record<string, never>
  /** What the handler tells the outcome row besides, by name, such as how things stood before. Never a secret. */
  readonly facts?: readonly string[]
}
/** The risk is written once: in the verb where there is one, else here. */
type Risky<A> =
  | { readonly verb?: undefined; readonly risk: 'none' | 'read'; readonly audit?: A; readonly confirm?: undefined }
  | { readonly verb?: undefined; readonly risk: 'change'; readonly audit: A; readonly confirm?: string }
  | { readonly verb?: undefined; readonly risk: 'destroy'; readonly audit: A; readonly confirm: string }
  | { readonly verb: Verb & { risk: 'read' }; readonly risk?: undefined; readonly audit?: A; readonly confirm?: undefined }
  | { readonly verb: Verb & { risk: 'change' | 'destroy' }; readonly risk?: undefined; readonly audit: A; readonly confirm?: string }

export type ActionSpec<P extends Shape, Q extends Shape, B extends Shape, S extends Result> = Common<P, Q, B, S> & Risky<Audit<P, B, S>>
export type Action<P extends Shape = Shape, Q extends Shape = Shape, B extends Shape = Shape, S extends Result = Result> = Omit<
  Common<P, Q, B, S>,
  'success' | 'role' | 'reads'
> & {
  readonly success: {
    readonly status: 200 | 201 | 202 | 204
    readonly body?: S
    readonly etag?: true
    readonly secret?: true
    readonly stream?: readonly StreamSpec[]
    readonly file?: FileType
    readonly formats?: Formats
    readonly bytes?: true
  }
  readonly risk: Risk
  readonly role: ActionRole
  readonly verb?: Verb
  readonly reads: readonly Verb[]
  readonly audit?: {
    readonly target: { param: string } | { body: string } | { result: string } | { fixed: string }
    readonly fields: Readonly<Record<string, AuditField>>
    readonly facts?: readonly string[]
  }
  readonly confirm?: string
}

/**
 * Declares an HTTP operation as data. What the types cannot see is checked when the registry loads, each with one sentence:
 * strict objects all the way down, no changing GET, no public action with a risk, confirm text for what destroys.
 */
export function defineAction<
  const P extends Shape = undefined,
  const Q extends Shape = undefined,
  const B extends Shape = undefined,
  const S extends Result = undefined,
>(spec: ActionSpec<P, Q, B, S>): Action<P, Q, B, S> {
  const risk = spec.verb?.risk ?? spec.risk
  const wrong = (why: string) => new Error(`${spec.id}: ${why}`)
  if (risk === undefined) throw wrong('needs a risk or a verb')
  if (!/^[a-z][a-zA-Z0-9]*(\.[a-z][a-zA-Z0-9]*){2}$/.test(spec.id)) throw wrong('an id is module.noun.verb')
  if ((risk === 'change' || risk === 'destroy') && !spec.audit) throw wrong('what changes something is audited')
  if (risk === 'destroy' && !spec.confirm) throw wrong('a destroy action needs confirm text')
  if (risk !== 'none' && risk !== 'read' && spec.method === 'GET') throw wrong('GET changes nothing')
  if (spec.auth === 'public' && risk !== 'none') throw wrong('a public action has risk none')
  if (spec.verb && spec.role && spec.role !== spec.verb.role) throw wrong('the role of an action with a verb is the verb’s')
  if (spec.factor && (spec.auth !== 'session' || !spec.errors.includes('AUTH_STEP_UP_REQUIRED')))
    throw wrong('a factor is asked of a session, and the refusal is among the errors')
  if (spec.bytes && (spec.body || spec.method === 'GET')) throw wrong('bytes are sent in place of a body')
  if ((spec.auth === 'ingest') !== (spec.bytes !== undefined)) throw wrong('what is handed in comes as bytes, and nothing else does')
  if (spec.auth === 'ingest' && risk !== 'none') throw wrong('what is handed in has risk none')
  for (const [part, schema] of Object.entries({ params: spec.params, query: spec.query, body: spec.body }))
    if (schema && !isStrict(schema)) throw wrong(`${part} must be z.strictObject, all the way down`)
  for (const name of namesIn(spec.path))
    if (!spec.params || !(name in spec.params.shape)) throw wrong(`the path names :${name}, which params does not declare`)
  const role = spec.role ?? spec.verb?.role ?? roleOfRisk[risk]
  return Object.freeze({ ...spec, risk, role, reads: spec.reads ?? [] }) as unknown as Action<P, Q, B, S>
}

const roleOfRisk: Record<Risk, ActionRole> = { none: 'any', read: 'viewer', change: 'operator', destroy: 'admin' }

function namesIn(path: string): string[] {
  return [...path.matchAll(/:([a-zA-Z]+)/g)].map((match) => match[1] ?? '')
}

function isStrict(schema: z.ZodType): boolean {
  if (schema instanceof z.ZodObject)
    return schema.def.catchall instanceof z.ZodNever && Object.values(schema.shape).every((field) => isStrict(field as z.ZodType))
  if (schema instanceof z.ZodArray) return isStrict(schema.element as z.ZodType)
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault)
    return isStrict(schema.unwrap() as z.ZodType)
  if (schema instanceof z.ZodUnion) return schema.options.every((option) => isStrict(option as z.ZodType))
  return true
}

/** What a handler of the action gets and a caller sends. */
export type ParamsOf<A> = A extends Action<infer P, infer _Q, infer _B, infer _S> ? (P extends z.ZodType ? z.output<P> : undefined) : never
export type QueryOf<A> = A extends Action<infer _P, infer Q, infer _B, infer _S> ? (Q extends z.ZodType ? z.input<Q> : undefined) : never
export type BodyOf<A> = A extends Action<infer _P, infer _Q, infer B, infer _S> ? (B extends z.ZodType ? z.input<B> : undefined) : never
export type ResultOf<A> = A extends Action<infer _P, infer _Q, infer _B, infer S> ? (S extends z.ZodType ? z.output<S> : undefined) : never

/** A JSON document; numbers finite, no undefined. */
export type Doc = object
export type Stored<T extends Doc> = { readonly id: string; readonly etag: string; readonly doc: T }
export type FieldKind = 'ascii' | 'string' | 'number' | 'boolean' | 'string[]'
/** A collection: which fields may be asked for, which sort, which together are unique in a partition, and whether it only grows. */
export type Declaration = {
  readonly name: string
  readonly fields: Readonly<Record<string, FieldKind>>
  readonly sort?: readonly string[]
  readonly unique?: readonly (readonly string[])[]
  readonly log?: true
}
export type Value = string | number | boolean
export type Pred =
  | { readonly f: string; readonly op: 'eq' | 'lt' | 'lte' | 'gt' | 'gte'; readonly v: Value }
  | { readonly f: string; readonly op: 'in'; readonly v: readonly Value[] }
  | { readonly f: string; readonly op: 'prefix'; readonly v: string }
  | { readonly f: string; readonly op: 'has'; readonly v: string }
  | { readonly f: string; readonly op: 'absent' }
/** Predicates are ANDed; the order is by one declared sort field and then by id, or by id alone. */
export type Query = {
  readonly where?: readonly Pred[]
  readonly order?: { readonly f: string; readonly dir: 'asc' | 'desc' }
  readonly limit: number
  readonly after?: string
}
export type Page<T extends Doc> = { readonly items: Stored<T>[]; readonly cursor?: string }
export type Op<T extends Doc> =
  | { readonly op: 'insert'; readonly id: string; readonly doc: T }
  | { readonly op: 'replace'; readonly id: string; readonly doc: T; readonly ifMatch: string }
  | { readonly op: 'remove'; readonly id: string; readonly ifMatch: string }

/**
 * One collection of the store. Every write is conditional; every question stays in one partition. What comes back is a copy.
 * Rejects with `StoreError`.
 */
export type Collection<T extends Doc> = {
  get(pk: string, id: string): Promise<Stored<T> | null>
  /** Conflict where the id, or a unique set of fields, is taken. */
  insert(pk: string, id: string, doc: T): Promise<Stored<T>>
  /** NotFound, or Precondition when the document changed since `ifMatch` was read. */
  replace(pk: string, id: string, doc: T, ifMatch: string): Promise<Stored<T>>
  remove(pk: string, id: string, ifMatch: string): Promise<void>
  find(pk: string, query: Query): Promise<Page<T>>
  /** All or nothing: 1…99 operations on one partition, each id once. */
  batch(pk: string, ops: readonly Op<T>[]): Promise<(Stored<T> | null)[]>
}
/** `changedAt`: when it was last changed, in whole seconds since 1970 by the clock of a hosted store; a file does not tell. */
export type Placed = { readonly pk: string; readonly id: string; readonly doc: Doc; readonly changedAt?: number }
export type DocStore = {
  collection<T extends Doc>(declaration: Declaration): Collection<T>
  /** Settles when every collection opened so far can be used, as it was declared. Rejects with `StoreError` and what is to be done. */
  ready(): Promise<void>
  /** Every document of a collection, in all partitions and in no order: for copies, never for a request. What is written meanwhile may be missed. */
  everything(declaration: Declaration): AsyncIterable<Placed>
  close(): Promise<void>
}

export type StoreErrorCode =
  | 'NotFound'
  | 'Conflict'
  | 'Precondition'
  | 'Invalid'
  | 'TooLarge'
  | 'Throttled'
  | 'Unavailable'
  | 'OutcomeUnknown'
export class StoreError extends Error {
  readonly code: StoreErrorCode
  readonly retryAfterMs: number | undefined
  constructor(code: StoreErrorCode, message: string, { cause, retryAfterMs }: { cause?: unknown; retryAfterMs?: number } = {}) {
    super(message, { cause })
    this.code = code
    this.retryAfterMs = retryAfterMs
  }
}

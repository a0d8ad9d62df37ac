import { AzureError } from '@console/tokens/azure-requests'
import { StoreError } from './port.ts'

/** What the SDK throws: a status of the service, or a code of the network as text. A failed batch wraps it (`cause`). */
type Foreign = {
  readonly code?: number | string
  readonly name?: string
  readonly substatus?: number
  readonly retryAfterInMs?: number
  readonly cause?: unknown
  readonly message?: string
}
/**
 * What an attempt came to: a `verdict` of the service, `again` where it surely did nothing and may do so later, or `unsure` where nobody
 * knows whether it was carried out.
 */
export type Failure = { readonly kind: 'verdict' | 'again' | 'unsure'; readonly error: StoreError }

/** The connection was never made, so nothing can have been carried out. */
const neverSent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])
/**
 * The meaning of each status: https://learn.microsoft.com/rest/api/cosmos-db/http-status-codes-for-cosmosdb. 408 and 5xx do not say whether a
 * write was carried out; 449 and 429 say that it was not.
 */
export function judgeFailure(thrown: unknown): Failure {
  if (thrown instanceof StoreError) return { kind: 'verdict', error: thrown }
  const cause = innermost(thrown)
  const failure = (kind: Failure['kind'], ...[code, message, more]: ConstructorParameters<typeof StoreError>): Failure => ({
    kind,
    error: new StoreError(code, message, { cause: thrown, ...more }),
  })
  // Without a token nothing was asked.
  if (cause instanceof AzureError)
    return failure(cause.code === 'away' ? 'again' : 'verdict', 'Unavailable', `the store cannot be asked: ${cause.message}`)
  if (typeof cause.code === 'number') return ofStatus(cause, failure)
  if (typeof cause.code === 'string' && neverSent.has(cause.code))
    return failure('again', 'Unavailable', `the store cannot be reached (${cause.code})`)
  if (cause.code !== undefined || cause.name === 'TimeoutError' || cause.name === 'RestError' || cause.name === 'AbortError')
    return failure('unsure', 'Unavailable', `the store did not answer (${cause.code ?? cause.name})`)
  throw thrown
}

type Fail = (kind: Failure['kind'], ...rest: ConstructorParameters<typeof StoreError>) => Failure

function ofStatus({ code, substatus, retryAfterInMs, message = '' }: Foreign, fail: Fail): Failure {
  switch (code) {
    case 400:
      return fail('verdict', 'Invalid', `the store refused the question: ${message.slice(0, 300)}`)
    case 401:
    case 403:
      return fail('verdict', 'Unavailable', `the store refuses this account (${code}${substatus ? `, ${substatus}` : ''}): key or rights`)
    case 404:
      // 1003: not the document is missing but what it would lie in.
      if (substatus === 1003) return fail('verdict', 'Unavailable', 'the container of the store is gone')
      return fail('verdict', 'NotFound', 'there is no such document')
    case 409:
      return fail('verdict', 'Conflict', 'the id or a unique field is taken')
    case 412:
      return fail('verdict', 'Precondition', 'the document changed meanwhile')
    case 413:
      return fail('verdict', 'TooLarge', 'the store takes no document of this size')
    case 429:
      return fail('again', 'Throttled', 'the store is busy', { retryAfterMs: retryAfterInMs ?? 1_000 })
    case 449:
      return fail('again', 'Throttled', 'the store is busy with the same document', { retryAfterMs: retryAfterInMs ?? 50 })
    default:
      return fail('unsure', 'Unavailable', `the store failed (${code})`)
  }
}

function innermost(thrown: unknown): Foreign {
  const outer = (thrown ?? {}) as Foreign
  return outer.code === undefined && outer.cause !== undefined ? innermost(outer.cause) : outer
}

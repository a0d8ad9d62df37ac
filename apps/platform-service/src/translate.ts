import { AuditUnavailable } from '@console/audit-chain/log'
import { AppError } from '@console/http-kit/problem'
import { StoreError } from '@console/store/port'

/** Errors of store and audit log in the words of the API; all others unchanged. */
export function translate(error: unknown): unknown {
  if (error instanceof AuditUnavailable)
    return new AppError(
      'AUDIT_UNAVAILABLE',
      503,
      'Nothing was done: the audit log cannot be written. Free space on the disk, then try again.',
      {
        cause: error,
      },
    )
  if (!(error instanceof StoreError)) return error
  if (error.code === 'Precondition' || error.code === 'Conflict')
    return new AppError('PRECONDITION_FAILED', 412, 'Somebody else changed this meanwhile. Read it again.', { cause: error })
  if (error.code === 'Throttled' || error.code === 'Unavailable' || error.code === 'OutcomeUnknown')
    return new AppError('STORE_UNAVAILABLE', 503, 'The document store does not answer. Try again in a moment.', {
      cause: error,
      headers: { 'retry-after': String(Math.ceil((error.retryAfterMs ?? 1_000) / 1_000)) },
    })
  return error
}

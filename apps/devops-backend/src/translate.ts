import { AppError } from '@console/http-kit/problem'

const storeCodes = new Set(['Unavailable', 'Throttled', 'OutcomeUnknown'])

/** Errors of the store and the audit chain in the words of the API; others are given back as they are. */
export function translate(error: unknown): unknown {
  if (error instanceof AppError) return error
  const { name, code } = (error ?? {}) as { name?: string; code?: string }
  if (name === 'AuditUnavailable')
    return new AppError('AUDIT_UNAVAILABLE', 503, 'Nothing was done: the audit log cannot be written.', { cause: error })
  if (code !== undefined && storeCodes.has(code))
    return new AppError('STORE_UNAVAILABLE', 503, 'The document store does not answer. Try again in a moment.', { cause: error })
  if (code === 'Precondition')
    return new AppError('PRECONDITION_FAILED', 412, 'Somebody else changed this meanwhile. Read it again.', { cause: error })
  if (code === 'Invalid' && (error as Error).message.includes('cursor'))
    return new AppError('INPUT_INVALID', 400, 'The cursor is not one of this list.', { cause: error })
  return error
}

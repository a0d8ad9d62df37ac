import { AppError } from '@console/http-kit/problem'

/** The answer to an `If-Match` that is not the newest, in the same words wherever something is edited. */
export function staleRead(): AppError {
  return new AppError('PRECONDITION_FAILED', 412, 'Somebody else changed this after you opened it. Look at the difference and save again.')
}

import { AppError } from './problem.ts'

/** Milliseconds for which a factor that was shown counts. */
const freshMs = 300_000

/** @param factorAtMs when the person last showed one; undefined for a program @throws AppError AUTH_STEP_UP_REQUIRED */
export function assertFreshFactor(factorAtMs: number | undefined, nowMs: number): void {
  if (factorAtMs === undefined) throw new AppError('AUTH_STEP_UP_REQUIRED', 403, 'Only a person can do this, in the dashboard.')
  if (nowMs - factorAtMs > freshMs)
    throw new AppError(
      'AUTH_STEP_UP_REQUIRED',
      403,
      'Your last factor was shown more than five minutes ago. Confirm with your password or a code, then go on.',
    )
}

import type { Context } from '@console/http-kit/context'
import { AppError } from '@console/http-kit/problem'
import type { Passwords } from './passwords.ts'
import type { SignedIn } from './recognition.ts'
import type { ThrottleBook } from './throttle-book.ts'

type Deps = { readonly passwords: Passwords; readonly throttles: ThrottleBook }
/** Milliseconds for which a factor that was shown counts for confirmations and for changes of access. */
const factorMs = 300_000

/**
 * Checks a password under both throttles. A blocked account or address, an unknown person and a wrong password cost the same and are told
 * the same. @throws AppError AUTH_CREDENTIALS_INVALID
 */
export async function provePassword(
  { passwords, throttles }: Deps,
  ctx: Context,
  { email, stored, password }: { readonly email: string; readonly stored: string | null; readonly password: string },
): Promise<void> {
  const allowed = (await throttles.take('address', ctx.address)) && (await throttles.take('account', email))
  const right = await passwords.verify(allowed ? stored : null, password)
  if (!right) throw credentialsInvalid()
  await throttles.clear('account', email)
}

export function credentialsInvalid(): AppError {
  return new AppError(
    'AUTH_CREDENTIALS_INVALID',
    401,
    'E-mail and password do not belong together, or there were too many attempts. Check them, or wait a quarter of an hour.',
  )
}

/** Changes of access ask for a factor that was shown in the last five minutes. @throws AppError AUTH_STEP_UP_REQUIRED */
export function assertFreshFactor({ session }: SignedIn, nowMs: number): void {
  if (nowMs - Date.parse(session.doc.factorAt) > factorMs)
    throw new AppError(
      'AUTH_STEP_UP_REQUIRED',
      403,
      'Your password was last shown more than five minutes ago. Confirm with it, then go on.',
    )
}

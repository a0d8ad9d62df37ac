import type { Context } from '@console/http-kit/context'
import { assertFreshFactor as assertFresh } from '@console/http-kit/fresh-factor'
import { AppError } from '@console/http-kit/problem'
import type { Passwords } from './passwords.ts'
import type { SignedIn } from './recognition.ts'
import type { SecondFactors } from './second-factor.ts'
import type { ThrottleBook } from './throttle-book.ts'

type Deps = { readonly passwords: Passwords; readonly throttles: ThrottleBook }
type CodeDeps = { readonly throttles: ThrottleBook; readonly secondFactors: SecondFactors }

/**
 * Checks a password under both throttles. A blocked account or address, an unknown person and a wrong password cost the same and are told
 * the same. @throws AppError AUTH_CREDENTIALS_INVALID
 */
export async function provePassword(
  { passwords, throttles }: Deps,
  ctx: Context,
  {
    email,
    stored,
    password,
    isWhole,
  }: {
    readonly email: string
    readonly stored: string | null
    readonly password: string
    /** Whether nothing else is asked for; else what was counted stays until the second factor was shown too. */
    readonly isWhole: boolean
  },
): Promise<void> {
  const allowed = (await throttles.take('address', ctx.address)) && (await throttles.take('account', email))
  const right = await passwords.verify(allowed ? stored : null, password)
  if (!right) throw credentialsInvalid()
  if (isWhole) await throttles.clear('account', email)
}

/**
 * Checks a code under both throttles, so that six digits cannot be tried through, and uses it up. @throws AppError AUTH_CODE_INVALID
 */
export async function proveCode(
  { throttles, secondFactors }: CodeDeps,
  ctx: Context,
  { userId, email, code }: { readonly userId: string; readonly email: string; readonly code: string },
): Promise<'otp' | 'recovery'> {
  const allowed = (await throttles.take('address', ctx.address)) && (await throttles.take('account', email))
  const by = allowed ? await secondFactors.prove(userId, code) : null
  if (by === null) throw codeInvalid()
  await throttles.clear('account', email)
  return by
}

export function challengeOver(): AppError {
  return new AppError('AUTH_CHALLENGE_OVER', 401, 'This sign-in was begun more than five minutes ago, or is finished. Sign in anew.')
}

export function codeInvalid(): AppError {
  return new AppError(
    'AUTH_CODE_INVALID',
    401,
    'The code is wrong or was used already, or there were too many attempts. Wait for the next one, or a quarter of an hour.',
  )
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
  assertFresh(Date.parse(session.doc.factorAt), nowMs)
}

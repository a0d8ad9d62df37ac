import type { Challenge, SessionInfo } from '@console/contracts/auth/schemas'
import type { Context } from '@console/http-kit/context'
import type { Stored } from '@console/store/port'
import type { UserDoc } from '../documents.ts'
import type { ChallengeBook } from './challenge-book.ts'
import type { Entrance } from './entrance.ts'
import { hasSecondFactor } from './second-factor-rule.ts'

type Deps = { readonly challenges: ChallengeBook; readonly entrance: Entrance }

/** The first factor was shown: whoever has a second one is asked for it, whatever the first one was; others are in. */
export async function afterFirstFactor(
  deps: Deps,
  ctx: Context,
  user: Stored<UserDoc>,
  by: 'pwd' | 'fed',
): Promise<SessionInfo | Challenge> {
  if (!hasSecondFactor(user.doc)) return deps.entrance.enter(ctx, user, [by])
  const { totp, recovery = [], passkeys = [] } = user.doc
  const factors = [
    ...(totp ? (['totp'] as const) : []),
    ...(recovery.length > 0 ? (['recovery'] as const) : []),
    ...(passkeys.length > 0 ? (['passkey'] as const) : []),
  ]
  return { ...(await deps.challenges.begin(user.id, by)), factors }
}

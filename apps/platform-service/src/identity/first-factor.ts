import type { Challenge, SessionInfo } from '@console/contracts/auth/schemas'
import type { Context } from '@console/http-kit/context'
import type { Stored } from '@console/store/port'
import type { UserDoc } from '../documents.ts'
import type { ChallengeBook } from './challenge-book.ts'
import type { Entrance, Factor } from './entrance.ts'
import type { PeopleBook } from './people-book.ts'
import { hasSecondFactor } from './second-factor-rule.ts'

type Deps = { readonly people: PeopleBook; readonly challenges: ChallengeBook; readonly entrance: Entrance; readonly now: () => number }

/** The first factor was shown: whoever has a second one is asked for it, whatever the first one was; others are in. */
export async function afterFirstFactor(
  deps: Deps,
  ctx: Context,
  user: Stored<UserDoc>,
  by: 'pwd' | 'fed',
): Promise<SessionInfo | Challenge> {
  if (!hasSecondFactor(user.doc)) return enterAs(deps, ctx, user, [by])
  const { totp, recovery = [], passkeys = [] } = user.doc
  const factors = [
    ...(totp ? (['totp'] as const) : []),
    ...(recovery.length > 0 ? (['recovery'] as const) : []),
    ...(passkeys.length > 0 ? (['passkey'] as const) : []),
  ]
  return { ...(await deps.challenges.begin(user.id, by)), factors }
}

/** In, and seen now. */
export async function enterAs(
  { people, entrance, now }: Omit<Deps, 'challenges'>,
  ctx: Context,
  user: Stored<UserDoc>,
  amr: readonly Factor[],
): Promise<SessionInfo> {
  const seenAt = new Date(now()).toISOString()
  await people.update(user.id, (doc) => ({ ...doc, lastSeenAt: seenAt }))
  return entrance.enter(ctx, user, amr)
}

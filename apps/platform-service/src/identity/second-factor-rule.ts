import * as auth from '@console/contracts/auth/actions'
import * as passkeys from '@console/contracts/passkeys/actions'
import type { SignInSettings } from '@console/contracts/sign-in-settings/schemas'
import type { MembershipDoc, SessionDoc, UserDoc } from '../documents.ts'
import { factorsOf } from './people-book.ts'

/** Whether a sign-in by the password alone is half a sign-in. */
export function needsSecondFactor(
  { secondFactor }: Pick<SignInSettings, 'secondFactor'>,
  memberships: readonly Pick<MembershipDoc, 'role'>[],
): boolean {
  return secondFactor === 'everybody' || (secondFactor === 'admins' && memberships.some(({ role }) => role === 'admin'))
}

/** A session of a person who still has no second factor although one is needed. It becomes a whole one when they have. */
export function mayOnlyEnrol({ doc }: { readonly doc: Pick<SessionDoc, 'enrol'> }, user: { readonly doc: UserDoc }): boolean {
  return doc.enrol === true && factorsOf(user.doc).length === 1
}

/** What such a session is good for. */
export const enrolActions: ReadonlySet<string> = new Set(
  [
    auth.getSession,
    auth.signOut,
    auth.stepUp,
    auth.listFactors,
    auth.offerTotp,
    auth.enableTotp,
    passkeys.listPasskeys,
    passkeys.offerPasskey,
    passkeys.addPasskey,
  ].map(({ id }) => id),
)

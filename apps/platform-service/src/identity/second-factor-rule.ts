import * as auth from '@console/contracts/auth/actions'
import * as passkeys from '@console/contracts/passkeys/actions'
import type { SignInSettings } from '@console/contracts/sign-in-settings/schemas'
import type { MembershipDoc, SessionDoc, UserDoc } from '../documents.ts'

/** Whether a sign-in by the password alone is half a sign-in. */
export function needsSecondFactor(
  { secondFactor }: Pick<SignInSettings, 'secondFactor'>,
  memberships: readonly Pick<MembershipDoc, 'role'>[],
): boolean {
  return secondFactor === 'everybody' || (secondFactor === 'admins' && memberships.some(({ role }) => role === 'admin'))
}

/** An authenticator, or a passkey; a passkey alone is two, since its device asks who holds it. */
export function hasSecondFactor({ totp, passkeys = [] }: Pick<UserDoc, 'totp' | 'passkeys'>): boolean {
  return totp !== undefined || passkeys.length > 0
}

/** A session of a person who still has no second factor although one is needed. It becomes a whole one when they have. */
export function mayOnlyEnrol({ doc }: { readonly doc: Pick<SessionDoc, 'enrol'> }, user: { readonly doc: UserDoc }): boolean {
  return doc.enrol === true && !hasSecondFactor(user.doc)
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

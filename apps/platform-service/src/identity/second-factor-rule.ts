import * as auth from '@console/contracts/auth/actions'
import * as passkeys from '@console/contracts/passkeys/actions'
import type { SignInSettings } from '@console/contracts/sign-in-settings/schemas'
import type { Stored } from '@console/store/port'
import type { MembershipDoc, SessionDoc, UserDoc } from '../documents.ts'
import { isLive, type PeopleBook } from './people-book.ts'
import type { SignInSettingsBook } from './sign-in-settings.ts'

/** Whether a sign-in by the password alone is half a sign-in. */
function needsSecondFactor(
  { secondFactor }: Pick<SignInSettings, 'secondFactor'>,
  memberships: readonly Pick<MembershipDoc, 'role'>[],
): boolean {
  return secondFactor === 'everybody' || (secondFactor === 'admins' && memberships.some(({ role }) => role === 'admin'))
}

/** An authenticator, or a passkey; a passkey alone is two, since its device asks who holds it. */
export function hasSecondFactor({ totp, passkeys = [] }: Pick<UserDoc, 'totp' | 'passkeys'>): boolean {
  return totp !== undefined || passkeys.length > 0
}

/** Whether somebody is to make a second factor before anything else: at their next sign-in, and before a program goes on in their name. */
export async function mustEnrol(
  {
    settings,
    people,
    now,
  }: { readonly settings: SignInSettingsBook; readonly people: Pick<PeopleBook, 'memberships'>; readonly now: () => number },
  { id, doc }: Pick<Stored<UserDoc>, 'id' | 'doc'>,
): Promise<boolean> {
  if (settings.current().secondFactor === 'choice' || hasSecondFactor(doc)) return false
  const live = (await people.memberships(id)).filter((membership) => isLive(membership, now()))
  return needsSecondFactor(settings.current(), live)
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

import type { SignInSettings, SignInState, SigningKey } from '@console/contracts/sign-in-settings/schemas'
import type { Context } from '@console/http-kit/context'
import { assertFreshFactor } from '../../identity/proof.ts'
import type { SignedIn } from '../../identity/recognition.ts'
import type { SignInSettingsBook, StoredSettings } from '../../identity/sign-in-settings.ts'

export type SignInSettingsDeps = {
  readonly settings: SignInSettingsBook
  /** The one that signs first. */
  readonly keyRing: readonly SigningKey[]
  readonly signedIn: (actor: Context['actor']) => SignedIn
  readonly now: () => number
}

export async function getSignInSettings({ settings, keyRing }: SignInSettingsDeps): Promise<SignInState> {
  return stateOf(await settings.read(), keyRing)
}

/** Takes effect at once, for sessions that are there already too. @throws AppError PRECONDITION_FAILED */
export async function updateSignInSettings(deps: SignInSettingsDeps, ctx: Context, wanted: SignInSettings): Promise<SignInState> {
  const { settings, keyRing, signedIn, now } = deps
  assertFreshFactor(signedIn(ctx.actor), now())
  const sorted = { ...wanted, inviteDomains: [...new Set(wanted.inviteDomains)].sort() }
  const { before, stored } = await settings.write(sorted, ctx.ifMatch ?? '', ctx.actor.name)
  ctx.tell({ before })
  return stateOf(stored, keyRing)
}

function stateOf({ settings, changed, etag }: StoredSettings, keys: readonly SigningKey[]): SignInState {
  return { settings, changedAt: changed?.at ?? null, changedBy: changed?.by ?? null, keys: [...keys], etag }
}

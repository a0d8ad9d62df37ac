import * as contracts from '@console/contracts/sign-in-settings/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import { getSignInSettings, type SignInSettingsDeps, updateSignInSettings } from './sign-in-settings.ts'

export const bindSignInSettings = (deps: SignInSettingsDeps): BoundAction[] => [
  bind(contracts.getSignInSettings, () => getSignInSettings(deps)),
  bind(contracts.updateSignInSettings, ({ ctx, body }) => updateSignInSettings(deps, ctx, body)),
]

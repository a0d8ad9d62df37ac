import * as actions from '@console/contracts/settings/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import { getSettings, type SettingsDeps, updateSettings } from './settings.ts'

export const bindSettings = (deps: SettingsDeps): BoundAction[] => [
  bind(actions.getSettings, () => getSettings(deps)),
  bind(actions.updateSettings, ({ ctx, body }) => updateSettings(deps, ctx, body)),
]

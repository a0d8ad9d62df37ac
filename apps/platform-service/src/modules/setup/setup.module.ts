import * as auth from '@console/contracts/auth/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import { isSetupRequired, runSetup, type SetupDeps } from './setup.ts'

export const bindSetup = (deps: SetupDeps): BoundAction[] => [
  bind(auth.getSetup, async () => ({ required: await isSetupRequired(deps) })),
  bind(auth.runSetup, ({ ctx, body }) => runSetup(deps, ctx, body)),
]

import * as auth from '@console/contracts/auth/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import { enableTotp, type FactorDeps, listFactors, offerTotp, removeTotp, renewRecoveryCodes } from './factors.ts'

export const bindFactors = (deps: FactorDeps): BoundAction[] => [
  bind(auth.listFactors, async ({ ctx }) => listFactors(deps, ctx)),
  bind(auth.offerTotp, ({ ctx }) => offerTotp(deps, ctx)),
  bind(auth.enableTotp, ({ ctx, body }) => enableTotp(deps, ctx, body.code)),
  bind(auth.removeTotp, ({ ctx }) => removeTotp(deps, ctx)),
  bind(auth.renewRecoveryCodes, ({ ctx }) => renewRecoveryCodes(deps, ctx)),
]

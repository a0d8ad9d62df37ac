import * as actions from '@console/contracts/scripts/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import { approveScript, listScripts, planScript, revokeScript, type ScriptDeps } from './scripts.ts'

export const bindScripts = (deps: ScriptDeps): BoundAction[] => [
  bind(actions.listScripts, ({ ctx }) => listScripts(deps, ctx)),
  bind(actions.planScript, ({ ctx, params, body }) => planScript(deps, ctx, params.id, body)),
  bind(actions.approveScript, ({ ctx, params, body }) => approveScript(deps, ctx, params.id, body.digest)),
  bind(actions.revokeScript, ({ ctx, params, body }) => revokeScript(deps, ctx, params.id, body.reason)),
]

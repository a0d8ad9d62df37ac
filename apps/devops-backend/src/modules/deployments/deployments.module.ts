import * as actions from '@console/contracts/deployments/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import {
  cancelDeployment,
  type DeploymentDeps,
  getDeployment,
  listDeployments,
  listLines,
  rerunDeployment,
  streamLines,
  triggerDeployment,
} from './deployments.ts'

export const bindDeployments = (deps: DeploymentDeps): BoundAction[] => [
  bind(actions.triggerDeployment, ({ ctx, params, body }) => triggerDeployment(deps, ctx, params.serviceId, body)),
  bind(actions.listDeployments, ({ query }) => listDeployments(deps, query)),
  bind(actions.getDeployment, ({ params }) => getDeployment(deps, params.id)),
  bind(actions.listDeploymentLines, ({ ctx, params, query }) => listLines(deps, ctx, params.id, query)),
  bind(actions.streamDeploymentLines, ({ ctx, params, query }) =>
    streamLines(deps, ctx, params.id, lastLine(ctx.lastEventId) ?? query.after ?? 0),
  ),
  bind(actions.cancelDeployment, ({ ctx, params, body }) => cancelDeployment(deps, ctx, params.id, body.reason)),
  bind(actions.rerunDeployment, ({ ctx, params, body }) => rerunDeployment(deps, ctx, params.id, body.reason)),
]

/** Where the client says it stopped; anything that is no line number is passed over. */
function lastLine(lastEventId: string | undefined): number | null {
  return lastEventId !== undefined && /^[0-9]{1,12}$/.test(lastEventId) ? Number(lastEventId) : null
}

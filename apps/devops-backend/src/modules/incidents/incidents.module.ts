import * as actions from '@console/contracts/health/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import { acknowledgeIncident, closeIncident, type IncidentDeps, listIncidents } from './incidents.ts'

export const bindIncidents = (deps: IncidentDeps): BoundAction[] => [
  bind(actions.listIncidents, ({ query }) => listIncidents(deps, query)),
  bind(actions.acknowledgeIncident, ({ ctx, params }) => acknowledgeIncident(deps, ctx, params.id)),
  bind(actions.closeIncident, ({ ctx, params }) => closeIncident(deps, ctx, params.id)),
]

import * as actions from '@console/contracts/services/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import type { DockerDeps } from '../../clients/docker-proxy.ts'
import { selectContainers } from './select-containers.ts'
import { createService, getService, listServices, removeService, type ServiceDeps, storedService, updateService } from './services.ts'
import { listVariables, setVariables, type VariableDeps } from './variables.ts'

export const bindServices = (services: ServiceDeps, variables: VariableDeps, { docker, askAs }: DockerDeps): BoundAction[] => [
  bind(actions.listServices, ({ query }) => listServices(services, query)),
  bind(actions.getService, ({ params }) => getService(services, params.id)),
  bind(actions.createService, ({ ctx, body }) => createService(services, ctx, body)),
  bind(actions.updateService, ({ ctx, params, body }) => updateService(services, ctx, params.id, body)),
  bind(actions.removeService, ({ params }) => removeService(services, params.id)),
  bind(actions.listVariables, async ({ params }) => {
    await storedService(services, params.id)
    return listVariables(variables, params.id)
  }),
  bind(actions.setVariables, async ({ ctx, params, body }) => {
    await storedService(services, params.id)
    return setVariables(variables, ctx, params.id, body.items)
  }),
  bind(actions.listServiceContainers, async ({ ctx, params }) => {
    const { doc } = await storedService(services, params.id)
    const { items, asOf, freshness } = await docker.list('all', askAs(ctx))
    return { items: selectContainers(items, doc.containers), nextCursor: null, asOf, freshness }
  }),
]

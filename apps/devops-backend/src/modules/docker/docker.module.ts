import * as actions from '@console/contracts/docker/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import { lineEvents } from '../logs/logs.ts'
import { followContainer, listContainerLines, listContainers, listUnhealthyContainers } from './docker.ts'
import type { DockerDeps } from './docker-deps.ts'

export const bindDocker = (deps: DockerDeps): BoundAction[] => [
  bind(actions.listContainers, ({ ctx, query }) => listContainers(deps, ctx, query.state)),
  bind(actions.listUnhealthyContainers, ({ ctx }) => listUnhealthyContainers(deps, ctx)),
  bind(actions.getContainer, async ({ ctx, params }) => deps.docker.inspect(params.name, deps.askAs(ctx))),
  bind(actions.getContainerStats, ({ ctx, params }) => deps.docker.stats(params.name, deps.askAs(ctx))),
  bind(actions.listContainerLines, ({ ctx, params, query }) => listContainerLines(deps, ctx, params.name, query)),
  bind(actions.streamContainerLines, ({ ctx, params, query }) =>
    lineEvents([{ name: params.name, stream: followContainer(deps, ctx, params.name, query) }], ({ reason }) => ({ reason })),
  ),
  bind(actions.restartContainer, ({ ctx, params, body }) =>
    deps.docker.restart({ container: params.name, ...(body.waitSec !== undefined && { waitSec: body.waitSec }) }, deps.askAs(ctx)),
  ),
]

import * as actions from '@console/contracts/docker/actions'
import * as diskActions from '@console/contracts/docker/disk-actions'
import { type BoundAction, bind, type StreamEvent, withOlder } from '@console/http-kit/bind'
import { cleanLogText } from '@console/log-text/clean-log-text'
import type { HubEvent } from '../../log-hub.ts'
import { listCleanups, planCleanup, planOlder, runCleanup } from './cleanup.ts'
import {
  exportContainerLines,
  type FollowDeps,
  followContainer,
  listContainerLines,
  listContainers,
  listUnhealthyContainers,
} from './docker.ts'

type Deps = FollowDeps & {
  /** Where people open the dashboard. */
  readonly dashboard: string
  /** The log of one container as the events of a stream. */
  readonly logOf: (name: string, stream: AsyncIterable<HubEvent>, cursor: string | undefined) => AsyncIterable<StreamEvent>
}

export const bindDocker = (deps: Deps): BoundAction[] => [
  bind(actions.listContainers, ({ ctx, query }) => listContainers(deps, ctx, query.state)),
  bind(actions.listUnhealthyContainers, ({ ctx }) => listUnhealthyContainers(deps, ctx)),
  bind(actions.getContainer, async ({ ctx, params }) => deps.docker.inspect(params.name, deps.askAs(ctx))),
  bind(actions.getContainerStats, ({ ctx, params }) => deps.docker.stats(params.name, deps.askAs(ctx))),
  bind(actions.listContainerLines, ({ ctx, params, query }) => listContainerLines(deps, ctx, params.name, query)),
  bind(actions.streamContainerLines, async ({ ctx, params, query }) =>
    deps.logOf(params.name, await followContainer(deps, ctx, params.name, query), ctx.lastEventId),
  ),
  bind(actions.exportContainerLines, ({ ctx, params, query }) => exportContainerLines(deps, ctx, params.name, query, cleanLogText)),
  bind(actions.exportRawContainerLines, ({ ctx, params, query }) => exportContainerLines(deps, ctx, params.name, query, (text) => text)),
  bind(diskActions.planCleanup, ({ ctx, body }) => planCleanup(deps, ctx, body)),
  withOlder(
    bind(diskActions.runCleanup, ({ ctx, body }) => runCleanup(deps, ctx, body)),
    ({ ctx, body }) => planOlder(deps, ctx, body as Parameters<typeof planOlder>[2]),
  ),
  bind(diskActions.listCleanups, ({ ctx, query }) => listCleanups(deps, ctx, query.limit)),
  bind(diskActions.getDockerStats, ({ ctx, query }) => deps.docker.diskUse(query.again === 'true', deps.askAs(ctx))),
  bind(actions.restartContainer, ({ ctx, params, body }) =>
    deps.docker.restart({ container: params.name, ...(body.waitSec !== undefined && { waitSec: body.waitSec }) }, deps.askAs(ctx)),
  ),
]

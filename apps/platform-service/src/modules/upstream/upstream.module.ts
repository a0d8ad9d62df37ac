import * as upstream from '@console/contracts/upstream/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import {
  beginUpstream,
  beginUpstreamInvite,
  beginUpstreamLink,
  finishUpstream,
  listUpstreamLinks,
  removeUpstreamLink,
  type UpstreamDeps,
} from './upstream.ts'

export const bindUpstream = (deps: UpstreamDeps): BoundAction[] => [
  bind(upstream.showUpstreamProvider, async () => ({ name: deps.provider?.name ?? null })),
  bind(upstream.beginUpstream, ({ ctx, body }) => beginUpstream(deps, ctx, body.app)),
  bind(upstream.beginUpstreamInvite, ({ ctx, body }) => beginUpstreamInvite(deps, ctx, body)),
  bind(upstream.finishUpstream, ({ ctx, body }) => finishUpstream(deps, ctx, body)),
  bind(upstream.listUpstreamLinks, async ({ ctx }) => listUpstreamLinks(deps, ctx)),
  bind(upstream.beginUpstreamLink, ({ ctx, body }) => beginUpstreamLink(deps, ctx, body.app)),
  bind(upstream.removeUpstreamLink, ({ ctx, params }) => removeUpstreamLink(deps, ctx, params.id)),
]

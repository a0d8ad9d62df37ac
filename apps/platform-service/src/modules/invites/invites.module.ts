import * as people from '@console/contracts/people/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import { listInvites } from './invite-list.ts'
import { acceptInvite, createInvite, type InviteDeps, renewInvite, showInvite } from './invites.ts'

export const bindInvites = (deps: InviteDeps): BoundAction[] => [
  bind(people.listInvites, ({ query }) => listInvites(deps, query)),
  bind(people.createInvite, ({ ctx, body }) => createInvite(deps, ctx, body)),
  bind(people.renewInvite, ({ ctx, params }) => renewInvite(deps, ctx, params.id)),
  bind(people.revokeInvite, async ({ ctx, params }) => deps.invites.revoke(params.id, ctx.actor.name)),
  bind(people.showInvite, ({ ctx, body }) => showInvite(deps, ctx, body.token)),
  bind(people.acceptInvite, ({ ctx, body }) => acceptInvite(deps, ctx, body)),
]

import * as auth from '@console/contracts/auth/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import { endOwnSession, listOwnSessions, type OwnSessionDeps, signOut } from './own-sessions.ts'

export const bindSessions = (deps: OwnSessionDeps): BoundAction[] => [
  bind(auth.getSession, ({ ctx }) => deps.entrance.show(ctx, deps.signedIn(ctx.actor))),
  bind(auth.signOut, ({ ctx }) => signOut(deps, ctx)),
  bind(auth.listOwnSessions, async ({ ctx }) => ({ items: await listOwnSessions(deps, ctx), nextCursor: null })),
  bind(auth.endOwnSession, ({ ctx, params }) => endOwnSession(deps, ctx, params.id)),
]

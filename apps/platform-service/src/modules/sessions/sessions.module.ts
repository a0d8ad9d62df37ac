import * as auth from '@console/contracts/auth/actions'
import * as sessions from '@console/contracts/sessions/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import { type AllSessionDeps, endSessions, listSessions } from './all-sessions.ts'
import { endOwnSession, listOwnSessions, type OwnSessionDeps, signOut } from './own-sessions.ts'

export const bindSessions = (deps: OwnSessionDeps & AllSessionDeps): BoundAction[] => [
  bind(auth.getSession, ({ ctx }) => deps.entrance.show(ctx, deps.signedIn(ctx.actor))),
  bind(auth.signOut, ({ ctx }) => signOut(deps, ctx)),
  bind(auth.listOwnSessions, async ({ ctx }) => ({ items: await listOwnSessions(deps, ctx), nextCursor: null })),
  bind(auth.endOwnSession, ({ ctx, params }) => endOwnSession(deps, ctx, params.id)),
  bind(sessions.listSessions, ({ ctx, query }) => listSessions(deps, ctx, query)),
  bind(sessions.endSessions, ({ ctx, body }) => endSessions(deps, ctx, body)),
]

import * as auth from '@console/contracts/auth/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import { createGrant, type GrantDeps } from './grants.ts'

export const bindGrants = (deps: GrantDeps): BoundAction[] => [bind(auth.createGrant, ({ ctx, body }) => createGrant(deps, ctx, body))]

import * as memberships from '@console/contracts/memberships/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import { listMemberships, type MembershipDeps } from './memberships.ts'

export const bindMemberships = (deps: MembershipDeps): BoundAction[] => [
  bind(memberships.listMemberships, ({ query }) => listMemberships(deps, query)),
]

import * as people from '@console/contracts/people/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import { liftThrottle, listThrottles, type ThrottleDeps } from './throttles.ts'

export const bindThrottles = (deps: ThrottleDeps): BoundAction[] => [
  bind(people.listThrottles, ({ query }) => listThrottles(deps, query)),
  bind(people.liftThrottle, ({ ctx, params }) => liftThrottle(deps, ctx, params.id)),
]

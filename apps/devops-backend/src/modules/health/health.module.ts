import * as actions from '@console/contracts/health/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import type { Context } from '@console/http-kit/context'
import type { SampleFiles } from '@console/series/sample-files'
import type { Ask } from '../../clients/daemon-client.ts'
import { enterTargets } from './enter-targets.ts'
import { healthHistory } from './health-history.ts'
import type { HealthWatch } from './health-watch.ts'
import { type MeasureDeps, measure } from './measure.ts'

type Deps = {
  readonly watch: HealthWatch
  readonly samples: SampleFiles
  readonly measuring: MeasureDeps
  readonly askAs: (ctx: Context) => Ask
  readonly now: () => Date
}

export const bindHealth = (deps: Deps): BoundAction[] => [
  bind(actions.listHealth, async ({ query }) => ({ ...deps.watch.list(Number(query.days ?? '45')), nextCursor: null })),
  bind(actions.getHealthHistory, async ({ params, query }) => healthHistory(deps, params.serviceId, query.range)),
  bind(actions.tryHealthCheck, ({ ctx, body }) => {
    const admitted = enterTargets([body.check], { rules: deps.measuring.rules, role: ctx.actor.role, known: [] })
    return measure(deps.measuring, body.check, deps.askAs(ctx), admitted)
  }),
]

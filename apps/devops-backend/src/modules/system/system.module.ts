import * as actions from '@console/contracts/system/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import type { MetricKeeper } from './metric-history.ts'
import type { HostWatch } from './watch-host.ts'

type Deps = { readonly host: HostWatch; readonly kept: MetricKeeper }

export const bindSystem = ({ host, kept }: Deps): BoundAction[] => [
  bind(actions.getMetrics, () => host.now()),
  bind(actions.getMetricHistory, ({ query }) => kept.read(query)),
]

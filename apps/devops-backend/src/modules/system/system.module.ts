import * as actions from '@console/contracts/system/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import type { LiveLook } from './live-use.ts'
import type { MetricKeeper } from './metric-history.ts'
import type { RecentUse } from './recent-use.ts'
import type { HostWatch } from './watch-host.ts'

type Deps = { readonly host: HostWatch; readonly kept: MetricKeeper; readonly live: LiveLook; readonly recent: RecentUse }

export const bindSystem = ({ host, kept, live, recent }: Deps): BoundAction[] => [
  bind(actions.getMetrics, () => host.now()),
  bind(actions.getMetricHistory, ({ query }) => kept.read(query)),
  bind(actions.getLiveUse, () => live.now()),
  bind(actions.getRecentUse, async () => recent.read()),
]

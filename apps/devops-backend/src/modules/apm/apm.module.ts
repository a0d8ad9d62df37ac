import * as actions from '@console/contracts/apm/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import type { ConsoleWatch } from './watch-console.ts'

export const bindApm = (watch: ConsoleWatch): BoundAction[] => [
  bind(actions.getApm, async ({ query }) => watch.figures(query.window ?? '1h')),
  bind(actions.exportMetrics, () => watch.metrics()),
]

import * as actions from '@console/contracts/vm/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import { readLog, type VmDeps } from './vm.ts'

export const bindVm = (deps: VmDeps): BoundAction[] => [
  bind(actions.getVmHealth, ({ ctx }) => deps.agent.checkVm(deps.askAs(ctx))),
  bind(actions.getCleanupLog, ({ ctx, query }) => readLog(deps, ctx, 'cleanup', query.lines)),
  bind(actions.getHealthLog, ({ ctx, query }) => readLog(deps, ctx, 'health-check', query.lines)),
  bind(actions.getWatchdogLog, ({ ctx, query }) => readLog(deps, ctx, 'watchdog', query.lines)),
]

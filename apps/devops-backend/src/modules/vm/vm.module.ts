import * as actions from '@console/contracts/vm/actions'
import * as cleanup from '@console/contracts/vm/cleanup-actions'
import * as schedules from '@console/contracts/vm/schedule-actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import { judgeSchedules, worstUnitsFirst } from './judge-jobs.ts'
import { listVmCleanups, readLog, runVmCleanup, type VmDeps } from './vm.ts'

export const bindVm = (deps: VmDeps): BoundAction[] => [
  bind(actions.getVmHealth, ({ ctx }) => deps.agent.checkVm(deps.askAs(ctx))),
  bind(actions.getCleanupLog, ({ ctx, query }) => readLog(deps, ctx, 'cleanup', query.lines)),
  bind(actions.getHealthLog, ({ ctx, query }) => readLog(deps, ctx, 'health-check', query.lines)),
  bind(actions.getWatchdogLog, ({ ctx, query }) => readLog(deps, ctx, 'watchdog', query.lines)),
  bind(cleanup.planVmCleanup, ({ ctx }) => deps.agent.planVmCleanup(deps.askAs(ctx))),
  bind(cleanup.runVmCleanup, ({ ctx, body }) => runVmCleanup(deps, ctx, body)),
  bind(cleanup.listVmCleanups, ({ ctx, query }) => listVmCleanups(deps, ctx, query.limit)),
  bind(schedules.listVmSchedules, async ({ ctx }) => judgeSchedules(await deps.agent.schedules(deps.askAs(ctx)))),
  bind(schedules.listVmUnits, async ({ ctx }) => worstUnitsFirst(await deps.agent.units(deps.askAs(ctx)))),
]

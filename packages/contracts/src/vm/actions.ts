import { checkVm, readVmLog } from '@console/verbs/vm'
import { z } from 'zod'
import { defineAction } from '../action.ts'
import { queryInt } from '../args.ts'
import { VmHealth, VmLog } from './schemas.ts'

const at = { api: 'devops', auth: 'session' } as const
const scriptErrors = ['HOST_AGENT_AWAY', 'VM_SCRIPT_CHANGED', 'VM_SCRIPT_FAILED'] as const

export const getVmHealth = defineAction({
  ...at,
  id: 'vm.health.get',
  method: 'GET',
  path: '/vm/health',
  verb: checkVm,
  summary: 'Check how the machine is: disks, memory, units, updates, clock and what else a script can see.',
  success: { status: 200, body: VmHealth },
  errors: [...scriptErrors],
})

const logOf = {
  ...at,
  method: 'GET',
  verb: readVmLog,
  query: z.strictObject({ lines: queryInt(1, 1_000).optional() }),
  success: { status: 200, body: VmLog },
  errors: ['HOST_AGENT_AWAY'],
} as const

export const getCleanupLog = defineAction({
  ...logOf,
  id: 'vm.cleanupLog.get',
  path: '/vm/cleanup-log',
  summary: 'Read the end of the log that cleanups of the VM write.',
})

export const getHealthLog = defineAction({
  ...logOf,
  id: 'vm.healthLog.get',
  path: '/vm/health-log',
  summary: 'Read the end of the log that scheduled health checks of the VM write.',
})

export const getWatchdogLog = defineAction({
  ...logOf,
  id: 'vm.watchdogLog.get',
  path: '/vm/watchdog-log',
  summary: 'Read the end of the log that the watchdog of Docker writes.',
})

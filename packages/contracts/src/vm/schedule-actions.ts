import * as verbs from '@console/verbs/cron'
import { defineAction } from '../action.ts'
import { VmSchedules, VmUnits } from './schedule-schemas.ts'

const at = { api: 'devops', auth: 'session', method: 'GET', errors: ['HOST_AGENT_AWAY'] } as const

export const listVmSchedules = defineAction({
  ...at,
  id: 'vm.schedules.list',
  path: '/vm/cron-status',
  verb: verbs.listSchedules,
  summary: 'List crontabs and timers of all accounts, with last and next run and the last result where it is known.',
  success: { status: 200, body: VmSchedules },
})

export const listVmUnits = defineAction({
  ...at,
  id: 'vm.units.list',
  path: '/vm/units',
  verb: verbs.listUnits,
  summary: 'List the services that the host stands on, and units that failed.',
  success: { status: 200, body: VmUnits },
})

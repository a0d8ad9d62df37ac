import { checkVm } from '@console/verbs/vm'
import { defineAction } from '../action.ts'
import { VmHealth } from './schemas.ts'

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

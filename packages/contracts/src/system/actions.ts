import { measureSystem } from '@console/verbs/system'
import { defineAction } from '../action.ts'
import { Metrics } from './schemas.ts'

const at = { api: 'devops', auth: 'session' } as const

export const getMetrics = defineAction({
  ...at,
  id: 'system.metrics.get',
  method: 'GET',
  path: '/system/metrics',
  risk: 'read',
  reads: [measureSystem],
  summary: 'Read how the host was doing when it was last measured.',
  success: { status: 200, body: Metrics },
  errors: ['HOST_AGENT_AWAY'],
})

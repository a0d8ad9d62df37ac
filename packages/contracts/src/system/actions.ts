import { measureSystem } from '@console/verbs/system'
import { z } from 'zod'
import { defineAction } from '../action.ts'
import { ContainerRef } from '../shapes.ts'
import { LiveUse, MetricHistory, MetricRange, MetricSeries, Metrics, RecentUse } from './schemas.ts'

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

export const getMetricHistory = defineAction({
  ...at,
  id: 'system.metricHistory.get',
  method: 'GET',
  path: '/system/metrics/history',
  risk: 'read',
  reads: [measureSystem],
  summary: 'Read how the host, or its containers, did over a range of time.',
  query: z.strictObject({ range: MetricRange, series: MetricSeries, container: ContainerRef.optional() }),
  success: { status: 200, body: MetricHistory },
  errors: [],
})

export const getLiveUse = defineAction({
  ...at,
  id: 'system.liveUse.get',
  method: 'GET',
  path: '/system/metrics/containers',
  risk: 'read',
  reads: [measureSystem],
  summary: 'Read what each container uses now. It is measured when somebody asks, at most every two seconds for all who ask.',
  success: { status: 200, body: LiveUse },
  errors: ['HOST_AGENT_AWAY'],
})

export const getRecentUse = defineAction({
  ...at,
  id: 'system.recentUse.get',
  method: 'GET',
  path: '/system/metrics/containers/recent',
  risk: 'read',
  reads: [measureSystem],
  summary: 'Read how many cores each container used over the last ten minutes.',
  success: { status: 200, body: RecentUse },
  errors: [],
})

import { measureSystem } from '@console/verbs/system'
import { z } from 'zod'
import { defineAction } from '../action.ts'
import { ContainerRef } from '../shapes.ts'
import { MetricHistory, MetricRange, MetricSeries, Metrics } from './schemas.ts'

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

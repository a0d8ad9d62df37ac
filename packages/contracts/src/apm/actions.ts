import { z } from 'zod'
import { defineAction } from '../action.ts'
import { Apm, ApmWindow } from './schemas.ts'

const at = { api: 'devops', auth: 'session', risk: 'read', errors: [] } as const

export const getApm = defineAction({
  ...at,
  id: 'apm.figures.get',
  method: 'GET',
  path: '/apm',
  summary: 'Read how fast the console answers, how often it fails, and what its services use.',
  query: z.strictObject({ window: ApmWindow.optional() }),
  success: { status: 200, body: Apm },
})

export const exportMetrics = defineAction({
  ...at,
  id: 'apm.metrics.export',
  method: 'GET',
  path: '/metrics',
  summary: 'Read the console’s own measurements as Prometheus reads them.',
  success: { status: 200, file: 'text/plain; version=0.0.4' },
})

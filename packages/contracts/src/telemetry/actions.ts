import { z } from 'zod'
import { defineAction } from '../action.ts'

const page = z.string().max(200)
/** What a dashboard reports of itself: an error that a person met, or how long a page took. Never content. */
export const TelemetryReport = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('error'),
    page,
    message: z.string().max(1_000),
    stack: z.string().max(8_000).nullable(),
    release: z.string().max(100),
  }),
  z.strictObject({ kind: z.literal('vital'), page, name: z.enum(['LCP', 'CLS', 'INP', 'TTFB', 'FCP']), value: z.number() }),
  z.strictObject({ kind: z.literal('view'), page }),
  z.strictObject({ kind: z.literal('csp'), page, directive: z.string().max(100), blocked: z.string().max(500) }),
])

export const reportTelemetry = defineAction({
  id: 'telemetry.report.create',
  api: 'devops',
  method: 'POST',
  path: '/telemetry',
  auth: 'session',
  risk: 'none',
  summary: 'Report what went wrong or slowly in a dashboard.',
  body: z.strictObject({ reports: z.array(TelemetryReport).min(1).max(20) }),
  success: { status: 204 },
  errors: [],
})

import { probeHealth } from '@console/verbs/health'
import { z } from 'zod'
import { defineAction } from '../action.ts'
import { Id, Instant, pageOf, pageQuery } from '../shapes.ts'
import { HealthCheck, HealthSummary, Incident, Measurement, ServiceHealth } from './schemas.ts'

const at = { api: 'devops', auth: 'session' } as const
const incidentParam = z.strictObject({ id: Id })

export const listHealth = defineAction({
  ...at,
  id: 'health.check.list',
  method: 'GET',
  path: '/health-checks',
  risk: 'read',
  summary: 'Read the health of every service, worst first.',
  query: z.strictObject({ days: z.enum(['45', '90']).optional() }),
  success: { status: 200, body: z.strictObject({ summary: HealthSummary, items: z.array(ServiceHealth), nextCursor: z.null() }) },
  errors: [],
})

export const getHealthHistory = defineAction({
  ...at,
  id: 'health.history.get',
  method: 'GET',
  path: '/health-checks/:serviceId/history',
  risk: 'read',
  summary: 'Read the measurements of one service.',
  params: z.strictObject({ serviceId: Id }),
  query: z.strictObject({ range: z.enum(['1h', '24h', '7d', '30d', '90d']).optional() }),
  success: {
    status: 200,
    body: z.strictObject({
      health: ServiceHealth,
      /** Buckets of `bucketSec`; a bucket without a measurement is missing, so that gaps stay gaps. */
      bucketSec: z.int(),
      points: z.array(
        z.strictObject({
          at: Instant,
          state: z.enum(['up', 'degraded', 'down', 'unknown', 'maintenance']),
          p50Ms: z.number().nullable(),
          p95Ms: z.number().nullable(),
        }),
      ),
      recent: z.array(Measurement),
    }),
  },
  errors: ['SERVICE_NOT_FOUND'],
})

export const tryHealthCheck = defineAction({
  ...at,
  id: 'health.check.try',
  method: 'POST',
  path: '/health-checks/try',
  verb: probeHealth,
  summary: 'Try a health check once, without keeping it.',
  body: z.strictObject({ check: HealthCheck }),
  success: { status: 200, body: Measurement },
  errors: ['HEALTH_TARGET_REFUSED', 'HOST_AGENT_AWAY'],
})

export const listIncidents = defineAction({
  ...at,
  id: 'incidents.incident.list',
  method: 'GET',
  path: '/incidents',
  risk: 'read',
  summary: 'List incidents, open ones first.',
  query: z.strictObject({ state: z.enum(['open', 'closed', 'all']).optional(), serviceId: Id.optional(), ...pageQuery }),
  success: { status: 200, body: pageOf(Incident) },
  errors: [],
})

export const acknowledgeIncident = defineAction({
  ...at,
  id: 'incidents.incident.acknowledge',
  method: 'POST',
  path: '/incidents/:id/ack',
  risk: 'change',
  summary: 'Say that somebody is on an incident.',
  params: incidentParam,
  success: { status: 200, body: Incident },
  errors: ['INCIDENT_NOT_FOUND', 'INCIDENT_CLOSED'],
  audit: { target: { param: 'id' }, fields: {} },
})

export const closeIncident = defineAction({
  ...at,
  id: 'incidents.incident.close',
  method: 'POST',
  path: '/incidents/:id/close',
  risk: 'change',
  summary: 'Close an incident by hand.',
  params: incidentParam,
  success: { status: 200, body: Incident },
  errors: ['INCIDENT_NOT_FOUND', 'INCIDENT_CLOSED'],
  audit: { target: { param: 'id' }, fields: {} },
})

import { z } from 'zod'
import { ContainerRef, Id, Instant } from '../shapes.ts'

const timing = {
  /** Seconds between two measurements. */
  intervalSec: z.int().min(5).max(3_600),
  timeoutMs: z.int().min(100).max(30_000),
  /** Misses in a row before `down`; hits in a row before `up` again. */
  downAfter: z.int().min(1).max(20),
  upAfter: z.int().min(1).max(20),
}
export const HttpCheck = z.strictObject({
  id: Id,
  kind: z.literal('http'),
  url: z.string().min(1).max(2_000),
  method: z.enum(['GET', 'HEAD']),
  /** Statuses that count as a hit: `200`, `2xx`, or a list `200,204`. */
  expectStatus: z.string().regex(/^([1-5](xx|[0-9]{2}))(,[1-5](xx|[0-9]{2})){0,9}$/),
  expectBody: z.string().min(1).max(500).nullable(),
  ...timing,
})
export const TcpCheck = z.strictObject({
  id: Id,
  kind: z.literal('tcp'),
  host: z.string().min(1).max(253),
  port: z.int().min(1).max(65_535),
  ...timing,
})
export const ContainerCheck = z.strictObject({ id: Id, kind: z.literal('container'), container: ContainerRef, ...timing })
export const HealthCheck = z.discriminatedUnion('kind', [HttpCheck, TcpCheck, ContainerCheck])
export type HealthCheck = z.infer<typeof HealthCheck>

/** `unknown` is never shown as up or down. */
export const HealthState = z.enum(['up', 'degraded', 'down', 'unknown', 'maintenance'])
export type HealthState = z.infer<typeof HealthState>

export const Measurement = z.strictObject({
  checkId: Id,
  at: Instant,
  ok: z.boolean().nullable(),
  latencyMs: z.number().nullable(),
  /** What was seen, for a person: `200 in 41 ms`, `connection refused`. Never a reply's body. */
  note: z.string(),
  tlsExpiresAt: Instant.nullable(),
})
export type Measurement = z.infer<typeof Measurement>

/** Share of measured time that was up, 0…1; null where nothing was measured. */
export const Uptime = z.strictObject({
  day: z.number().nullable(),
  week: z.number().nullable(),
  month: z.number().nullable(),
  quarter: z.number().nullable(),
})

export const ServiceHealth = z.strictObject({
  serviceId: Id,
  serviceName: z.string(),
  environment: z.string(),
  state: HealthState,
  since: Instant.nullable(),
  /** For `unknown`: what was last known and when. */
  lastKnown: z.strictObject({ state: HealthState, at: Instant }).nullable(),
  checks: z.array(z.strictObject({ checkId: Id, label: z.string(), state: HealthState, misses: z.int(), last: Measurement.nullable() })),
  uptime: Uptime,
  latencyP50Ms: z.number().nullable(),
  latencyP95Ms: z.number().nullable(),
  tlsExpiresAt: Instant.nullable(),
  /** The last 45 or 90 days, oldest first: the worst state of each. */
  days: z.array(z.strictObject({ day: z.string(), state: HealthState.or(z.literal('none')), upRatio: z.number().nullable() })),
})
export type ServiceHealth = z.infer<typeof ServiceHealth>

export const HealthSummary = z.strictObject({
  up: z.int(),
  degraded: z.int(),
  down: z.int(),
  maintenance: z.int(),
  unknown: z.int(),
  total: z.int(),
  measuredAt: Instant.nullable(),
})
export type HealthSummary = z.infer<typeof HealthSummary>

export const Incident = z.strictObject({
  id: Id,
  serviceId: Id,
  serviceName: z.string(),
  state: z.enum(['open', 'acknowledged', 'closed']),
  severity: z.enum(['down', 'degraded']),
  openedAt: Instant,
  closedAt: Instant.nullable(),
  acknowledgedAt: Instant.nullable(),
  acknowledgedBy: z.string().nullable(),
  closedBy: z.string().nullable(),
  cause: z.string(),
  /** The deployment that ended shortly before, where there is one. */
  afterRun: z.strictObject({ id: Id, number: z.int(), state: z.string(), secondsBefore: z.int() }).nullable(),
})
export type Incident = z.infer<typeof Incident>

import { z } from 'zod'
import { Id, Instant } from '../shapes.ts'
import { InstanceId } from './schemas.ts'

const Count = z.int().min(0)

/** How an agent hands its signals in: `otlp` with the key in a header, `webhook` with the key as the secret of its signatures. */
export const SignalWay = z.enum(['otlp', 'webhook'])
export type SignalWay = z.infer<typeof SignalWay>

export const AgentKeyName = z.string().trim().min(1).max(60)

/** A key of an agent, without what is secret about it. */
export const AgentKey = z.strictObject({
  id: Id,
  instance: InstanceId,
  way: SignalWay,
  name: z.string(),
  createdAt: Instant,
  createdBy: z.string(),
  /** When the first and the last signal came in by it. */
  firstUsedAt: Instant.nullable(),
  lastUsedAt: Instant.nullable(),
})
export type AgentKey = z.infer<typeof AgentKey>

/** The last of these days or hours are looked at; an hour or day that has begun counts whole. */
export const SignalWindow = z.enum(['24h', '7d', '30d'])
export type SignalWindow = z.infer<typeof SignalWindow>

/** What signals tell. Whatever no signal told is null, not zero. */
export const SignalFigures = z.strictObject({
  total: Count,
  failures: Count,
  /** Failures of those that succeeded or failed, 0 to 1; what was interrupted is neither. */
  failureRate: z.number().min(0).max(1).nullable(),
  p50Ms: z.number().nullable(),
  p95Ms: z.number().nullable(),
  lastSuccessAt: Instant.nullable(),
  lastFailureAt: Instant.nullable(),
  lastError: z.string().nullable(),
  tokensIn: Count.nullable(),
  tokensOut: Count.nullable(),
  costUsd: z.number().min(0).nullable(),
})
export type SignalFigures = z.infer<typeof SignalFigures>

export const SignalKind = z.enum(['turn', 'llm', 'tool', 'cron'])
export type SignalKind = z.infer<typeof SignalKind>
export const SignalSource = z.enum(['traces', 'webhooks', 'metrics'])
export type SignalSource = z.infer<typeof SignalSource>

export const SignalSeries = z.strictObject({
  kind: SignalKind,
  agent: z.string(),
  model: z.string().nullable(),
  figures: SignalFigures,
})
export type SignalSeries = z.infer<typeof SignalSeries>

/** The signals of one agent. One source counts, since several may tell of the same turn. */
export const InstanceSignals = z.strictObject({
  instance: InstanceId,
  source: SignalSource.nullable(),
  lastSeenAt: Instant.nullable(),
  /** What somebody waits for: its turns, or its calls of models where it tells of no turns. */
  health: SignalFigures.nullable(),
  series: z.array(SignalSeries),
})
export type InstanceSignals = z.infer<typeof InstanceSignals>

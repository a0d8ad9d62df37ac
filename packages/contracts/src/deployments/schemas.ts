import { z } from 'zod'
import { ActorRef, Digest, Id, Instant } from '../shapes.ts'
import { runStates } from './run-states.ts'

export const RunStateSchema = z.enum(runStates)

/** One line of output. `chk` lines are the console's own health checks while it verifies; `sys` its own remarks. */
export const RunLine = z.strictObject({ seq: z.int(), at: Instant, stream: z.enum(['out', 'err', 'sys', 'chk']), text: z.string() })
export type RunLine = z.infer<typeof RunLine>

export const Run = z.strictObject({
  id: Id,
  number: z.int(),
  kind: z.literal('deployment'),
  hostId: z.literal('local'),
  serviceId: Id,
  serviceName: z.string(),
  state: RunStateSchema,
  /** False for a `succeeded` run whose service has no check: shown as "succeeded, not verified". */
  verified: z.boolean(),
  actor: ActorRef,
  reason: z.string(),
  scriptId: Id,
  scriptPath: z.string().nullable(),
  scriptSha256: Digest.nullable(),
  user: z.string().nullable(),
  unit: z.string().nullable(),
  variableNames: z.array(z.string()),
  queuedAt: Instant,
  startedAt: Instant.nullable(),
  exitedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
  deadlineAt: Instant.nullable(),
  verifyUntil: Instant.nullable(),
  exitCode: z.int().nullable(),
  signal: z.string().nullable(),
  /** One sentence: what happened and what to do. */
  outcome: z.string().nullable(),
  steps: z.array(z.strictObject({ name: z.string(), at: Instant })),
  checks: z.array(z.strictObject({ checkId: Id, label: z.string(), hits: z.int(), needed: z.int(), lastNote: z.string().nullable() })),
  lines: z.int(),
  bytes: z.int(),
  cut: z.boolean(),
  firstErrorLine: z.int().nullable(),
  position: z.int().nullable(),
  cancelledBy: z.string().nullable(),
  rerunOf: Id.nullable(),
  requestId: z.string(),
  version: z.int(),
})
export type Run = z.infer<typeof Run>

/** A deployment that was refused before it became a run, told from its audit row. */
export const RefusedRun = z.strictObject({ at: Instant, serviceId: Id, actor: ActorRef, code: z.string(), requestId: z.string() })
export type RefusedRun = z.infer<typeof RefusedRun>

import { z } from 'zod'
import { queryInt } from '../args.ts'
import { ActorRef, Cursor, Instant } from '../shapes.ts'

export const LogName = z.enum(['platform-service', 'devops-backend', 'docker-proxy', 'host-agent'])
export type LogName = z.infer<typeof LogName>
export const Outcome = z.enum(['started', 'done', 'failed', 'denied', 'unknown'])

/** A row of one of the four logs. `of` is the sequence number of the intent row that this outcome closes. */
export const AuditRow = z.strictObject({
  log: LogName,
  seq: z.int(),
  at: Instant,
  action: z.string(),
  actor: ActorRef,
  requestId: z.string(),
  target: z.string(),
  outcome: Outcome,
  risk: z.string().nullable(),
  code: z.string().nullable(),
  input: z.record(z.string(), z.unknown()).nullable(),
  /** What is known of it besides, such as how things stood before. */
  details: z.record(z.string(), z.unknown()).nullable().default(null),
  address: z.string().nullable(),
  count: z.int().nullable(),
  of: z.int().nullable(),
  hash: z.string(),
})
export type AuditRow = z.infer<typeof AuditRow>

/**
 * The state of one chain; `unanchored` rows came after the newest checkpoint that another log holds. One that is `restored` holds, and rows that another
 * log had witnessed went with a restore that all logs were told of; it is `valid` again once it is longer than it was.
 */
export const ChainState = z.strictObject({
  log: LogName,
  state: z.enum(['valid', 'restored', 'broken', 'away']),
  rows: z.int(),
  firstBadSeq: z.int().nullable(),
  problem: z.string().nullable(),
  unanchored: z.int(),
  lastCheckpointAt: Instant.nullable(),
  /** Of one that is restored: when, by whom, and the name of the backup. */
  restored: z.strictObject({ at: Instant, by: z.string(), backup: z.string() }).nullable().default(null),
  checkedAt: Instant,
})
export type ChainState = z.infer<typeof ChainState>

export const auditFilter = {
  log: LogName.optional(),
  actor: z.string().max(200).optional(),
  action: z.string().max(200).optional(),
  outcome: Outcome.optional(),
  target: z.string().max(200).optional(),
  requestId: z.string().max(100).optional(),
  from: Instant.optional(),
  to: Instant.optional(),
}
export const AuditQuery = z.strictObject({
  ...auditFilter,
  /** Without what tells that another log's checkpoint was kept: it comes every few seconds. */
  checkpoints: z.literal('hide').optional(),
  limit: queryInt(1, 500).optional(),
  cursor: Cursor.optional(),
})

import { z } from 'zod'
import { Digest, Id, Instant } from '../shapes.ts'

export const ScriptStatus = z.enum(['approved', 'changed', 'new', 'refused', 'missing'])
export const Script = z.strictObject({
  scriptId: Id,
  path: z.string(),
  root: z.string(),
  status: ScriptStatus,
  sha256: Digest.nullable(),
  approvedSha256: Digest.nullable(),
  approvedBy: z.string().nullable(),
  approvedAt: Instant.nullable(),
  user: z.string(),
  workingDirectory: z.string(),
  timeoutSec: z.int(),
  variables: z.array(z.string()),
  /** Why it is refused, in words that name the path and the rule. */
  reason: z.string().nullable(),
  sizeBytes: z.int().nullable(),
})
export type Script = z.infer<typeof Script>

/** What an approval covers, as the host-agent made it. The browser hashes this very object. */
export const ScriptPlan = z.strictObject({
  v: z.literal(1),
  verb: z.literal('scripts.approve'),
  hostId: z.literal('local'),
  planId: Id,
  createdAt: Instant,
  expiresAt: Instant,
  scriptId: Id,
  path: z.string(),
  sha256: Digest,
  previousSha256: Digest.nullable(),
  user: z.string(),
  workingDirectory: z.string(),
  timeoutSec: z.int(),
  variables: z.array(z.string()),
  text: z.string(),
  previousText: z.string().nullable(),
})
export type ScriptPlan = z.infer<typeof ScriptPlan>

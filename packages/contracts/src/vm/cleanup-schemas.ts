import { z } from 'zod'
import { Digest, Id, Instant } from '../shapes.ts'

const Bytes = z.int().min(0)
export const VmItemKind = z.enum(['packages', 'journals', 'logs', 'temporary', 'crashes'])
export type VmItemKind = z.infer<typeof VmItemKind>
/** Why something of a kind stays. Kernels are counted and never removed. */
export const VmKeptWhy = z.enum(['recent', 'in-use', 'limit', 'linked', 'special', 'unnameable', 'by-apt'])
export type VmKeptWhy = z.infer<typeof VmKeptWhy>
const Script = z.strictObject({ name: z.literal('vm-cleanup.sh'), sha256: Digest })

/** One file, or one folder of temporary files, that would go. */
export const VmPlanItem = z.strictObject({
  kind: VmItemKind,
  path: z.string(),
  sizeBytes: Bytes,
  changedAt: Instant,
  /** Says whether it is still the same, unchanged. */
  identity: z.string(),
})
export type VmPlanItem = z.infer<typeof VmPlanItem>

export const VmKept = z.strictObject({
  kind: z.enum([...VmItemKind.options, 'kernels']),
  why: VmKeptWhy,
  count: z.int().min(0),
  sizeBytes: Bytes,
})
export type VmKept = z.infer<typeof VmKept>

/** What a cleanup of the machine would remove, as host-agent made it. The browser hashes this very object. */
export const VmCleanupPlan = z.strictObject({
  v: z.literal(1),
  verb: z.literal('vm.cleanup.run'),
  hostId: z.literal('local'),
  planId: Id,
  createdAt: Instant,
  expiresAt: Instant,
  plannedBy: z.string(),
  script: Script,
  items: z.array(VmPlanItem),
  totalBytes: Bytes,
  kept: z.array(VmKept),
  leftCount: z.int().min(0),
})
export type VmCleanupPlan = z.infer<typeof VmCleanupPlan>

/** What became of something that did not simply go. */
export const VmCleanupException = z.strictObject({
  kind: VmItemKind,
  path: z.string(),
  result: z.enum(['gone', 'kept', 'failed', 'unknown', 'not-reached']),
  why: z.enum([...VmKeptWhy.options, 'changed', 'refused']).nullable(),
})
export type VmCleanupException = z.infer<typeof VmCleanupException>

/** A plan beside what came of it. */
export const VmCleanupReceipt = z.strictObject({
  planId: Id,
  digest: Digest,
  state: z.enum(['running', 'done', 'stopped', 'interrupted']),
  code: z.string().nullable(),
  by: z.string(),
  plannedBy: z.string(),
  reason: z.string().nullable(),
  requestId: z.string(),
  startedAt: Instant,
  endedAt: Instant.nullable(),
  script: Script,
  planned: z.int().min(0),
  plannedBytes: Bytes,
  /** How many there is a result of. */
  reached: z.int().min(0),
  kinds: z.array(
    z.strictObject({ kind: VmItemKind, planned: z.int().min(0), plannedBytes: Bytes, removed: z.int().min(0), freedBytes: Bytes }),
  ),
  exceptions: z.array(VmCleanupException),
  exceptionCount: z.int().min(0),
})
export type VmCleanupReceipt = z.infer<typeof VmCleanupReceipt>

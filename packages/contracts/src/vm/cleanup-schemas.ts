import { z } from 'zod'
import { Bytes, planFields, receiptFields } from '../cleanup-shapes.ts'
import { Digest, Instant } from '../shapes.ts'

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
  ...planFields('vm.cleanup.run'),
  script: Script,
  items: z.array(VmPlanItem),
  kept: z.array(VmKept),
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
  ...receiptFields(VmItemKind, VmCleanupException),
  script: Script,
})
export type VmCleanupReceipt = z.infer<typeof VmCleanupReceipt>

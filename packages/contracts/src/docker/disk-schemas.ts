import { z } from 'zod'
import { Bytes, planFields, receiptFields } from '../cleanup-shapes.ts'
import { Instant } from '../shapes.ts'

const Sum = z.strictObject({ count: z.int().min(0), sizeBytes: Bytes })

/** Why an object can go: a `named` volume only when it is named one by one. */
export const Goes = z.enum(['stopped', 'dangling', 'unused', 'anonymous', 'named', 'cache'])
export type Goes = z.infer<typeof Goes>
/** Why an object stays, whatever is chosen. */
export const Keeps = z.enum(['in-use', 'label', 'good-deploy', 'console', 'recent', 'shared', 'parent', 'elsewhere', 'unnameable'])
export type Keeps = z.infer<typeof Keeps>

/** One kind: how many there are, what they take, and of both what can go and what is kept. */
export const KindUse = Sum.extend({ goes: z.partialRecord(Goes, Sum), keeps: z.partialRecord(Keeps, Sum) })
export type KindUse = z.infer<typeof KindUse>

/** What Docker takes of the disk, as docker-proxy measured it last. */
export const DiskUse = z.strictObject({
  measuredAt: Instant,
  /** It is being measured anew. */
  measuring: z.boolean(),
  /** Why the last measurement did not come about; what is shown is older then. */
  trouble: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
  containers: KindUse,
  images: KindUse,
  volumes: KindUse,
  buildCache: KindUse,
  totalBytes: Bytes,
  goesBytes: Bytes,
  namedVolumes: z.array(z.strictObject({ name: z.string(), sizeBytes: Bytes, createdAt: Instant.nullable() })),
})
export type DiskUse = z.infer<typeof DiskUse>

export const CleanupKind = z.enum(['containers', 'images', 'volumes', 'build-cache'])
export type CleanupKind = z.infer<typeof CleanupKind>
const Choice = z.strictObject({
  kinds: z.array(CleanupKind),
  images: z.enum(['dangling', 'unused']).nullable(),
  volumes: z.array(z.string()),
})
const About = z.strictObject({ kind: CleanupKind, id: z.string(), names: z.array(z.string()), sizeBytes: Bytes })
export const CleanupItem = About.extend({ createdAt: Instant.nullable(), since: Instant.nullable(), reason: Goes })
export type CleanupItem = z.infer<typeof CleanupItem>
/** Why an object of a chosen kind stays: `scope` and `unnamed` follow from what was chosen. */
export const KeptWhy = z.enum([...Keeps.options, 'scope', 'unnamed'])
export type KeptWhy = z.infer<typeof KeptWhy>
export const KeptItem = About.extend({ why: KeptWhy, note: z.string() })
export type KeptItem = z.infer<typeof KeptItem>

/** What a cleanup would remove, as docker-proxy made it. The browser hashes this very object. */
export const CleanupPlan = z.strictObject({
  ...planFields('cleanup.run'),
  engine: z.strictObject({ version: z.string(), apiVersion: z.string() }),
  choice: Choice,
  items: z.array(CleanupItem),
  kept: z.array(KeptItem),
  keptCount: z.int().min(0),
})
export type CleanupPlan = z.infer<typeof CleanupPlan>

/** What became of an object that did not simply go. */
export const CleanupException = z.strictObject({
  kind: CleanupKind,
  id: z.string(),
  names: z.array(z.string()),
  result: z.enum(['gone', 'kept', 'partly', 'failed', 'unknown', 'not-reached']),
  why: z.enum([...Keeps.options, 'changed', 'refused']).nullable(),
  note: z.string(),
})
export type CleanupException = z.infer<typeof CleanupException>

/** A plan beside what came of it. */
export const CleanupReceipt = z.strictObject({
  ...receiptFields(CleanupKind, CleanupException),
  choice: Choice,
})
export type CleanupReceipt = z.infer<typeof CleanupReceipt>

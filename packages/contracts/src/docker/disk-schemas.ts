import { z } from 'zod'
import { Instant } from '../shapes.ts'

const Bytes = z.int().min(0)
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

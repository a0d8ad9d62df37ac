import { z } from 'zod'
import { Instant } from '../shapes.ts'

/** What could not be measured, and why. It is never drawn as zero. */
export const Unknown = z.strictObject({ unknown: z.string() })
const known = <T extends z.ZodType>(value: T) => z.union([value, Unknown])

export const Load = z.strictObject({ one: z.number(), five: z.number(), fifteen: z.number(), runnable: z.int(), tasks: z.int() })
/** Bytes. `used` is what is not available; cache that the kernel can give back is not part of it. */
export const Memory = z.strictObject({
  totalBytes: z.number(),
  availableBytes: z.number(),
  usedBytes: z.number(),
  cacheBytes: z.number(),
  swapTotalBytes: z.number(),
  swapUsedBytes: z.number(),
})
/** Which bound holds for all that the agent sees: the machine's own, or that of the container around it. */
export const Limit = z.strictObject({
  by: z.enum(['machine', 'cgroup']),
  memoryBytes: z.number().nullable(),
  memoryUsedBytes: z.number().nullable(),
  cpus: z.number().nullable(),
})
const Stall = z.strictObject({ avg10: z.number(), avg60: z.number(), avg300: z.number(), totalSec: z.number() })
/** Percent of time in which some, or all, tasks waited. */
export const Pressure = z.strictObject({ some: Stall, full: Stall.nullable() })
export const Disk = z.strictObject({
  mount: z.string(),
  type: z.string(),
  totalBytes: z.number(),
  usedBytes: z.number(),
  availableBytes: z.number(),
  inodes: z.number(),
  inodesUsed: z.number(),
})
/** `left` counts what was over the bound and is not listed. */
export const Disks = z.strictObject({ items: z.array(known(Disk)), left: z.int() })

export const KnownLoad = known(Load)
export const KnownMemory = known(Memory)
export const KnownPressure = z.strictObject({ cpu: known(Pressure), memory: known(Pressure), io: known(Pressure) })
export const KnownDisks = known(Disks)
export const KnownUptime = known(z.strictObject({ seconds: z.number() }))

/** Percent of all processors together, over the time between two readings. */
export const CpuUse = z.strictObject({
  cores: z.int(),
  busy: z.number(),
  user: z.number(),
  system: z.number(),
  iowait: z.number(),
  steal: z.number(),
})

/** The host as it was last measured. `stale` where the newest attempt failed; `trouble` says how. */
export const Metrics = z.strictObject({
  asOf: Instant,
  freshness: z.enum(['live', 'stale']),
  trouble: z.string().nullable(),
  everySec: z.int(),
  uptime: KnownUptime,
  cpu: known(CpuUse),
  load: KnownLoad,
  memory: KnownMemory,
  limit: Limit,
  pressure: KnownPressure,
  disks: KnownDisks,
})
export type Metrics = z.infer<typeof Metrics>

import { z } from 'zod'
import { ContainerRef, Instant } from '../shapes.ts'

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
const Process = z.strictObject({
  pid: z.int(),
  name: z.string(),
  user: z.string(),
  /** Over the last seconds; null while it is new. */
  cores: z.number().nullable(),
  memoryBytes: z.number(),
})
/** The few that use most: name, pid and owner, never arguments. */
export const KnownProcesses = known(z.strictObject({ count: z.int(), busiest: z.array(Process), largest: z.array(Process), left: z.int() }))
export const KnownTemperatures = known(z.strictObject({ items: z.array(z.strictObject({ name: z.string(), celsius: z.number() })) }))
/** `physical` has a device behind it. */
export const InterfaceKind = z.enum(['physical', 'virtual', 'loopback'])
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

const PerSec = z.number().nullable()
/** Bytes a second since the reading before; null while there is only one. The sums are over what leads out of the machine. */
const NetworkUse = z.strictObject({
  items: z.array(
    z.strictObject({
      name: z.string(),
      kind: InterfaceKind,
      receivedPerSec: PerSec,
      sentPerSec: PerSec,
      errors: z.number(),
      dropped: z.number(),
    }),
  ),
  left: z.int(),
  receivedPerSec: PerSec,
  sentPerSec: PerSec,
})
/** From the files of its cgroup. `name` is the first characters of the id where docker-proxy does not tell one. */
export const ContainerUse = z.strictObject({
  id: z.string(),
  name: ContainerRef,
  cores: z.number().nullable(),
  memoryBytes: z.number().nullable(),
  memoryLimitBytes: z.number().nullable(),
  readPerSec: PerSec,
  writtenPerSec: PerSec,
})
export type ContainerUse = z.infer<typeof ContainerUse>

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
  network: known(NetworkUse),
  temperatures: KnownTemperatures,
  processes: KnownProcesses,
  /** Busiest first. `version` is that of the cgroups. */
  containers: known(z.strictObject({ version: z.int(), items: z.array(ContainerUse), left: z.int() })),
})
export type Metrics = z.infer<typeof Metrics>

/** What containers use at this moment, busiest first. `stale` where the newest attempt failed; `trouble` says how. */
export const LiveUse = z.strictObject({
  asOf: Instant,
  freshness: z.enum(['live', 'stale']),
  trouble: z.string().nullable(),
  everySec: z.int(),
  /** Of the machine, for containers without a limit of their own. */
  memoryTotalBytes: z.number().nullable(),
  containers: known(
    z.strictObject({
      items: z.array(ContainerUse.pick({ id: true, cores: true, memoryBytes: true, memoryLimitBytes: true })),
      left: z.int(),
    }),
  ),
})
export type LiveUse = z.infer<typeof LiveUse>
/** Cores that each container used over the last minutes, oldest first; null where nothing was measured. */
export const RecentUse = z.strictObject({
  stepSec: z.int(),
  items: z.array(z.strictObject({ id: z.string(), cores: z.array(z.number().nullable()) })),
})
export type RecentUse = z.infer<typeof RecentUse>

export const MetricRange = z.enum(['1h', '6h', '24h', '7d', '30d', '90d'])
export type MetricRange = z.infer<typeof MetricRange>
/** `containers` is those that used most, coarsely, or with a name all of that one; `console` is how long its own APIs took, in milliseconds. */
export const MetricSeries = z.enum(['cpu', 'memory', 'disk', 'network', 'load', 'pressure', 'temperature', 'containers', 'console'])
export type MetricSeries = z.infer<typeof MetricSeries>

/** A value a bucket; null where nothing was measured, so that gaps stay gaps. Percent, bytes, bytes a second, cores or degrees Celsius. */
const Values = z.array(z.number().nullable())
export const MetricHistory = z.strictObject({
  range: MetricRange,
  stepSec: z.int(),
  /** Start of each bucket, seconds since 1970, oldest first. */
  at: z.array(z.int()),
  lines: z.array(
    z.strictObject({ name: z.string(), what: z.enum(['value', 'cores', 'memory', 'read', 'written']), mean: Values, max: Values }),
  ),
  /** How many there are, where only those that used most are answered. */
  total: z.int(),
})
export type MetricHistory = z.infer<typeof MetricHistory>

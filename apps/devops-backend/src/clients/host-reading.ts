import { Instant } from '@console/contracts/shapes'
import { KnownDisks, KnownLoad, KnownMemory, KnownPressure, KnownUptime, Limit, Unknown } from '@console/contracts/system/schemas'
import { z } from 'zod'

const CpuSeconds = z.object({
  user: z.number(),
  nice: z.number(),
  system: z.number(),
  idle: z.number(),
  iowait: z.number(),
  irq: z.number(),
  softirq: z.number(),
  steal: z.number(),
})
export type CpuSeconds = z.infer<typeof CpuSeconds>

/** One look at the machine, as host-agent answers it: counters stand as they are, and rates are made of two of them here. */
export const HostReading = z.object({
  at: Instant,
  atMs: z.number(),
  uptime: KnownUptime,
  cpu: z.union([z.object({ cores: z.int().min(1), seconds: CpuSeconds }), Unknown]),
  load: KnownLoad,
  memory: KnownMemory,
  limit: Limit,
  pressure: KnownPressure,
  disks: KnownDisks,
})
export type HostReading = z.infer<typeof HostReading>

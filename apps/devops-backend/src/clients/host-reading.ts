import { Instant } from '@console/contracts/shapes'
import {
  InterfaceKind,
  KnownDisks,
  KnownLoad,
  KnownMemory,
  KnownPressure,
  KnownProcesses,
  KnownTemperatures,
  KnownUptime,
  Limit,
  Unknown,
} from '@console/contracts/system/schemas'
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

const Network = z.object({
  items: z.array(
    z.object({
      name: z.string(),
      kind: InterfaceKind,
      receivedBytes: z.number(),
      sentBytes: z.number(),
      errors: z.number(),
      dropped: z.number(),
    }),
  ),
  left: z.int(),
})
const Containers = z.object({
  version: z.int(),
  items: z.array(
    z.object({
      id: z.string().regex(/^[0-9a-f]{64}$/),
      cpuSec: z.number().nullable(),
      memoryBytes: z.number().nullable(),
      memoryLimitBytes: z.number().nullable(),
      readBytes: z.number().nullable(),
      writtenBytes: z.number().nullable(),
    }),
  ),
  left: z.int(),
})

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
  network: z.union([Network, Unknown]),
  temperatures: KnownTemperatures,
  processes: KnownProcesses,
  containers: z.union([Containers, Unknown]),
})
export type HostReading = z.infer<typeof HostReading>
/** The containers of such a look alone. */
export const ContainerReading = HostReading.pick({ at: true, atMs: true, containers: true })
export type ContainerReading = z.infer<typeof ContainerReading>

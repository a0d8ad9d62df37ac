import { Instant } from '@console/contracts/shapes'
import { PassedOver, ShownCommand } from '@console/contracts/vm/schedule-schemas'
import { z } from 'zod'

const Record = z.object({ startedAt: Instant, endedAt: Instant.nullable(), exitCode: z.int().nullable(), running: z.boolean() })
export const HostJob = z.object({
  source: z.string(),
  line: z.int(),
  by: z.enum(['cron', 'run-parts', 'anacron']),
  schedule: z.string(),
  account: z.string(),
  name: z.string(),
  command: ShownCommand,
  recorded: z.boolean(),
  last: Record.nullable(),
})
export type HostJob = z.infer<typeof HostJob>
export const HostTimer = z.object({
  manager: z.enum(['system', 'user']),
  account: z.string(),
  timer: z.string(),
  unit: z.string(),
  description: z.string(),
  schedule: z.array(z.string()),
  active: z.boolean(),
  enabled: z.string(),
  lastAt: Instant.nullable(),
  nextAt: Instant.nullable(),
  command: ShownCommand,
  result: z.string(),
  exitCode: z.int().nullable(),
  startedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
  running: z.boolean(),
})
export type HostTimer = z.infer<typeof HostTimer>

/** What host-agent tells of schedules: expressions as they stand, since it has no library that reads them. */
export const HostSchedules = z.object({
  at: Instant,
  timeZone: z.string(),
  jobs: z.array(HostJob),
  timers: z.array(HostTimer),
  passedOver: z.array(PassedOver),
  left: z.int(),
})
export type HostSchedules = z.infer<typeof HostSchedules>

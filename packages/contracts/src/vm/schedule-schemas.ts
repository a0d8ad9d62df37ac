import { z } from 'zod'
import { Instant } from '../shapes.ts'

/** A command as it may be shown: secrets covered, and cut where it is endless. */
export const ShownCommand = z.strictObject({ text: z.string(), masked: z.int().min(0), cut: z.boolean() })

/** What went last, and what is to be thought of it. `not-recorded` where nobody writes down how it ends; `never` where it is, and nothing is there yet. */
export const JobState = z.enum(['failed', 'interrupted', 'late', 'running', 'ok', 'never', 'not-recorded', 'off'])
export type JobState = z.infer<typeof JobState>

/** Something that the machine does by itself: a line of a crontab, a program of run-parts, or a timer. */
export const ScheduledJob = z.strictObject({
  id: z.string(),
  kind: z.enum(['cron', 'run-parts', 'anacron', 'timer']),
  name: z.string(),
  account: z.string(),
  /** The file, or which systemd; with its line where it is one. */
  source: z.string(),
  line: z.int().nullable(),
  /** As it is written there. */
  schedule: z.string(),
  command: ShownCommand,
  state: JobState,
  exitCode: z.int().nullable(),
  /** systemd's own word, where it ended otherwise than by its exit code. */
  result: z.string(),
  lastAt: Instant.nullable(),
  endedAt: Instant.nullable(),
  /** Null where nothing says: after a reboot, by anacron, when it is off, or where its time is not understood. */
  nextAt: Instant.nullable(),
})
export type ScheduledJob = z.infer<typeof ScheduledJob>

/** A file or a line that cron passes over or that cannot be read, and why. */
export const PassedOver = z.strictObject({ source: z.string(), line: z.int().nullable(), why: z.string() })

/** What the machine does by itself, the worst first. Hours of crontabs are those of `timeZone`. */
export const VmSchedules = z.strictObject({
  at: Instant,
  timeZone: z.string(),
  jobs: z.array(ScheduledJob),
  passedOver: z.array(PassedOver),
  left: z.int().min(0),
})
export type VmSchedules = z.infer<typeof VmSchedules>

/** A unit as systemd tells it; null stands for what it does not tell. */
export const VmUnit = z.strictObject({
  manager: z.enum(['system', 'user']),
  account: z.string(),
  unit: z.string(),
  description: z.string(),
  active: z.string(),
  sub: z.string(),
  enabled: z.string(),
  since: Instant.nullable(),
  restarts: z.int().min(0).nullable(),
  result: z.string(),
  exitCode: z.int().nullable(),
  signal: z.int().nullable(),
  endedAt: Instant.nullable(),
  memoryBytes: z.int().min(0).nullable(),
})
export type VmUnit = z.infer<typeof VmUnit>

/** The services that a host of the console stands on, and whatever failed; the worst first. */
export const VmUnits = z.strictObject({ at: Instant, units: z.array(VmUnit), passedOver: z.array(PassedOver), left: z.int().min(0) })
export type VmUnits = z.infer<typeof VmUnits>

import { z } from 'zod'
import { Instant } from '../shapes.ts'

const Count = z.int().min(0)
export const InstanceId = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'the id of an instance, such as vm')

/** Why something of an agent is not known. */
export const HermesReason = z.enum([
  'not_installed',
  'not_initialised',
  'permission',
  'link',
  'outside',
  'not_a_file',
  'too_big',
  'damaged',
  'schema',
  'busy',
  'timeout',
  'needs_root',
  'no_such_user',
  'cannot_start',
  'bad_output',
  'no_bus',
])
export type HermesReason = z.infer<typeof HermesReason>
const reason = HermesReason.nullable()

/** The unit that runs an agent, as its manager sees it. `loaded` is false where the manager knows no such unit. */
export const HermesUnit = z.strictObject({
  status: z.enum(['up', 'unknown']),
  reason,
  name: z.string(),
  scope: z.enum(['user', 'system']),
  loaded: z.boolean(),
  active: z.string().nullable(),
  sub: z.string().nullable(),
  enabled: z.string().nullable(),
  since: Instant.nullable(),
  restarts: Count.nullable(),
  result: z.string().nullable(),
  lastExit: Count.nullable(),
})

/** The process of an agent's gateway, if it lives. */
export const HermesProcess = z.strictObject({
  alive: z.boolean(),
  pid: Count.nullable(),
  startedAt: Instant.nullable(),
  memoryBytes: Count.nullable(),
  cpuSec: Count.nullable(),
})

/** What the gateway last wrote about itself; it outlives the process. */
export const HermesGateway = z.strictObject({
  status: z.enum(['up', 'unknown']),
  reason,
  state: z.string().nullable(),
  pid: Count.nullable(),
  updatedAt: Instant.nullable(),
  activeAgents: Count.nullable(),
  platforms: z.array(
    z.strictObject({
      name: z.string(),
      state: z.string(),
      errorCode: z.string().nullable(),
      updatedAt: Instant.nullable(),
      needsAttention: z.boolean(),
    }),
  ),
})

/** Where an agent backs itself up to; `none` where nothing is set up, which is not stale. Newest commit first. */
export const HermesBackup = z.strictObject({
  status: z.enum(['up', 'unknown', 'none']),
  reason,
  changedFiles: Count.nullable(),
  ahead: Count.nullable(),
  sizeBytes: Count.nullable(),
  commits: z.array(z.strictObject({ hash: z.string(), at: Instant, subject: z.string() })),
})

export const HermesInstance = z.strictObject({
  id: InstanceId,
  label: z.string(),
  user: z.string(),
  health: z.enum(['healthy', 'unhealthy', 'unknown']),
  /** Why nothing is known of its home. */
  reason,
  unit: HermesUnit,
  process: HermesProcess,
  /** Whether its health address answers; null where none is set up. */
  answers: z.boolean().nullable(),
  gateway: HermesGateway,
  disk: z
    .strictObject({
      totalBytes: Count,
      parts: z.array(z.strictObject({ name: z.string(), bytes: Count })),
      cut: z.boolean(),
    })
    .nullable(),
  /** By how much its home grew since the oldest look that is remembered, at most a day. */
  growth: z.strictObject({ bytes: z.int(), since: Instant }).nullable(),
  backup: HermesBackup,
})
export type HermesInstance = z.infer<typeof HermesInstance>

export const HermesWarning = z.strictObject({
  id: z.string(),
  instance: InstanceId,
  severity: z.enum(['bad', 'warn', 'info']),
  title: z.string(),
  cause: z.string(),
  advice: z.string(),
})
export type HermesWarning = z.infer<typeof HermesWarning>

/** The last snapshot of all agents of this host. */
export const HermesOps = z.strictObject({
  generatedAt: Instant,
  /** False where host-agent does not run as root, so that it sees its own account's instance only. */
  canChangeUser: z.boolean(),
  host: z.strictObject({
    tailscale: z.string().nullable(),
    watchdog: z.strictObject({
      state: z.enum(['there', 'missing', 'refused']),
      changedAt: Instant.nullable(),
      lastLine: z.string().nullable(),
    }),
  }),
  instances: z.array(HermesInstance),
  warnings: z.array(HermesWarning),
})
export type HermesOps = z.infer<typeof HermesOps>

const sectionOf = <T extends z.ZodType>(item: T) =>
  z
    .strictObject({
      status: z.enum(['up', 'unknown']),
      source: z.enum(['sqlite', 'file']),
      reason,
      items: z.array(item),
      total: Count,
      truncated: z.boolean(),
      durationMs: Count,
    })
    .nullable()

export const HermesSession = z.strictObject({
  id: z.string(),
  title: z.string().nullable(),
  source: z.string(),
  model: z.string().nullable(),
  messages: Count.nullable(),
  startedAt: Instant.nullable(),
  lastActivityAt: Instant.nullable(),
  ended: z.boolean(),
})
export type HermesSession = z.infer<typeof HermesSession>

export const HermesJob = z.strictObject({
  id: z.string(),
  name: z.string(),
  schedule: z.string().nullable(),
  state: z.enum(['scheduled', 'paused', 'completed', 'error']),
  lastRunAt: Instant.nullable(),
  lastStatus: z.string().nullable(),
  lastError: z.string().nullable(),
  lastDeliveryError: z.string().nullable(),
  nextRunAt: Instant.nullable(),
  failureStreak: Count.nullable(),
  delivers: z.string().nullable(),
  runs: z.strictObject({ completed: Count, failed: Count }).nullable(),
})
export type HermesJob = z.infer<typeof HermesJob>

/** An entry of memory by its measure; what it says is not read. */
export const HermesMemoryEntry = z.strictObject({ file: z.literal('MEMORY.md'), entry: Count, characters: Count, lines: Count })
export type HermesMemoryEntry = z.infer<typeof HermesMemoryEntry>

export const HermesSkill = z.strictObject({
  name: z.string(),
  category: z.string().nullable(),
  description: z.string().nullable(),
  version: z.string().nullable(),
  provenance: z.enum(['hub', 'bundled', 'local']),
  disabled: z.boolean(),
  uses: Count.nullable(),
  lastUsedAt: Instant.nullable(),
  reason,
})
export type HermesSkill = z.infer<typeof HermesSkill>

/** What one agent knows and does, read from its files. Each part is null where `reason` says why nothing of the home is known. */
export const HermesTelemetry = z.strictObject({
  instance: InstanceId,
  label: z.string(),
  generatedAt: Instant,
  reason,
  sessions: sectionOf(HermesSession),
  cron: sectionOf(HermesJob),
  ticker: z.strictObject({ heartbeatAt: Instant.nullable(), successAt: Instant.nullable() }).nullable(),
  memory: sectionOf(HermesMemoryEntry),
  memoryFacts: z
    .strictObject({
      usedCharacters: Count.nullable(),
      limitCharacters: Count,
      externalProvider: z.string().nullable(),
      userFile: z.boolean().nullable(),
    })
    .nullable(),
  /** Whether the host opens to admins what memory says. */
  memoryBodies: z.boolean(),
  skills: sectionOf(HermesSkill),
})
export type HermesTelemetry = z.infer<typeof HermesTelemetry>

const Bodies = sectionOf(z.strictObject({ entry: Count, text: z.string() }))
/** What one agent remembers (`MEMORY.md`) and knows of its person (`USER.md`), word for word as it was read just now. */
export const HermesMemory = z.strictObject({
  instance: InstanceId,
  label: z.string(),
  generatedAt: Instant,
  reason,
  memory: Bodies,
  user: Bodies,
})
export type HermesMemory = z.infer<typeof HermesMemory>

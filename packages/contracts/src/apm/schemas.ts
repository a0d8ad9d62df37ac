import { z } from 'zod'
import { Instant } from '../shapes.ts'

/** The services whose APIs are measured, each a process of its own. */
export const MeasuredService = z.enum(['devops-backend', 'platform-service'])
export type MeasuredService = z.infer<typeof MeasuredService>

/** All processes of the console that tell what they use: the daemons have no API of their own, and are asked for it. */
export const MeasuredProcess = z.enum([...MeasuredService.options, 'docker-proxy', 'host-agent'])
export type MeasuredProcess = z.infer<typeof MeasuredProcess>

/** Upper bounds of the steps in which the time of a request is counted, in seconds; what took longer is the step after the last. */
export const stepSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const

const Count = z.int().min(0)
/** What was asked of one action since the process started. `action` is an id of the registry, or `none` for what met no action. */
export const ActionFigures = z.strictObject({
  action: z.string(),
  /** By the class of the answer's status: up to 399, 4xx, 5xx. */
  done: Count,
  refused: Count,
  failed: Count,
  /** Of the requests that do not stay open, how many ended within each step; one longer than `stepSeconds`. */
  steps: z.array(Count).length(stepSeconds.length + 1),
})
export type ActionFigures = z.infer<typeof ActionFigures>

export const ProcessFigures = z.strictObject({
  upSec: z.number(),
  /** Time of a processor that it used since its start. */
  cpuSec: z.number(),
  memoryBytes: z.int(),
  heapBytes: z.int(),
  /** How late the event loop came, since this was read last; null where it was not measured yet. */
  lagMs: z.strictObject({ p50: z.number(), p99: z.number(), max: z.number() }).nullable(),
})
export type ProcessFigures = z.infer<typeof ProcessFigures>

/** What a process tells of itself. `startedAtMs` tells one start from the next. */
export const SelfFigures = z.strictObject({ startedAtMs: z.int(), process: ProcessFigures })
export type SelfFigures = z.infer<typeof SelfFigures>
/** The same, and what a service counts of its requests. */
export const ServiceFigures = SelfFigures.extend({ actions: z.array(ActionFigures) })
export type ServiceFigures = z.infer<typeof ServiceFigures>

export const ApmWindow = z.enum(['5m', '15m', '1h'])
export type ApmWindow = z.infer<typeof ApmWindow>

/** Milliseconds, estimated within the step that holds them; null where nothing was asked, or where requests stay open. */
const Quantiles = z.strictObject({ p50Ms: z.number().nullable(), p95Ms: z.number().nullable(), p99Ms: z.number().nullable() })
const Rates = z.strictObject({ requests: Count, perMinute: z.number(), refused: Count, failed: Count }).extend(Quantiles.shape)
export const ActionMeasure = Rates.extend({ service: MeasuredService, action: z.string() })
export type ActionMeasure = z.infer<typeof ActionMeasure>

/** How the console itself did over the last minutes. */
export const Apm = z.strictObject({
  asOf: Instant,
  window: ApmWindow,
  /** How much of the window was measured: less after a start. */
  coveredSec: z.number(),
  total: Rates,
  /** Slowest first. */
  actions: z.array(ActionMeasure),
  processes: z.array(
    z.union([
      ProcessFigures.omit({ cpuSec: true }).extend({ service: MeasuredProcess, cores: z.number().nullable() }),
      z.strictObject({ service: MeasuredProcess, unknown: z.string() }),
    ]),
  ),
})
export type Apm = z.infer<typeof Apm>

import type {
  ActionFigures,
  Apm,
  ApmWindow,
  MeasuredProcess,
  MeasuredService,
  SelfFigures,
  ServiceFigures,
} from '@console/contracts/apm/schemas'
import { daemonText } from './daemon-text.ts'
import { followProcesses } from './follow-processes.ts'
import { joinMetrics } from './join-metrics.ts'
import { measuresOf, quantileMs, ratesOf, since, summed, together } from './sum-figures.ts'

/** A service that counts its requests: this one, or platform-service over its API. */
type Counting = {
  readonly service: MeasuredService
  readonly figures: () => Promise<ServiceFigures>
  readonly text: () => Promise<string>
}
/** A daemon, which has no API that could be counted. */
type Daemon = { readonly service: Exclude<MeasuredProcess, MeasuredService>; readonly figures: () => Promise<SelfFigures> }
/** Of all requests of one interval, over both services: milliseconds. */
export type Latency = { readonly p50: number | null; readonly p95: number | null; readonly p99: number | null }
export type ConsoleWatchDeps = {
  readonly services: readonly Counting[]
  readonly daemons: readonly Daemon[]
  readonly keep: (atMs: number, latency: Latency) => void
  readonly now: () => number
  readonly log: (message: string, error?: unknown) => void
  readonly everyMs?: number
}
export type ConsoleWatch = {
  figures(window: ApmWindow): Promise<Apm>
  /** In the text format of Prometheus; a process that is away is left out, and `console_service_up` says so. */
  metrics(): AsyncIterable<string>
  /** Reads both and keeps how long requests took, as it does by itself every ten seconds. */
  tick(): Promise<void>
  stop(): Promise<void>
}

const usualEveryMs = 10_000
/** Whoever reads gets figures no older than this. */
const freshMs = 1_000
const windowsMs: Readonly<Record<ApmWindow, number>> = { '5m': 300_000, '15m': 900_000, '1h': 3_600_000 }

type Interval = { readonly fromMs: number; readonly toMs: number; readonly service: MeasuredService; readonly actions: ActionFigures[] }
/**
 * Reads what the services count and what all processes use every ten seconds, and holds what each interval added for an hour. Counts of a service that
 * was away come with the next reading, since it goes on counting; after a start of its own it counts from nothing.
 */
export function watchConsole({ services, daemons, keep, now, log, everyMs = usualEveryMs }: ConsoleWatchDeps): ConsoleWatch {
  const startedMs = now()
  let lookedMs = startedMs
  let intervals: Interval[] = []
  let unkept: ActionFigures[] = []
  const counts = new Map<MeasuredService, readonly ActionFigures[]>()
  const processes = followProcesses({ now, log })
  let running: Promise<void> | null = null

  const read = async ({ service, figures: ask }: Counting): Promise<ActionFigures[]> => {
    const looked = await processes.look(service, ask)
    if (!looked) return []
    const { atMs, figures, beforeMs, same } = looked
    // What was counted before this program started is not of its window.
    const strange = beforeMs === null && service !== 'devops-backend'
    const actions = strange ? [] : since(same ? (counts.get(service) ?? null) : null, figures.actions)
    counts.set(service, figures.actions)
    intervals.push({ fromMs: beforeMs ?? startedMs, toMs: atMs, service, actions })
    return actions
  }
  const lookNow = async (): Promise<void> => {
    lookedMs = now()
    const others = Promise.all(daemons.map(({ service, figures }) => processes.look(service, figures)))
    unkept.push(...(await Promise.all(services.map(read))).flat())
    await others
    const oldest = now() - windowsMs['1h']
    intervals = intervals.filter(({ toMs }) => toMs > oldest)
  }
  const look = (): Promise<void> => {
    running ??= lookNow().finally(() => {
      running = null
    })
    return running
  }
  const tick = async (): Promise<void> => {
    await look()
    const { steps } = together(unkept)
    unkept = []
    const [p50 = null, p95 = null, p99 = null] = [0.5, 0.95, 0.99].map((share) => quantileMs(steps, share))
    if (p50 === null) return
    try {
      keep(now(), { p50, p95, p99 })
    } catch (error) {
      log('how long the console took could not be kept', error)
    }
  }
  const timer = setInterval(() => void tick(), everyMs)
  void look()

  return {
    tick,
    async figures(window) {
      if (processes.newestMs() === null || now() - lookedMs >= freshMs) await look()
      const nowMs = now()
      const inside = intervals.filter(({ toMs }) => toMs > nowMs - windowsMs[window])
      const coveredSec = Math.max(0, ...services.map(({ service }) => coveredBy(inside.filter((one) => one.service === service))))
      const actions = services.flatMap(({ service }) =>
        measuresOf(service, summed(inside.flatMap((one) => (one.service === service ? one.actions : []))), coveredSec),
      )
      return {
        asOf: new Date(Math.max(startedMs, processes.newestMs() ?? startedMs)).toISOString(),
        window,
        coveredSec,
        total: ratesOf(together(inside.flatMap((one) => one.actions)), coveredSec),
        actions: actions.sort((a, b) => (b.p95Ms ?? -1) - (a.p95Ms ?? -1) || b.requests - a.requests),
        processes: [...services, ...daemons].map(({ service }) => processes.told(service)),
      }
    },
    async *metrics() {
      const texts = await Promise.all(
        [...services, ...daemons.map(textOf)].map(async ({ service, text }) => {
          const told = await text().catch(() => null)
          return { service, text: told ?? '', up: told !== null }
        }),
      )
      yield joinMetrics(texts)
    },
    async stop() {
      clearInterval(timer)
      await running
    },
  }
}

const coveredBy = (intervals: readonly Interval[]): number => intervals.reduce((sum, { fromMs, toMs }) => sum + (toMs - fromMs), 0) / 1_000

function textOf({ service, figures }: Daemon) {
  return { service, text: async () => daemonText(service, await figures()) }
}

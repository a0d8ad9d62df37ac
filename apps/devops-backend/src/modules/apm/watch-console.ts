import type { ActionFigures, Apm, ApmWindow, MeasuredService, ServiceFigures } from '@console/contracts/apm/schemas'
import { joinMetrics } from './join-metrics.ts'
import { measuresOf, quantileMs, ratesOf, since, summed, together } from './sum-figures.ts'

/** A service that counts its requests: this one, or platform-service over its API. */
type Counting = {
  readonly service: MeasuredService
  readonly figures: () => Promise<ServiceFigures>
  readonly text: () => Promise<string>
}
/** Of all requests of one interval, over both services: milliseconds. */
export type Latency = { readonly p50: number | null; readonly p95: number | null; readonly p99: number | null }
export type ConsoleWatchDeps = {
  readonly services: readonly Counting[]
  readonly keep: (atMs: number, latency: Latency) => void
  readonly now: () => number
  readonly log: (message: string, error?: unknown) => void
  readonly everyMs?: number
}
export type ConsoleWatch = {
  figures(window: ApmWindow): Promise<Apm>
  /** In the text format of Prometheus; a service that is away is left out, and `console_service_up` says so. */
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
type Seen = { readonly atMs: number; readonly figures: ServiceFigures; readonly cores: number | null }

/**
 * Reads what the services count of themselves every ten seconds, and holds what each interval added for an hour. Counts of a service that
 * was away come with the next reading, since it goes on counting; after a start of its own it counts from nothing.
 */
export function watchConsole({ services, keep, now, log, everyMs = usualEveryMs }: ConsoleWatchDeps): ConsoleWatch {
  const startedMs = now()
  let lookedMs = startedMs
  let intervals: Interval[] = []
  let unkept: ActionFigures[] = []
  const seen = new Map<MeasuredService, Seen>()
  const away = new Map<MeasuredService, { readonly message: string; readonly missed: number }>()
  let running: Promise<void> | null = null

  const read = async ({ service, figures: ask }: Counting): Promise<ActionFigures[]> => {
    const before = seen.get(service) ?? null
    let figures: ServiceFigures
    try {
      figures = await ask()
    } catch (error) {
      const missed = (away.get(service)?.missed ?? 0) + 1
      // Parts that start together are not there at the first look.
      if (missed === (before ? 1 : 2)) log(`${service} does not tell its figures`, error)
      away.set(service, { message: (error as Error).message, missed })
      return []
    }
    away.delete(service)
    const atMs = now()
    const same = before !== null && before.figures.startedAtMs === figures.startedAtMs
    // What was counted before this program started is not of its window.
    const actions = before === null && service !== 'devops-backend' ? [] : since(same ? before.figures.actions : null, figures.actions)
    const passedSec = same ? (atMs - before.atMs) / 1_000 : 0
    const cores = same && passedSec > 0 ? (figures.process.cpuSec - before.figures.process.cpuSec) / passedSec : null
    seen.set(service, { atMs, figures, cores })
    intervals.push({ fromMs: before?.atMs ?? startedMs, toMs: atMs, service, actions })
    return actions
  }
  const lookNow = async (): Promise<void> => {
    lookedMs = now()
    unkept.push(...(await Promise.all(services.map(read))).flat())
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
      if (seen.size === 0 || now() - lookedMs >= freshMs) await look()
      const nowMs = now()
      const inside = intervals.filter(({ toMs }) => toMs > nowMs - windowsMs[window])
      const coveredSec = Math.max(0, ...services.map(({ service }) => coveredBy(inside.filter((one) => one.service === service))))
      const actions = services.flatMap(({ service }) =>
        measuresOf(service, summed(inside.flatMap((one) => (one.service === service ? one.actions : []))), coveredSec),
      )
      return {
        asOf: new Date(Math.max(startedMs, ...[...seen.values()].map(({ atMs }) => atMs))).toISOString(),
        window,
        coveredSec,
        total: ratesOf(together(inside.flatMap((one) => one.actions)), coveredSec),
        actions: actions.sort((a, b) => (b.p95Ms ?? -1) - (a.p95Ms ?? -1) || b.requests - a.requests),
        processes: services.map(({ service }) => processOf(service, seen.get(service), away.get(service)?.message)),
      }
    },
    async *metrics() {
      const texts = await Promise.all(
        services.map(async ({ service, text }) => {
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

function processOf(service: MeasuredService, last: Seen | undefined, trouble: string | undefined): Apm['processes'][number] {
  if (!last || trouble !== undefined) return { service, unknown: trouble ?? 'It was not asked yet.' }
  const { cpuSec: _, ...told } = last.figures.process
  return { service, cores: last.cores, ...told }
}

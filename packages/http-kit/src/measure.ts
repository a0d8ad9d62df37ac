import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Action } from '@console/contracts/action'
import { type ActionFigures, type ServiceFigures, stepSeconds } from '@console/contracts/apm/schemas'
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client'

export type Measure = {
  /** One request that ended. An action that is not declared counts as none: what is asked for makes no names here. */
  took(action: string | undefined, status: number, seconds: number): void
  /** What was counted since the start; the lag is since this was asked last. */
  figures(): Promise<ServiceFigures>
  /** The same, and what Node says of the process, in the text format of Prometheus. */
  text(): Promise<string>
  stop(): void
}

/** What asked for no action: a path that is none, a page of documentation, a look at the health. */
const none = 'none'
const lagEveryMs = 20
const nsPerMs = 1e6

/**
 * Counts requests by action and outcome, and their times in fixed steps. There is room for each declared action and one more, and no
 * request can make another: neither its path nor its method is ever a name.
 */
export function createMeasure(service: string, declared: readonly Action[]): Measure {
  const registry = new Registry()
  registry.setDefaultLabels({ service })
  const registers = [registry]
  const counted = new Counter({
    name: 'console_requests_total',
    help: 'Requests by action and outcome: done, refused (4xx), failed (5xx).',
    labelNames: ['action', 'outcome'],
    registers,
  })
  const timed = new Histogram({
    name: 'console_request_duration_seconds',
    help: 'Time from the head of a request to the end of its answer, without streams.',
    labelNames: ['action'],
    buckets: [...stepSeconds],
    registers,
  })
  const known = new Set<string>(declared.map(({ id }) => id))
  const streams = new Set<string>(declared.filter(({ success }) => success.stream).map(({ id }) => id))
  const startedAtMs = Math.round(performance.timeOrigin)
  const lag = monitorEventLoopDelay({ resolution: lagEveryMs })
  lag.enable()
  let tellsOfNode = false

  return {
    took(asked, status, seconds) {
      const action = asked !== undefined && known.has(asked) ? asked : none
      counted.inc({ action, outcome: status >= 500 ? 'failed' : status >= 400 ? 'refused' : 'done' })
      if (!streams.has(action)) timed.observe({ action }, seconds)
    },
    async figures() {
      const memory = process.memoryUsage()
      const cpu = process.cpuUsage()
      const lagMs = lag.count === 0 ? null : { p50: late(lag.percentile(50)), p99: late(lag.percentile(99)), max: late(lag.max) }
      lag.reset()
      return {
        startedAtMs,
        process: {
          upSec: process.uptime(),
          cpuSec: (cpu.user + cpu.system) / 1e6,
          memoryBytes: memory.rss,
          heapBytes: memory.heapUsed,
          lagMs,
        },
        actions: await actionsOf(counted, timed),
      }
    },
    text() {
      // Not before somebody asks: it watches each collection of garbage, and the event loop once more.
      if (!tellsOfNode) collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: lagEveryMs })
      tellsOfNode = true
      return registry.metrics()
    },
    stop() {
      lag.disable()
      registry.clear()
    },
  }
}

async function actionsOf(counted: Counter<'action' | 'outcome'>, timed: Histogram<'action'>): Promise<ActionFigures[]> {
  const found = new Map<string, ActionFigures>()
  const of = (action: unknown): ActionFigures => {
    const one = found.get(String(action)) ?? { action: String(action), done: 0, refused: 0, failed: 0, steps: [] }
    found.set(one.action, one)
    return one
  }
  for (const { labels, value } of (await counted.get()).values) of(labels.action)[labels.outcome as 'done' | 'refused' | 'failed'] = value
  // Each bucket of Prometheus holds those before it as well; the last, without a bound, is all.
  const bounds: readonly unknown[] = [...stepSeconds, '+Inf']
  for (const { metricName, labels, value } of (await timed.get()).values) {
    const { action, le } = labels as { action: string; le?: unknown }
    if (metricName?.endsWith('_bucket')) of(action).steps[bounds.indexOf(le)] = value
  }
  return [...found.values()].map((one) => ({ ...one, steps: bounds.map((_, at) => (one.steps[at] ?? 0) - (one.steps[at - 1] ?? 0)) }))
}

/** The monitor tells the time between two looks; what is beyond its own pause is late. */
function late(ns: number): number {
  return Math.round(Math.max(0, ns / nsPerMs - lagEveryMs) * 100) / 100
}

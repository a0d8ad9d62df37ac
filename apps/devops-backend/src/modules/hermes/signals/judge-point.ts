import type { SignalKind } from '@console/contracts/hermes/signal-schemas'
import type { RawPoint } from './raw-otlp.ts'
import { aheadMs, amountOf, idOf, keptMs, nameOf, type Signal } from './signal.ts'

/** How far a growing count had come when it was last told. */
export type Mark = readonly [id: number, startMs: number, count: number, sum: number, buckets: readonly number[]]
export type Judged = { readonly signals: readonly Signal[]; readonly mark: Mark | null }

const durations: Readonly<Record<string, SignalKind>> = {
  'gen_ai.invoke_agent.duration': 'turn',
  'gen_ai.client.operation.duration': 'llm',
  'gen_ai.execute_tool.duration': 'tool',
}

/**
 * What a point adds to what its stream told before: signals that stand for many, or a reason why it cannot be believed.
 * @param before the mark of the stream, by its id
 */
export function judgePoint(point: RawPoint, nowMs: number, before: (id: number) => Mark | undefined): Judged | string {
  if (point.form === null) return 'only sums and histograms with explicit bounds are taken'
  if (point.atMs > nowMs + aheadMs) return 'a point is of the future'
  if (point.atMs < nowMs - keptMs) return 'a point is older than 30 days'
  if (point.form === 'histogram' && point.buckets.length > 0 && point.buckets.length !== point.bounds.length + 1)
    return 'the buckets of a histogram do not fit its bounds'
  const stream = streamOf(point)
  const id = idOf('stream', stream)
  const last = point.cumulative ? before(id) : undefined
  const grown = growth(point, last)
  if (grown === null) return 'a point has no numbers that can be counted'
  return {
    signals: signalsOf(point, grown).map((signal, at) => ({
      ...signal,
      // What a growing count adds is told by its mark.
      id: point.cumulative ? null : idOf('point', stream, String(point.startMs), String(point.atMs), String(at)),
    })),
    mark: point.cumulative ? [id, point.startMs, point.count, point.sum, point.buckets] : null,
  }
}

function streamOf({ name, attributes, resource }: RawPoint): string {
  return JSON.stringify([name, [...attributes].sort(), [...resource].sort()])
}

type Grown = { readonly count: number; readonly sum: number; readonly buckets: readonly number[] }

/** A stream that began anew, or whose numbers went back, is counted from nothing. */
function growth({ startMs, count, sum, buckets }: RawPoint, last: Mark | undefined): Grown | null {
  if (amountOf(count) === null || amountOf(sum, 1e15) === null || buckets.some((one) => amountOf(one) === null)) return null
  const [, start, countBefore, sumBefore, bucketsBefore] = last ?? [0, startMs, 0, 0, []]
  if (start !== startMs || countBefore > count || sumBefore > sum || bucketsBefore.some((one, at) => one > (buckets[at] ?? 0)))
    return { count, sum, buckets }
  return { count: count - countBefore, sum: sum - sumBefore, buckets: buckets.map((one, at) => one - (bucketsBefore[at] ?? 0)) }
}

function signalsOf(point: RawPoint, { count, sum, buckets }: Grown): Omit<Signal, 'id'>[] {
  const { name, attributes, resource, bounds, atMs, unit } = point
  const error = nameOf(attributes.get('error.type'))
  const base = {
    source: 'metrics' as const,
    kind: durations[name] ?? ('llm' as const),
    agent: nameOf(attributes.get('gen_ai.agent.name')) ?? nameOf(resource.get('service.name')) ?? 'agent',
    model: nameOf(attributes.get('gen_ai.response.model')) ?? nameOf(attributes.get('gen_ai.request.model')),
    atMs: Math.round(atMs),
    durationMs: null,
    outcome: error === null ? ('ok' as const) : ('failed' as const),
    error,
    tokensIn: null,
    tokensOut: null,
    costUsd: null,
    count: 0,
  }
  if (Object.hasOwn(durations, name)) {
    const toMs = unit === 'ms' ? 1 : 1_000
    if (buckets.length === 0) return count > 0 ? [{ ...base, count, durationMs: null }] : []
    return buckets.flatMap((many, at) => (many > 0 ? [{ ...base, count: many, durationMs: middleOf(bounds, at) * toMs }] : []))
  }
  if (sum === 0) return []
  if (name === 'hermes.cost.usage') return [{ ...base, costUsd: sum }]
  return [attributes.get('gen_ai.token.type') === 'output' ? { ...base, tokensOut: sum } : { ...base, tokensIn: sum }]
}

/** Where in its bucket a value is thought to lie: the geometric middle; of the open last one its lower bound. */
function middleOf(bounds: readonly number[], at: number): number {
  const upper = bounds[at]
  const lower = bounds[at - 1]
  if (upper === undefined) return lower ?? 0
  return lower === undefined || lower <= 0 ? upper / 2 : Math.sqrt(lower * upper)
}

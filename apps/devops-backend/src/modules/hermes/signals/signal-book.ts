import type { InstanceSignals, SignalFigures, SignalKind, SignalSource, SignalWindow } from '@console/contracts/hermes/signal-schemas'
import type { Mark } from './judge-point.ts'
import { addLatency, type Latencies, mergeLatencies, quantileOf } from './latencies.ts'
import { keptMs, type Signal } from './signal.ts'

/** What an hour or a day of a series says. */
type Cell = {
  ok: number
  failed: number
  neither: number
  latencies: Latencies
  tokensIn: number | null
  tokensOut: number | null
  cost: number | null
}
type Series = {
  readonly source: SignalSource
  readonly kind: SignalKind
  readonly agent: string
  readonly model: string | null
  readonly hours: Map<number, Cell>
  readonly days: Map<number, Cell>
  okMs: number | null
  failedMs: number | null
  error: string | null
}
type Instance = { readonly series: Map<string, Series>; seenMs: number }

/** What was handed in at once. */
export type Batch = {
  readonly instance: string
  readonly keyId: string
  readonly atMs: number
  readonly signals: readonly Signal[]
  /** How far growing counts had come by then. */
  readonly marks?: readonly Mark[]
}
export type KeyUse = { readonly firstMs: number; readonly lastMs: number }

/** The sums of all signals: by the hour for two days, by the day for thirty. Bounded in series and in cells, whatever is sent. */
export type SignalBook = {
  add(batch: Batch): void
  useOf(keyId: string): KeyUse | null
  forgetKey(keyId: string): void
  tell(window: SignalWindow, nowMs: number): InstanceSignals[]
  /** Lets go of what is too old. */
  trim(nowMs: number): void
  /** As JSON, and back. */
  save(): unknown
  load(saved: unknown): void
}

const hourMs = 3_600_000
const dayMs = 86_400_000
const keptHours = 48
const mostSeries = 64
const spans: Readonly<Record<SignalWindow, { readonly tier: 'hours' | 'days'; readonly cells: number }>> = {
  '24h': { tier: 'hours', cells: 24 },
  '7d': { tier: 'days', cells: 7 },
  '30d': { tier: 'days', cells: 30 },
}
const bySource: readonly SignalSource[] = ['traces', 'webhooks', 'metrics']

export function createSignalBook(): SignalBook {
  const instances = new Map<string, Instance>()
  const keys = new Map<string, KeyUse>()
  const instanceOf = (id: string): Instance => {
    const known = instances.get(id)
    if (known) return known
    const fresh = { series: new Map(), seenMs: 0 }
    instances.set(id, fresh)
    return fresh
  }
  return {
    add({ instance, keyId, atMs, signals }) {
      const one = instanceOf(instance)
      one.seenMs = Math.max(one.seenMs, atMs)
      const used = keys.get(keyId)
      keys.set(keyId, { firstMs: used?.firstMs ?? atMs, lastMs: Math.max(used?.lastMs ?? 0, atMs) })
      for (const signal of signals) addSignal(one, signal, atMs)
    },
    useOf: (keyId) => keys.get(keyId) ?? null,
    forgetKey: (keyId) => void keys.delete(keyId),
    tell: (window, nowMs) => [...instances].map(([id, one]) => tellInstance(id, one, window, nowMs)),
    trim(nowMs) {
      for (const [id, { series, seenMs }] of instances) {
        for (const [key, { hours, days }] of series) {
          for (const hour of hours.keys()) if (hour <= Math.floor(nowMs / hourMs) - keptHours) hours.delete(hour)
          for (const day of days.keys()) if (day <= Math.floor(nowMs / dayMs) - 30) days.delete(day)
          if (days.size === 0) series.delete(key)
        }
        if (series.size === 0 && seenMs < nowMs - keptMs) instances.delete(id)
      }
    },
    save: () => ({
      v: 1,
      keys: [...keys],
      instances: [...instances].map(([id, { series, seenMs }]) => [
        id,
        seenMs,
        [...series.values()].map(({ hours, days, ...rest }) => ({ ...rest, hours: saved(hours), days: saved(days) })),
      ]),
    }),
    load(given) {
      const { keys: uses, instances: all } = given as Saved
      for (const [id, use] of uses) keys.set(id, use)
      for (const [id, seenMs, series] of all) {
        const one = instanceOf(id)
        one.seenMs = seenMs
        for (const { hours, days, ...rest } of series) one.series.set(keyOf(rest), { ...rest, hours: loaded(hours), days: loaded(days) })
      }
    },
  }
}

type SavedCell = Omit<Cell, 'latencies'> & { readonly latencies: [number, number][] }
type SavedSeries = Omit<Series, 'hours' | 'days'> & { readonly hours: [number, SavedCell][]; readonly days: [number, SavedCell][] }
type Saved = { readonly keys: [string, KeyUse][]; readonly instances: [string, number, SavedSeries[]][] }
const saved = (cells: Map<number, Cell>): [number, SavedCell][] =>
  [...cells].map(([at, cell]) => [at, { ...cell, latencies: [...cell.latencies] }])
const loaded = (cells: [number, SavedCell][]): Map<number, Cell> =>
  new Map(cells.map(([at, cell]) => [at, { ...cell, latencies: new Map(cell.latencies) }]))
const keyOf = ({ source, kind, agent, model }: Pick<Series, 'source' | 'kind' | 'agent' | 'model'>): string =>
  JSON.stringify([source, kind, agent, model])

function addSignal(one: Instance, signal: Signal, nowMs: number): void {
  const series = seriesOf(one, signal)
  const { atMs, outcome, error, count = 1 } = signal
  // What a clock that is ahead tells has happened by now.
  const at = Math.min(atMs, nowMs)
  if (at > nowMs - keptHours * hourMs) addTo(cellOf(series.hours, Math.floor(at / hourMs)), signal, count)
  addTo(cellOf(series.days, Math.floor(at / dayMs)), signal, count)
  if (count === 0) return
  if (outcome === 'ok') series.okMs = Math.max(series.okMs ?? 0, at)
  if (outcome === 'failed' && at >= (series.failedMs ?? 0)) {
    series.failedMs = at
    series.error = error
  }
}

/** Beyond the bound names are put together: who sends ever new ones gets one series more, and no more memory. */
function seriesOf({ series }: Instance, { source, kind, agent, model }: Signal): Series {
  const key = keyOf({ source, kind, agent, model })
  const known = series.get(key)
  if (known) return known
  const names = series.size < mostSeries ? { agent, model } : { agent: 'others', model: null }
  const others = series.get(keyOf({ source, kind, ...names }))
  if (others) return others
  const fresh: Series = { source, kind, ...names, hours: new Map(), days: new Map(), okMs: null, failedMs: null, error: null }
  series.set(keyOf(fresh), fresh)
  return fresh
}

function cellOf(cells: Map<number, Cell>, at: number): Cell {
  const known = cells.get(at)
  if (known) return known
  const fresh = { ok: 0, failed: 0, neither: 0, latencies: new Map(), tokensIn: null, tokensOut: null, cost: null }
  cells.set(at, fresh)
  return fresh
}

function addTo(cell: Cell, { outcome, durationMs, tokensIn, tokensOut, costUsd }: Signal, count: number): void {
  cell[outcome] += count
  if (durationMs !== null && count > 0) addLatency(cell.latencies, durationMs, count)
  cell.tokensIn = sum(cell.tokensIn, tokensIn)
  cell.tokensOut = sum(cell.tokensOut, tokensOut)
  cell.cost = sum(cell.cost, costUsd)
}

/** What nobody told stays untold. */
function sum(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : a + b
}

function tellInstance(id: string, { series, seenMs }: Instance, window: SignalWindow, nowMs: number): InstanceSignals {
  const { tier, cells } = spans[window]
  const from = Math.floor(nowMs / (tier === 'hours' ? hourMs : dayMs)) - cells + 1
  const parts = [...series.values()]
    .map((one) => ({ one, cells: [...one[tier]].filter(([at]) => at >= from).map(([, cell]) => cell) }))
    .filter((part) => part.cells.length > 0)
  const source = bySource.find((wanted) => parts.some(({ one }) => one.source === wanted)) ?? null
  const chosen = parts.filter(({ one }) => one.source === source)
  const turns = chosen.filter(({ one }) => one.kind === 'turn')
  const calls = chosen.filter(({ one }) => one.kind === 'llm')
  const felt = turns.length > 0 ? turns : calls
  // Tokens and cost stand with the calls of models where there are some; the turn above them repeats their sum.
  const paid = calls.length > 0 ? calls : turns
  const { tokensIn, tokensOut, costUsd } = figuresOf(paid)
  return {
    instance: id,
    source,
    lastSeenAt: seenMs === 0 ? null : instant(seenMs),
    health: felt.length === 0 ? null : { ...figuresOf(felt), tokensIn, tokensOut, costUsd },
    series: chosen
      .map((part) => ({ kind: part.one.kind, agent: part.one.agent, model: part.one.model, figures: figuresOf([part]) }))
      .sort((a, b) => b.figures.total - a.figures.total),
  }
}

function figuresOf(parts: readonly { readonly one: Series; readonly cells: readonly Cell[] }[]): SignalFigures {
  const all: Cell = { ok: 0, failed: 0, neither: 0, latencies: new Map(), tokensIn: null, tokensOut: null, cost: null }
  for (const cell of parts.flatMap(({ cells }) => cells)) {
    all.ok += cell.ok
    all.failed += cell.failed
    all.neither += cell.neither
    mergeLatencies(all.latencies, cell.latencies)
    all.tokensIn = sum(all.tokensIn, cell.tokensIn)
    all.tokensOut = sum(all.tokensOut, cell.tokensOut)
    all.cost = sum(all.cost, cell.cost)
  }
  const judged = all.ok + all.failed
  const newest = parts.map(({ one }) => one).sort((a, b) => (b.failedMs ?? 0) - (a.failedMs ?? 0))[0]
  const okMs = Math.max(...parts.map(({ one }) => one.okMs ?? 0), 0)
  return {
    total: judged + all.neither,
    failures: all.failed,
    failureRate: judged === 0 ? null : all.failed / judged,
    p50Ms: quantileOf(all.latencies, 0.5),
    p95Ms: quantileOf(all.latencies, 0.95),
    lastSuccessAt: okMs === 0 ? null : instant(okMs),
    lastFailureAt: newest?.failedMs ? instant(newest.failedMs) : null,
    lastError: newest?.failedMs ? newest.error : null,
    tokensIn: all.tokensIn === null ? null : Math.round(all.tokensIn),
    tokensOut: all.tokensOut === null ? null : Math.round(all.tokensOut),
    costUsd: all.cost,
  }
}

const instant = (ms: number): string => new Date(ms).toISOString()

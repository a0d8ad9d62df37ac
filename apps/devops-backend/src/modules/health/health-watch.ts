import type { HealthCheck, HealthState, HealthSummary, Measurement, ServiceHealth } from '@console/contracts/health/schemas'
import type { SampleFiles } from '@console/series/sample-files'
import type { Collection } from '@console/store/port'
import type { ServiceDoc, UptimeDoc } from '../../documents.ts'
import { byWorst, combine, type Judgement, judge, judgeAsked, unmeasured } from './judge-health.ts'
import { labelCheck } from './label-check.ts'
import { emptyDay, lastDays, percentile, uptimeOf } from './uptime.ts'

type HealthChange = {
  readonly service: ServiceDoc
  readonly before: HealthState
  readonly after: HealthState
  readonly at: string
  readonly cause: string
}
export type WatchDeps = {
  readonly services: () => Promise<ServiceDoc[]>
  /** @param admitted origins that an admin entered for the check's service */
  readonly measure: (check: HealthCheck, admitted?: readonly string[]) => Promise<Measurement>
  readonly samples: SampleFiles
  readonly uptime: Collection<UptimeDoc>
  readonly changed: (change: HealthChange) => Promise<void>
  readonly now: () => Date
  readonly log: (message: string, error?: unknown) => void
}
/** Measures every check of every service at its interval, and knows what each service is. */
export type HealthWatch = {
  stateOf(serviceId: string): { state: HealthState; since: string | null }
  list(days: number): { summary: HealthSummary; items: ServiceHealth[] }
  get(serviceId: string, days: number): ServiceHealth | null
  /** Measures every check of a service at once, out of its turn, and counts what it finds as `judgeAsked` says; by the check's id. */
  measureNow(serviceId: string): Promise<ReadonlyMap<string, Asked>>
  /** The services were changed: look at them now. */
  poke(): void
  stop(): Promise<void>
}

/** @property row how often in a row the check has passed by now, whoever asked; 0 once the check is another one */
type Asked = { readonly ok: boolean | null; readonly note: string; readonly row: number }

type Watched = {
  service: ServiceDoc
  state: HealthState
  since: string | null
  known: { state: HealthState; at: string } | null
  checks: Map<string, Checked>
  days: Map<string, UptimeDoc>
  dirty: boolean
  accountedMs: number
}
type Checked = {
  check: HealthCheck
  judgement: Judgement
  last: Measurement | null
  dueMs: number
  underWay: number
  /** How many measurements have begun, and which of them counted last: an older one says nothing any more. */
  begun: number
  counted: number
  latencies: number[]
}

const tickMs = 200
/** Uptime is counted in steps of a second. */
const accountedSec = 1
const saveMs = 60_000
const mostLatencies = 200
const mostAtOnce = 20
const partition = 'local'

export async function startHealthWatch(deps: WatchDeps): Promise<HealthWatch> {
  const watched = new Map<string, Watched>()
  let busy = 0
  let lastSave = deps.now().getTime()
  let measuredAt: string | null = null
  let stale = true
  let refreshing = Promise.resolve()

  const refresh = async (): Promise<void> => {
    const services = await deps.services()
    const names = new Set(services.map(({ name }) => name))
    for (const name of watched.keys()) if (!names.has(name)) watched.delete(name)
    for (const service of services) {
      const known = watched.get(service.name)
      if (known) adopt(known, service)
      else watched.set(service.name, await fresh(deps, service))
    }
  }

  /** One reads at a time; who waits for it knows of every change that was told before. */
  const upToDate = (): Promise<void> => {
    refreshing = refreshing
      .catch(() => undefined)
      .then(async () => {
        if (!stale) return
        stale = false
        await refresh().catch((error: unknown) => {
          stale = true
          throw error
        })
      })
    return refreshing
  }

  const settle = async (one: Watched): Promise<void> => {
    const before = one.state
    const after = combine([...one.checks.values()].map(({ judgement }) => judgement.state))
    if (after === before) return
    const at = deps.now().toISOString()
    if (before !== 'unknown') one.known = { state: before, at }
    one.state = after
    one.since = at
    const bad = [...one.checks.values()].find(({ judgement }) => judgement.state === after)
    const cause = bad ? `${labelCheck(bad.check)}: ${bad.last?.note ?? 'not measured'}` : 'no check'
    await deps.changed({ service: one.service, before, after, at, cause })
  }

  const stands = (one: Watched, checked: Checked): boolean =>
    watched.get(one.service.name) === one && one.checks.get(checked.check.id) === checked

  const record = (one: Watched, checked: Checked, result: Measurement): void => {
    checked.last = result
    measuredAt = result.at
    if (result.ok && result.latencyMs !== null) {
      checked.latencies.push(result.latencyMs)
      if (checked.latencies.length > mostLatencies) checked.latencies.shift()
    }
    deps.samples.append(one.service.name, {
      at: Date.parse(result.at),
      check: checked.check.id,
      ok: result.ok,
      latencyMs: result.latencyMs,
      note: result.note,
    })
  }

  const measureOne = async (one: Watched, checked: Checked, asked: boolean): Promise<Measurement> => {
    checked.begun += 1
    const nth = checked.begun
    checked.underWay += 1
    busy += 1
    try {
      const result = await deps.measure(checked.check, one.service.admittedOrigins)
      if (!stands(one, checked) || nth < checked.counted) return result
      checked.counted = nth
      checked.judgement = (asked ? judgeAsked : judge)(checked.judgement, result.ok, checked.check)
      if (!asked || result.ok) record(one, checked, result)
      await settle(one)
      return result
    } finally {
      checked.underWay -= 1
      busy -= 1
    }
  }

  const tick = async (): Promise<void> => {
    await upToDate().catch((error: unknown) => deps.log('services could not be read', error))
    const nowMs = deps.now().getTime()
    for (const one of watched.values()) {
      account(one, deps.now())
      for (const checked of one.checks.values()) {
        if (checked.underWay > 0 || checked.dueMs > nowMs || busy >= mostAtOnce) continue
        // From when it was due, not from when its turn came, so that measurements keep their distance; what was missed is not made up for.
        checked.dueMs = Math.max(checked.dueMs, nowMs - tickMs) + checked.check.intervalSec * 1_000
        void measureOne(one, checked, false).catch((error: unknown) => deps.log(`${one.service.name} could not be measured`, error))
      }
    }
    if (nowMs - lastSave >= saveMs) {
      lastSave = nowMs
      await save()
      deps.samples.trim()
    }
  }
  const save = async (): Promise<void> => {
    for (const one of watched.values())
      if (one.dirty) await saveDays(deps, one).catch((error: unknown) => deps.log('uptime could not be stored', error))
  }

  await tick()
  const timer = setInterval(() => void tick().catch((error: unknown) => deps.log('checks could not be looked after', error)), tickMs)
  return {
    stateOf(serviceId) {
      const one = watched.get(serviceId)
      return { state: one?.state ?? 'unknown', since: one?.since ?? null }
    },
    list(days) {
      const items = [...watched.values()].map((one) => viewOf(one, deps.now(), days))
      items.sort((a, b) =>
        byWorst({ state: a.state, since: a.since, name: a.serviceName }, { state: b.state, since: b.since, name: b.serviceName }),
      )
      const count = (state: HealthState): number => items.filter((item) => item.state === state).length
      return {
        summary: {
          up: count('up'),
          degraded: count('degraded'),
          down: count('down'),
          maintenance: count('maintenance'),
          unknown: count('unknown'),
          total: items.length,
          measuredAt,
        },
        items,
      }
    },
    get(serviceId, days) {
      const one = watched.get(serviceId)
      return one ? viewOf(one, deps.now(), days) : null
    },
    async measureNow(serviceId) {
      await upToDate()
      const one = watched.get(serviceId)
      if (!one) return new Map()
      const asked = [...one.checks.values()].map(async (checked) => {
        const { ok, note } = await measureOne(one, checked, true)
        return [checked.check.id, { ok, note, row: stands(one, checked) ? checked.judgement.hits : 0 }] as const
      })
      return new Map(await Promise.all(asked))
    },
    poke() {
      stale = true
    },
    async stop() {
      clearInterval(timer)
      await save()
    },
  }
}

function adopt(one: Watched, service: ServiceDoc): void {
  one.service = service
  const wanted = new Map(service.checks.map((check) => [check.id, check]))
  for (const id of one.checks.keys()) if (!wanted.has(id)) one.checks.delete(id)
  for (const [id, check] of wanted) {
    const known = one.checks.get(id)
    if (known && JSON.stringify(known.check) === JSON.stringify(check)) continue
    one.checks.set(id, { check, judgement: unmeasured, last: null, dueMs: 0, underWay: 0, begun: 0, counted: 0, latencies: [] })
  }
}

async function fresh({ uptime, now }: WatchDeps, service: ServiceDoc): Promise<Watched> {
  const { items } = await uptime.find(partition, {
    where: [{ f: 'serviceId', op: 'eq', v: service.name }],
    order: { f: 'day', dir: 'desc' },
    limit: 90,
  })
  const one: Watched = {
    service,
    state: 'unknown',
    since: null,
    known: null,
    checks: new Map(),
    days: new Map(items.map(({ doc }) => [doc.day, doc])),
    dirty: false,
    accountedMs: now().getTime(),
  }
  adopt(one, service)
  return one
}

/** Adds the time since the last look to the hour that runs. A gap (asleep, stopped) counts for nothing. */
function account(one: Watched, now: Date): void {
  const elapsed = (now.getTime() - one.accountedMs) / 1_000
  if (elapsed >= 0 && elapsed < accountedSec) return
  one.accountedMs = now.getTime()
  if (elapsed <= 0 || elapsed > 30 || one.checks.size === 0) return
  const day = now.toISOString().slice(0, 10)
  const doc = one.days.get(day) ?? emptyDay(one.service.name, day)
  one.days.set(day, doc)
  const hour = doc.hours[now.getUTCHours()]
  if (hour) hour[one.state] = Math.round((hour[one.state] + elapsed) * 1_000) / 1_000
  one.dirty = true
}

async function saveDays({ uptime }: WatchDeps, one: Watched): Promise<void> {
  const days = [...one.days.keys()].sort().slice(-2)
  for (const day of days) {
    const doc = one.days.get(day)
    if (!doc) continue
    const id = `${one.service.name}:${day}`
    const stored = await uptime.get(partition, id)
    if (stored) await uptime.replace(partition, id, doc, stored.etag)
    else await uptime.insert(partition, id, doc)
  }
  one.dirty = false
}

function viewOf(one: Watched, now: Date, days: number): ServiceHealth {
  const checks = [...one.checks.values()]
  const latencies = checks.flatMap((checked) => checked.latencies)
  const expiries = checks.flatMap(({ last }) => last?.tlsExpiresAt ?? []).sort()
  return {
    serviceId: one.service.name,
    serviceName: one.service.name,
    environment: one.service.environment,
    state: one.state,
    since: one.since,
    lastKnown: one.state === 'unknown' ? one.known : null,
    checks: checks.map(({ check, judgement, last }) => ({
      checkId: check.id,
      label: labelCheck(check),
      state: judgement.state,
      misses: judgement.misses,
      last,
    })),
    uptime: uptimeOf(one.days, now),
    latencyP50Ms: percentile(latencies, 0.5),
    latencyP95Ms: percentile(latencies, 0.95),
    tlsExpiresAt: expiries[0] ?? null,
    days: lastDays(one.days, now, days),
  }
}

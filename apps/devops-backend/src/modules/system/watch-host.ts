import type { Metrics } from '@console/contracts/system/schemas'
import { AppError } from '@console/http-kit/problem'
import type { HostReading } from '../../clients/host-reading.ts'
import { containersBetween, cpuBetween, type Names, networkBetween } from './make-rates.ts'

export type HostWatchDeps = {
  readonly measure: () => Promise<HostReading>
  /** Names of all containers by their ids, as docker-proxy knows them. */
  readonly names: () => Promise<Names>
  /** What was measured, once each time. */
  readonly keep: (metrics: Metrics) => void
  readonly log: (message: string, error?: unknown) => void
  readonly everyMs?: number
}
/** Measures the host again and again, and knows how it was last. */
export type HostWatch = {
  /** @throws AppError HOST_AGENT_AWAY where it was never measured */
  now(): Promise<Metrics>
  /** The newest look as host-agent answered it; null before the first. */
  reading(): HostReading | null
  stop(): Promise<void>
}

export const usualEveryMs = 10_000
/** Names are asked for when a container is new, and as often as this, since one can be given another name. */
const namesEvery = 6

/**
 * One sampler for all who look: host-agent is asked every ten seconds with the key of this service, whoever reads, and each reader gets
 * what was measured last. What is asked while the first measurement runs waits for it.
 */
export function watchHost({ measure, names: askNames, keep, log, everyMs = usualEveryMs }: HostWatchDeps): HostWatch {
  let before: HostReading | null = null
  let last: Metrics | null = null
  let trouble: Error | null = null
  let names: Names = new Map()
  let looks = 0
  let running: Promise<void> = Promise.resolve()
  let busy = false
  let lost = false

  const look = async (): Promise<void> => {
    let reading: HostReading
    try {
      reading = await measure()
    } catch (error) {
      if (!trouble) log('the host could not be measured', error)
      trouble = error as Error
      return
    }
    const fresh = 'items' in reading.containers && reading.containers.items.some(({ id }) => !names.has(id))
    // Where docker-proxy is away, the names that it told last are still right.
    if (fresh || looks % namesEvery === 0) names = await askNames().catch(() => names)
    looks += 1
    if (trouble) log('the host is measured again')
    trouble = null
    last = metricsOf({ before, reading, names, everyMs })
    before = reading
    try {
      keep(last)
      lost = false
    } catch (error) {
      if (!lost) log('what was measured could not be kept', error)
      lost = true
    }
  }
  const tick = (): void => {
    if (busy) return
    busy = true
    running = look().finally(() => {
      busy = false
    })
  }
  tick()
  const timer = setInterval(tick, everyMs)
  return {
    async now() {
      if (!last) await running
      if (last) return trouble ? { ...last, freshness: 'stale', trouble: trouble.message } : last
      throw trouble instanceof AppError
        ? trouble
        : new AppError('HOST_AGENT_AWAY', 503, 'The host was not measured yet.', { cause: trouble })
    },
    reading: () => before,
    async stop() {
      clearInterval(timer)
      await running
    },
  }
}

type Looked = { readonly before: HostReading | null; readonly reading: HostReading; readonly names: Names; readonly everyMs: number }

function metricsOf({ before, reading, names, everyMs }: Looked): Metrics {
  const { at, atMs: _, ...rest } = reading
  return {
    ...rest,
    asOf: at,
    freshness: 'live',
    trouble: null,
    everySec: everyMs / 1_000,
    cpu: cpuBetween(before, reading),
    network: networkBetween(before, reading),
    containers: containersBetween(before, reading, names),
  }
}

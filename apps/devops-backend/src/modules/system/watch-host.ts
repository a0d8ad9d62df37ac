import type { Metrics } from '@console/contracts/system/schemas'
import { AppError } from '@console/http-kit/problem'
import type { HostReading } from '../../clients/host-reading.ts'
import { cpuBetween } from './make-rates.ts'

export type HostWatchDeps = {
  readonly measure: () => Promise<HostReading>
  readonly log: (message: string, error?: unknown) => void
  readonly everyMs?: number
}
/** Measures the host again and again, and knows how it was last. */
export type HostWatch = {
  /** @throws AppError HOST_AGENT_AWAY where it was never measured */
  now(): Promise<Metrics>
  stop(): Promise<void>
}

const usualEveryMs = 10_000

/**
 * One sampler for all who look: host-agent is asked every ten seconds with the key of this service, whoever reads, and each reader gets what was measured last.
 * What is asked while the first measurement runs waits for it.
 */
export function watchHost({ measure, log, everyMs = usualEveryMs }: HostWatchDeps): HostWatch {
  let before: HostReading | null = null
  let last: HostReading | null = null
  let trouble: Error | null = null
  let running: Promise<void> = Promise.resolve()
  let busy = false

  const look = async (): Promise<void> => {
    try {
      const reading = await measure()
      before = last
      last = reading
      if (trouble) log('the host is measured again')
      trouble = null
    } catch (error) {
      if (!trouble) log('the host could not be measured', error)
      trouble = error as Error
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
      if (!last)
        throw trouble instanceof AppError
          ? trouble
          : new AppError('HOST_AGENT_AWAY', 503, 'The host was not measured yet.', { cause: trouble })
      return metricsOf({ before, last, trouble, everyMs })
    },
    async stop() {
      clearInterval(timer)
      await running
    },
  }
}

type Looked = { readonly before: HostReading | null; readonly last: HostReading; readonly trouble: Error | null; readonly everyMs: number }

function metricsOf({ before, last, trouble, everyMs }: Looked): Metrics {
  const { at, atMs: _, cpu: __, ...rest } = last
  return {
    ...rest,
    asOf: at,
    freshness: trouble ? 'stale' : 'live',
    trouble: trouble?.message ?? null,
    everySec: everyMs / 1_000,
    cpu: cpuBetween(before, last),
  }
}

import type { LiveUse } from '@console/contracts/system/schemas'
import { AppError } from '@console/http-kit/problem'
import type { ContainerReading, HostReading } from '../../clients/host-reading.ts'
import { containersBetween } from './make-rates.ts'

/** What containers use now, measured only when somebody asks. */
export type LiveLook = {
  /** @throws AppError HOST_AGENT_AWAY where it was never measured */
  now(): Promise<LiveUse>
}

const everySec = 2
/** A little under the two seconds, so that who asks every two seconds is not answered twice from one look. */
const freshMs = everySec * 1_000 - 200
/** Two looks that lie closer make rates of little more than noise. */
const leastApartMs = 900

/**
 * One look for all who ask within two seconds, and none when nobody asks: there is no timer and no subscription that could be left behind.
 * The first answer has rates at once, since the watch over the host looked a few seconds before.
 */
export function lookLive({
  measure,
  watched,
  monotonic,
}: {
  readonly measure: () => Promise<ContainerReading>
  /** The newest look of the watch over the host. */
  readonly watched: () => HostReading | null
  readonly monotonic: () => number
}): LiveLook {
  let before: ContainerReading | null = null
  let last: LiveUse | null = null
  let trouble: Error | null = null
  let askedAt = Number.NEGATIVE_INFINITY
  let running: Promise<void> | null = null

  const look = async (): Promise<void> => {
    askedAt = monotonic()
    try {
      const reading = await measure()
      last = usesOf(newestBefore(reading, [before, watched()]), reading, watched())
      before = reading
      trouble = null
    } catch (error) {
      trouble = error as Error
    }
  }
  return {
    async now() {
      if (!running && monotonic() - askedAt >= freshMs)
        running = look().finally(() => {
          running = null
        })
      if (running) await running
      if (last) return trouble ? { ...last, freshness: 'stale', trouble: trouble.message } : last
      throw trouble instanceof AppError
        ? trouble
        : new AppError('HOST_AGENT_AWAY', 503, 'The containers were not measured yet.', { cause: trouble })
    },
  }
}

/** What rates are made against: the newest look that lies far enough back. */
function newestBefore(reading: ContainerReading, known: readonly (ContainerReading | null)[]): ContainerReading | null {
  return known.reduce<ContainerReading | null>((best, one) => {
    if (!one || one.atMs > reading.atMs - leastApartMs) return best
    return best === null || one.atMs > best.atMs ? one : best
  }, null)
}

function usesOf(before: ContainerReading | null, reading: ContainerReading, watched: HostReading | null): LiveUse {
  const uses = containersBetween(before, reading, new Map())
  return {
    asOf: reading.at,
    freshness: 'live',
    trouble: null,
    everySec,
    memoryTotalBytes: !watched || 'unknown' in watched.memory ? null : watched.memory.totalBytes,
    containers:
      'unknown' in uses
        ? uses
        : {
            left: uses.left,
            items: uses.items.map(({ id, cores, memoryBytes, memoryLimitBytes }) => ({ id, cores, memoryBytes, memoryLimitBytes })),
          },
  }
}

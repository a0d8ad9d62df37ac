import type { Collection } from '@console/store/port'
import { partition } from './collections.ts'
import { lostRace } from './identity/store-errors.ts'

export type Sweeper = { sweep(): Promise<void>; stop(): Promise<void> }

const everyMs = 60_000
const atOnce = 200

/** Carries out all work once a minute, one piece after the other, until it is stopped; stopping waits for what is under way. */
export function startSweeper(work: readonly (() => Promise<void>)[], alarm: (what: string, error: unknown) => void): Sweeper {
  let running: Promise<void> | undefined
  let stopped = false
  const round = async () => {
    for (const one of work)
      await one().catch((error: unknown) => {
        if (!stopped) alarm('a sweep failed', error)
      })
  }
  const sweep = () => {
    running ??= round().finally(() => {
      running = undefined
    })
    return running
  }
  const timer = setInterval(() => {
    if (!stopped) void sweep()
  }, everyMs)
  timer.unref()
  return {
    sweep,
    async stop() {
      stopped = true
      clearInterval(timer)
      await running
    },
  }
}

/** Removes what has an end that lies behind. */
export async function removeExpired<T extends { expiresAt: string | null }>(
  collection: Collection<T>,
  nowIso: string,
  before: (doc: T) => Promise<void> = async () => undefined,
): Promise<void> {
  for (;;) {
    const { items } = await collection.find(partition, { where: [{ f: 'expiresAt', op: 'lt', v: nowIso }], limit: atOnce })
    for (const { id, etag, doc } of items) {
      await before(doc)
      await collection.remove(partition, id, etag).catch((error: unknown) => {
        if (!lostRace(error)) throw error
      })
    }
    if (items.length < atOnce) return
  }
}

import type { Settings } from '@console/contracts/settings/actions'

/** Times are milliseconds since 1970; counts say how much went. */
export type RetentionDeps = {
  readonly read: () => Promise<Settings>
  readonly removeRuns: (endedBeforeMs: number) => Promise<number>
  readonly removeRows: (beforeMs: number) => Promise<number>
  readonly now: () => number
  readonly log: (message: string, error: unknown) => void
}
export type Retention = {
  /** What is kept and for how long, as last read from the store. */
  days(): Settings
  /** Reads the settings again and removes what is over them, as after a change. */
  apply(): Promise<void>
  stop(): Promise<void>
}

const dayMs = 86_400_000
const everyMs = 3_600_000

/** Removes what is older than the settings say, at the start, once an hour and after each change of them. One kind that fails leaves the others. */
export async function startRetention({ read, removeRuns, removeRows, now, log }: RetentionDeps): Promise<Retention> {
  let days = await read()
  const pass = async (): Promise<void> => {
    days = await read()
    const kinds = [
      { what: 'runs', kept: days.runHistoryDays, remove: removeRuns },
      { what: 'audit rows', kept: days.auditDays, remove: removeRows },
    ]
    for (const { what, kept, remove } of kinds)
      await remove(now() - kept * dayMs).catch((error: unknown) => log(`old ${what} could not be removed`, error))
  }
  let running: Promise<void> = Promise.resolve()
  const apply = (): Promise<void> => {
    running = running.then(pass).catch((error: unknown) => log('the settings could not be read, so nothing old was removed', error))
    return running
  }
  const timer = setInterval(() => void apply(), everyMs)
  void apply()
  return {
    days: () => days,
    apply,
    stop: () => {
      clearInterval(timer)
      return running
    },
  }
}

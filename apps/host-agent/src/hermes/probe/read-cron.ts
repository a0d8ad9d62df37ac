import type { HomeFiles } from './home-files.ts'
import { bounded, columnsOf, readDatabase } from './open-database.ts'
import { parseJson } from './parse-json.ts'
import { countOf, instantOf, type Listed, textOf, Unreadable } from './section.ts'

/** A job by its schedule and its last result; what it asks of the agent is not read. */
export type CronItem = {
  readonly id: string
  readonly name: string
  readonly schedule: string | null
  readonly state: 'scheduled' | 'paused' | 'completed' | 'error'
  readonly lastRunAt: string | null
  readonly lastStatus: string | null
  readonly lastError: string | null
  readonly lastDeliveryError: string | null
  readonly nextRunAt: string | null
  readonly failureStreak: number | null
  /** Where results go; of an address only its kind. */
  readonly delivers: string | null
  /** Runs of the last 7 days; null where no record of runs is kept, as before release 0.19. */
  readonly runs: Runs | null
}
export type Runs = { readonly completed: number; readonly failed: number }
/** When the scheduler last looked, and when a look last went well. */
export type Ticker = { readonly heartbeatAt: string | null; readonly successAt: string | null }

const mostBytes = 2 * 1_048_576
const most = 200
const weekMs = 7 * 86_400_000

export function readJobs(files: HomeFiles): Listed<Omit<CronItem, 'runs'>> {
  const parsed = parseJson(files.text('cron/jobs.json', mostBytes))
  // Older releases wrote the list alone.
  const jobs: unknown = Array.isArray(parsed) ? parsed : (parsed as { jobs?: unknown } | null)?.jobs
  if (!Array.isArray(jobs)) throw new Unreadable('schema')
  const known = jobs.filter((job): job is Record<string, unknown> => typeof job === 'object' && job !== null && !Array.isArray(job))
  const items = known.slice(0, most).map((job) => {
    const id = textOf(job.id, 64) ?? '-'
    return {
      id,
      name: textOf(job.name, 200) ?? id,
      schedule: textOf(job.schedule_display, 100) ?? textOf((job.schedule as { display?: unknown } | null)?.display, 100),
      state: stateOf(job),
      lastRunAt: instantOf(job.last_run_at),
      lastStatus: textOf(job.last_status, 40),
      lastError: textOf(job.last_error, 300),
      lastDeliveryError: textOf(job.last_delivery_error, 300),
      nextRunAt: instantOf(job.next_run_at),
      failureStreak: countOf(job.failure_streak),
      delivers: textOf(job.deliver, 200)?.split(':')[0] ?? null,
    }
  })
  return { items, total: known.length, truncated: known.length > items.length }
}

export function readTicker(files: HomeFiles): Ticker {
  const at = (name: string): string | null => {
    try {
      const text = files.text(name, 64).trim()
      return /^[0-9]{1,12}(\.[0-9]{1,12})?$/.test(text) ? instantOf(Number(text)) : null
    } catch {
      return null
    }
  }
  return { heartbeatAt: at('cron/ticker_heartbeat'), successAt: at('cron/ticker_last_success') }
}

/** As the program itself decides it: an ended job stays so, and one that is enabled is never paused, whatever else stands there. */
function stateOf({ state, enabled }: Record<string, unknown>): CronItem['state'] {
  if (state === 'completed' || state === 'error') return state
  return enabled === false ? 'paused' : 'scheduled'
}

/** The runs of these jobs, in their order; null where no record can be read. */
export function readRuns(files: HomeFiles, jobs: readonly { readonly id: string }[], nowMs: number): Runs[] | null {
  try {
    const runs = readDatabase(files, 'cron/executions.db', (db) => {
      const has = columnsOf(db, 'executions')
      if (!['job_id', 'status', 'claimed_at'].every((name) => has.has(name))) return null
      const runs = new Map<string, { completed: number; failed: number }>()
      const columns = ['job_id', 'status', 'claimed_at'].map((name) => bounded(name, 64))
      const rows = db.prepare(`SELECT ${columns.join()} FROM executions ORDER BY rowid DESC LIMIT 5000`).all()
      for (const { job_id: id, status, claimed_at: at } of rows) {
        if (Date.parse(instantOf(at) ?? '') < nowMs - weekMs || !['completed', 'failed'].includes(String(status))) continue
        const counts = runs.get(String(id)) ?? { completed: 0, failed: 0 }
        counts[status as 'completed' | 'failed'] += 1
        runs.set(String(id), counts)
      }
      return runs
    })
    return runs && jobs.map(({ id }) => runs.get(id) ?? { completed: 0, failed: 0 })
  } catch {
    return null
  }
}

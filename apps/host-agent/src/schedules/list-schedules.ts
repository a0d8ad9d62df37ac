import { basename } from 'node:path'
import { isThere } from '../runs/processes.ts'
import { type Accounts, readAccounts } from './accounts.ts'
import { type CronJob, type PassedOver, readCrontabs } from './crontabs.ts'
import type { AskManager, Manager } from './managers.ts'
import { type RunRecord, readRunRecord, recordedName } from './run-records.ts'
import { type Shown, showCommand, showName } from './show-command.ts'
import { readTimeZone } from './time-zone.ts'
import { readTimers, type Timer } from './timers.ts'

type Job = Omit<CronJob, 'command'> & {
  /** What it is recorded as, else what it starts. */
  readonly name: string
  readonly command: Shown
  /** True where run-logged.sh writes down how it ends. */
  readonly recorded: boolean
  readonly last: RunRecord | null
}
export type Schedules = {
  readonly at: string
  readonly timeZone: string
  readonly jobs: readonly Job[]
  readonly timers: readonly Timer[]
  readonly passedOver: readonly PassedOver[]
  /** How many more there are than are told. */
  readonly left: number
}
type Options = {
  /** `/`, or the folder below which the files of the host lie. */
  readonly root: string
  readonly managers: (accounts: Accounts) => readonly Manager[]
  readonly ask: AskManager
  readonly now: () => Date
  readonly uptimeMs: () => number
}

/** What the machine does by itself, when, and how it went. */
export async function listSchedules({ root, managers, ask, now, uptimeMs }: Options): Promise<Schedules> {
  const accounts = readAccounts(root)
  const at = now()
  const timers = await readTimers(managers(accounts), ask, at.getTime() - uptimeMs())
  const crontabs = readCrontabs(root, accounts)
  const passedOver = [...crontabs.passedOver, ...timers.passedOver]
  return {
    at: at.toISOString(),
    timeZone: readTimeZone(root),
    jobs: crontabs.jobs.map((job) => withLast(job, { root, accounts })),
    timers: timers.timers,
    passedOver: passedOver.map(({ source, line, why }) => ({ source: showName(source), line, why: showName(why) })),
    left: crontabs.left + timers.left,
  }
}

function withLast(job: CronJob, { root, accounts }: { readonly root: string; readonly accounts: Accounts }): Job {
  const recorded = job.by === 'cron' ? recordedName(job.command) : null
  const account = accounts.byName(job.account)
  const last = recorded !== null && account ? readRunRecord(root, { account, name: recorded }, isThere) : null
  const command = showCommand(job.command)
  return { ...job, source: showName(job.source), name: recorded ?? programOf(command.text), command, recorded: recorded !== null, last }
}

/** The last part of what a line starts, without what is set before it. */
function programOf(command: string): string {
  const first = command.split(' ').find((word) => !/^[A-Za-z_][A-Za-z0-9_]*=/.test(word)) ?? command
  return showName(basename(first), 80) || 'a command'
}

import type { JobState, ScheduledJob, VmSchedules, VmUnits } from '@console/contracts/vm/schedule-schemas'
import type { HostJob, HostSchedules, HostTimer } from '../../clients/host-schedules.ts'
import { nextRun } from './next-run.ts'

/** A line may start late by the minute's end and take a moment to write its record. */
const slackMs = 120_000
/** The worst first. */
const order: readonly JobState[] = ['failed', 'interrupted', 'late', 'running', 'never', 'not-recorded', 'ok', 'off']

/** What host-agent saw, with what is to be thought of each job and when it is due next. */
export function judgeSchedules({ at, timeZone, jobs, timers, passedOver, left }: HostSchedules): VmSchedules {
  const now = new Date(at)
  const judged = [...jobs.map((job) => ofLine(job, { now, timeZone })), ...timers.map(ofTimer)]
  const worstFirst = judged.sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || a.name.localeCompare(b.name))
  return { at, timeZone, jobs: worstFirst, passedOver, left }
}

/** Failed units first, then what does not run although it starts by itself. */
export function worstUnitsFirst({ units, ...told }: VmUnits): VmUnits {
  const rank = ({ active, enabled }: VmUnits['units'][number]): number =>
    active === 'failed' ? 0 : active !== 'active' && enabled === 'enabled' ? 1 : 2
  return { ...told, units: [...units].sort((a, b) => rank(a) - rank(b) || a.unit.localeCompare(b.unit)) }
}

type Clock = { readonly now: Date; readonly timeZone: string }

function ofLine(job: HostJob, { now, timeZone }: Clock): ScheduledJob {
  const { source, line, by, schedule, account, name, command, last } = job
  const next = by === 'anacron' ? null : nextRun(schedule, { after: now, timeZone })
  return {
    id: `${source}:${line}`,
    kind: by,
    name,
    account,
    source,
    line: by === 'cron' ? line : null,
    schedule,
    command,
    state: stateOfLine(job, { now, timeZone }),
    exitCode: last?.exitCode ?? null,
    result: '',
    lastAt: last?.startedAt ?? null,
    endedAt: last?.endedAt ?? null,
    nextAt: next?.toISOString() ?? null,
  }
}

function stateOfLine({ recorded, last, schedule }: HostJob, { now, timeZone }: Clock): JobState {
  if (!recorded) return 'not-recorded'
  if (!last) return 'never'
  if (last.running) return 'running'
  if (last.endedAt === null) return 'interrupted'
  if (last.exitCode !== 0) return 'failed'
  const due = nextRun(schedule, { after: new Date(last.startedAt), timeZone })
  return due && now.getTime() - due.getTime() > slackMs ? 'late' : 'ok'
}

function ofTimer(timer: HostTimer): ScheduledJob {
  const { manager, account, result } = timer
  return {
    id: `${manager}:${account}:${timer.timer}`,
    kind: 'timer',
    name: timer.timer,
    account,
    source: manager === 'system' ? 'systemd' : `systemd of ${account}`,
    line: null,
    schedule: timer.schedule.join(', '),
    command: timer.command,
    state: stateOfTimer(timer),
    exitCode: timer.exitCode,
    result: result === 'success' ? '' : result,
    lastAt: timer.startedAt ?? timer.lastAt,
    endedAt: timer.endedAt,
    nextAt: timer.nextAt,
  }
}

function stateOfTimer({ running, result, active, startedAt, lastAt }: HostTimer): JobState {
  if (running) return 'running'
  if (result !== '' && result !== 'success') return 'failed'
  if (!active) return 'off'
  return startedAt === null && lastAt === null ? 'never' : 'ok'
}

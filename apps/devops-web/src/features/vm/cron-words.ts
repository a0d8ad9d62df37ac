import type { JobState, ScheduledJob, VmSchedules, VmUnit } from '@console/contracts/vm/schedule-schemas'
import type { StatusKind } from '@console/ui/status.tsx'

type Verdict = { readonly kind: StatusKind; readonly word: string }

const verdicts: Readonly<Record<JobState, Verdict>> = {
  failed: { kind: 'bad', word: 'failed' },
  interrupted: { kind: 'bad', word: 'broke off' },
  late: { kind: 'warn', word: 'late' },
  running: { kind: 'running', word: 'running' },
  ok: { kind: 'ok', word: 'exit 0' },
  never: { kind: 'unknown', word: 'no run yet' },
  'not-recorded': { kind: 'unknown', word: 'not recorded' },
  off: { kind: 'rest', word: 'off' },
}

/** The mark and the word of how a job went last; its exit code where it failed with one. */
export function verdictOf({ state, exitCode, result, kind }: ScheduledJob): Verdict {
  const verdict = verdicts[state]
  if (state === 'failed') return { ...verdict, word: exitCode !== null ? `exit ${exitCode}` : result === '' ? verdict.word : result }
  return state === 'ok' && kind === 'timer' && exitCode !== 0 ? { ...verdict, word: 'success' } : verdict
}

/** What stands below the name where something is to be done or known. */
export function remarkOf(job: ScheduledJob): string | null {
  if (job.state === 'late') return 'A run was due since, and none was recorded'
  if (job.state === 'interrupted') return 'It was started, and its end was never written'
  if (job.state === 'not-recorded' && job.kind === 'cron') return 'Its end is not recorded: wrap it with run-logged.sh'
  if (job.state === 'not-recorded') return 'Its end is not recorded'
  return null
}

/** Who starts it, as people name it: `uma’s crontab`, `root, /etc/cron.d/certbot`. */
export function originOf({ kind, account, source }: ScheduledJob): string {
  if (kind === 'timer') return account === 'root' || source !== 'systemd' ? source : `systemd, as ${account}`
  if (kind !== 'cron') return `${account}, by ${kind}`
  return source.startsWith('/var/spool/') ? `${account}’s crontab` : `${account}, ${source}`
}

/** `3 crontabs and 9 timers, hours in Europe/Berlin` */
export function labelOf({ jobs, timeZone }: VmSchedules): string {
  const files = new Set(jobs.filter(({ kind }) => kind !== 'timer').map(({ source }) => source)).size
  const timers = jobs.filter(({ kind }) => kind === 'timer').length
  return `${files} ${files === 1 ? 'file' : 'files'} of cron and ${timers} ${timers === 1 ? 'timer' : 'timers'}, hours of cron in ${timeZone}`
}

const days = ['Sundays', 'Mondays', 'Tuesdays', 'Wednesdays', 'Thursdays', 'Fridays', 'Saturdays', 'Sundays']
const nicknames: Readonly<Record<string, string>> = {
  '@reboot': 'after each start',
  '@hourly': 'every hour',
  '@daily': 'every day 00:00',
  '@midnight': 'every day 00:00',
  '@weekly': 'Sundays 00:00',
  '@monthly': 'on the 1st, 00:00',
  '@yearly': 'on Jan 1, 00:00',
  '@annually': 'on Jan 1, 00:00',
}

/** The usual shapes of a time of cron in words; null for others, which stand for themselves. */
export function scheduleWords(schedule: string): string | null {
  const nickname = nicknames[schedule]
  if (nickname) return nickname
  const fields = schedule.split(' ')
  const [minute = '', hour = '', day, month, weekday = ''] = fields
  if (fields.length !== 5 || month !== '*') return null
  const everyDay = day === '*' && weekday === '*'
  const step = /^\*(?:\/([0-9]{1,2}))?$/.exec(minute)
  if (step && hour === '*' && everyDay) return step[1] === undefined || step[1] === '1' ? 'every minute' : `every ${Number(step[1])} min`
  if (!/^[0-9]{1,2}$/.test(minute)) return null
  if (hour === '*' && everyDay) return `every hour at :${minute.padStart(2, '0')}`
  if (!/^[0-9]{1,2}$/.test(hour)) return null
  const at = `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`
  if (everyDay) return `every day ${at}`
  if (day === '*' && /^[0-7]$/.test(weekday)) return `${days[Number(weekday)]} ${at}`
  return weekday === '*' && /^[0-9]{1,2}$/.test(day ?? '') ? `day ${Number(day)} of each month, ${at}` : null
}

/** The mark and the word of a unit. */
export function unitVerdictOf({ active, enabled, result, exitCode, signal }: VmUnit): Verdict {
  const why = exitCode !== null && exitCode !== 0 ? `exit ${exitCode}` : signal !== null ? `signal ${signal}` : result
  if (active === 'failed') return { kind: 'bad', word: why === '' || why === 'success' ? 'failed' : `failed, ${why}` }
  if (active === 'active') return { kind: 'ok', word: 'runs' }
  if (['activating', 'deactivating', 'reloading'].includes(active)) return { kind: 'running', word: active }
  return enabled === 'enabled' ? { kind: 'warn', word: 'does not run' } : { kind: 'rest', word: 'off' }
}

import type { Look } from './look-instance.ts'

export type Warning = {
  /** The same for the same trouble at each look. */
  readonly id: string
  readonly instance: string
  readonly severity: 'bad' | 'warn' | 'info'
  readonly title: string
  readonly cause: string
  readonly advice: string
}
export type Health = 'healthy' | 'unhealthy' | 'unknown'

/** A last backup commit of this age and older is stale. */
const staleBackupMs = 30 * 60_000
const stalledMs = 200_000
const overdueMs = 10 * 60_000

/**
 * Healthy is what is seen to live: its process, and its unit active where there is one. Down is what is seen not to. What cannot be seen is
 * neither.
 */
export function healthOf({ unit, process, answers }: Look): Health {
  if (unit.status === 'up' && unit.loaded) {
    if (unit.active !== 'active') return 'unhealthy'
    return process.alive && answers !== false ? 'healthy' : 'unhealthy'
  }
  if (process.alive) return answers === false ? 'unhealthy' : 'healthy'
  if (answers !== null) return answers ? 'healthy' : 'unhealthy'
  return 'unknown'
}

/** What needs somebody: the worst first. Pure, so that each of them can be tried. */
export function warningsOf(look: Look, now: Date): Warning[] {
  const at = now.getTime()
  const found = [
    ...ofGateway(look),
    ...ofPlatforms(look),
    ...ofScheduler(look, at),
    ...ofJobs(look, at),
    ...ofBackup(look, at),
    ...ofReading(look),
  ]
  const rank = { bad: 0, warn: 1, info: 2 }
  return found
    .map(([id, severity, title, cause, advice]) => ({
      id: `${look.instance.id}:${id}`,
      instance: look.instance.id,
      severity,
      title,
      cause,
      advice,
    }))
    .sort((a, b) => rank[a.severity] - rank[b.severity])
}

type Found = readonly [id: string, severity: Warning['severity'], title: string, cause: string, advice: string]

function ofGateway({ unit, process, document, answers }: Look): Found[] {
  const user = unit.scope === 'user' ? '--user ' : ''
  const found: Found[] = []
  if (unit.status === 'up' && unit.loaded && unit.active !== 'active')
    found.push([
      'unit',
      'bad',
      `${unit.name} is ${unit.active}`,
      `Its last result is ${unit.result ?? 'not known'}.`,
      `Look at: journalctl ${user}-u ${unit.name}`,
    ])
  else if (unit.active === 'active' && !process.alive)
    found.push([
      'process',
      'bad',
      'The unit is active without a process',
      'No process of it is alive.',
      `Look at: systemctl ${user}status ${unit.name}`,
    ])
  else if (document?.gateway.state === 'running' && !process.alive)
    found.push([
      'dead',
      'bad',
      'The gateway says it runs, and does not',
      'Its state file names a process that is gone: it was ended from outside.',
      'Start the gateway as the account of this instance: hermes gateway run',
    ])
  if (answers === false && process.alive)
    found.push([
      'silent',
      'bad',
      'The gateway lives and does not answer',
      'Its health address gives no answer of status 200.',
      'Look at its gateway.log',
    ])
  if ((unit.restarts ?? 0) >= 5)
    found.push([
      'restarts',
      'warn',
      `${unit.name} was restarted ${unit.restarts} times`,
      'It ends again and again; its unit never counts as failed.',
      `Look at: journalctl ${user}-u ${unit.name}`,
    ])
  return found
}

const calm = new Set(['connected', 'running', 'ready', 'connecting', 'paused', 'disabled'])

/** Rows of platforms outlive the run that wrote them, so that only those of this one count. */
function ofPlatforms({ process, document }: Look): Found[] {
  if (!process.alive) return []
  const since = Date.parse(process.startedAt ?? '')
  return (document?.gateway.platforms ?? [])
    .filter(({ state, updatedAt, needsAttention }) => Date.parse(updatedAt ?? '') >= since && (needsAttention || !calm.has(state)))
    .map(({ name, state, errorCode }) => [
      `platform:${name}`,
      'warn',
      `${name} is ${state}`,
      errorCode === null ? 'It gives no code.' : `Its last code is ${errorCode}.`,
      `Look at its gateway.log for ${name}`,
    ])
}

function ofScheduler({ process, document }: Look, at: number): Found[] {
  const { heartbeatAt = null, successAt = null } = document?.ticker ?? {}
  if (!process.alive || heartbeatAt === null) return []
  if (at - Date.parse(heartbeatAt) > stalledMs)
    return [
      [
        'ticker',
        'warn',
        'The scheduler stands still',
        'It has not looked at its jobs for more than 200 s.',
        'Restart the gateway of this instance',
      ],
    ]
  if (successAt !== null && at - Date.parse(successAt) > stalledMs)
    return [
      [
        'ticks',
        'warn',
        'Every look of the scheduler fails',
        'It looks and does not succeed; often cron/jobs.json belongs to another account.',
        'Look at who owns cron/jobs.json',
      ],
    ]
  return []
}

function ofJobs({ document }: Look, at: number): Found[] {
  return (document?.cron.items ?? []).flatMap((job): Found[] => {
    if (job.state !== 'scheduled' && job.state !== 'error') return []
    if (job.state === 'error' || (job.lastStatus !== null && job.lastStatus !== 'ok'))
      return [
        [
          `job:${job.id}`,
          'warn',
          `The job ${job.name} failed`,
          job.lastError ?? `Its last status is ${job.lastStatus ?? 'error'}.`,
          'Look at its output below cron/output',
        ],
      ]
    if (job.lastDeliveryError !== null)
      return [
        [`delivery:${job.id}`, 'warn', `Nobody got the result of ${job.name}`, job.lastDeliveryError, 'Put right where it delivers to'],
      ]
    if (job.nextRunAt !== null && at - Date.parse(job.nextRunAt) > overdueMs)
      return [
        [
          `overdue:${job.id}`,
          'warn',
          `The job ${job.name} is overdue`,
          `It was to run at ${job.nextRunAt.slice(0, 16).replace('T', ' ')} UTC.`,
          'See whether the gateway of this instance runs',
        ],
      ]
    return []
  })
}

function ofBackup({ backup }: Look, at: number): Found[] {
  if (backup.status === 'none') return []
  const newest = backup.commits[0]
  if (!newest)
    return [
      [
        'backup',
        'info',
        'The backup cannot be told',
        'Its repository cannot be read, or has no commit.',
        'Look at it as the account of this instance: git log',
      ],
    ]
  const age = at - Date.parse(newest.at)
  const found: Found[] = []
  if (age < -60_000)
    found.push(['clock', 'warn', 'The last backup commit is in the future', 'A clock is off.', 'See whether this machine keeps its time'])
  if (age >= staleBackupMs)
    found.push([
      'stale',
      'warn',
      `The last backup commit is ${Math.floor(age / 60_000)} min old`,
      'From 30 min on it counts as stale.',
      'See whether the job that makes backups ran',
    ])
  if ((backup.ahead ?? 0) > 0)
    found.push([
      'ahead',
      'warn',
      `${backup.ahead} backup commits were not pushed`,
      'What lies on this machine alone is lost with it.',
      'Push as the account of this instance: git push',
    ])
  return found
}

const usual = new Set(['not_installed', 'no_such_user', 'not_initialised'])

function ofReading({ reason, document }: Look): Found[] {
  if (document === null)
    return reason === null || usual.has(reason)
      ? []
      : [['home', 'info', 'Its home cannot be read', `Reason: ${reason}.`, 'See the reason at each part']]
  return (['sessions', 'cron', 'memory', 'skills'] as const)
    .filter((part) => document[part].status === 'unknown' && !usual.has(document[part].reason ?? ''))
    .map((part) => [
      `read:${part}`,
      'info',
      `${part} cannot be read`,
      `Reason: ${document[part].reason}.`,
      'Look at the file as the account of this instance',
    ])
}

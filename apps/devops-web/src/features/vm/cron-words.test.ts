import type { ScheduledJob } from '@console/contracts/vm/schedule-schemas'
import { expect, it } from 'vitest'
import { needsLook } from '../../lib/job-words.ts'
import { originOf, remarkOf, scheduleWords, unitVerdictOf, verdictOf } from './cron-words.ts'

const job = (over: Partial<ScheduledJob>): ScheduledJob => ({
  id: 'a',
  kind: 'cron',
  name: 'a',
  account: 'root',
  source: '/etc/crontab',
  line: 1,
  schedule: '* * * * *',
  command: { text: '', masked: 0, cut: false },
  state: 'ok',
  exitCode: 0,
  result: '',
  lastAt: null,
  endedAt: null,
  nextAt: null,
  ...over,
})

it.each([
  ['* * * * *', 'every minute'],
  ['*/15 * * * *', 'every 15 min'],
  ['17 * * * *', 'every hour at :17'],
  ['15 3 * * *', 'every day 03:15'],
  ['47 6 * * 7', 'Sundays 06:47'],
  ['52 6 1 * *', 'day 1 of each month, 06:52'],
  ['@reboot', 'after each start'],
  ['0 0 1 1 *', null],
  ['0 22 * * 1-5', null],
  ['OnCalendar=daily', null],
])('reads %s as %s', (schedule, words) => {
  expect(scheduleWords(schedule)).toBe(words)
})

it('says how a job went by its code, and what to do where that is not known', () => {
  expect(verdictOf(job({ state: 'failed', exitCode: 7 }))).toEqual({ kind: 'bad', word: 'exit 7' })
  expect(verdictOf(job({ state: 'failed', exitCode: null, result: 'timeout' })).word).toBe('timeout')
  expect(verdictOf(job({ kind: 'timer', exitCode: null })).word).toBe('success')
  expect(verdictOf(job({})).word).toBe('exit 0')
  expect(remarkOf(job({ state: 'not-recorded' }))).toContain('run-logged.sh')
  expect([remarkOf(job({})), needsLook(job({})), needsLook(job({ state: 'late' }))]).toEqual([null, false, true])
})

it('says of a unit whether it runs, should, or failed and how', () => {
  const unit = {
    manager: 'system',
    account: 'root',
    unit: 'a',
    description: '',
    sub: '',
    since: null,
    restarts: null,
    endedAt: null,
    memoryBytes: null,
  } as const
  const plain = { ...unit, result: 'success', exitCode: null, signal: null }
  expect(unitVerdictOf({ ...plain, active: 'active', enabled: 'enabled' }).word).toBe('runs')
  expect(unitVerdictOf({ ...plain, active: 'inactive', enabled: 'enabled' })).toEqual({ kind: 'warn', word: 'does not run' })
  expect(unitVerdictOf({ ...plain, active: 'inactive', enabled: 'disabled' }).word).toBe('off')
  expect(unitVerdictOf({ ...plain, active: 'failed', enabled: '', result: 'exit-code', exitCode: 3 }).word).toBe('failed, exit 3')
  expect(unitVerdictOf({ ...plain, active: 'failed', enabled: '', result: 'signal', signal: 9 }).word).toBe('failed, signal 9')
})

it.each([
  [{ source: '/var/spool/cron/crontabs/uma', account: 'uma' }, 'uma’s crontab'],
  [{ source: '/etc/cron.d/certbot' }, 'root, /etc/cron.d/certbot'],
  [{ kind: 'run-parts', source: '/etc/cron.daily/dpkg' }, 'root, by run-parts'],
  [{ kind: 'timer', source: 'systemd' }, 'systemd'],
  [{ kind: 'timer', source: 'systemd', account: 'www-data' }, 'systemd, as www-data'],
  [{ kind: 'timer', source: 'systemd of uma', account: 'uma' }, 'systemd of uma'],
] as const)('names who starts %j: %s', (over, words) => {
  expect(originOf(job(over))).toBe(words)
})

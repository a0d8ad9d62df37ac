import { expect, it } from 'vitest'
import type { HostJob, HostSchedules, HostTimer } from '../../clients/host-schedules.ts'
import { judgeSchedules, worstUnitsFirst } from './judge-jobs.ts'

const command = { text: 'x', masked: 0, cut: false }
const at = '2026-11-28T14:31:00.000Z'
const line = (name: string, over: Partial<HostJob> = {}): HostJob => ({
  source: '/etc/crontab',
  line: 1,
  by: 'cron',
  schedule: '*/15 * * * *',
  account: 'root',
  name,
  command,
  recorded: true,
  last: null,
  ...over,
})
const ran = (startedAt: string, exitCode: number | null, running = false) => ({
  startedAt,
  endedAt: exitCode === null ? null : startedAt,
  exitCode,
  running,
})
const timer = (name: string, over: Partial<HostTimer> = {}): HostTimer => ({
  manager: 'system',
  account: 'root',
  timer: name,
  unit: 'a.service',
  description: '',
  schedule: ['OnCalendar=daily'],
  active: true,
  enabled: 'enabled',
  lastAt: at,
  nextAt: at,
  command,
  result: 'success',
  exitCode: 0,
  startedAt: at,
  endedAt: at,
  running: false,
  ...over,
})
const judge = (jobs: HostJob[], timers: HostTimer[] = []) =>
  judgeSchedules({ at, timeZone: 'UTC', jobs, timers, passedOver: [], left: 0 } satisfies HostSchedules).jobs

it('says what is to be thought of each job, the worst first', () => {
  const jobs = judge(
    [
      line('well', { last: ran('2026-11-28T14:30:01Z', 0) }),
      line('late', { last: ran('2026-11-28T13:40:00Z', 0) }),
      line('due-just-now', { schedule: '30 14 * * *', last: ran('2026-11-27T14:30:00Z', 0) }),
      line('failing', { last: ran('2026-11-28T14:30:01Z', 1) }),
      line('broken-off', { last: ran('2026-11-28T14:30:01Z', null) }),
      line('at-work', { last: ran('2026-11-28T14:30:01Z', null, true) }),
      line('new'),
      line('unknown', { recorded: false }),
      line('anacrons', { recorded: false, by: 'anacron' }),
    ],
    [
      timer('a.timer'),
      timer('b.timer', { result: 'exit-code', exitCode: 7 }),
      timer('c.timer', { active: false }),
      timer('d.timer', { startedAt: null, lastAt: null, result: '' }),
      timer('e.timer', { running: true }),
    ],
  )
  expect(jobs.map(({ name, state }) => `${name} ${state}`)).toEqual([
    'b.timer failed',
    'failing failed',
    'broken-off interrupted',
    'late late',
    'at-work running',
    'e.timer running',
    'd.timer never',
    'new never',
    'anacrons not-recorded',
    'unknown not-recorded',
    'a.timer ok',
    'due-just-now ok',
    'well ok',
    'c.timer off',
  ])
  const next = Object.fromEntries(jobs.map(({ name, nextAt }) => [name, nextAt]))
  expect([next.well, next.anacrons, next['a.timer']]).toEqual(['2026-11-28T14:45:00.000Z', null, at])
})

it('puts failed units before those that do not run although they should', () => {
  const unit = (name: string, active: string, enabled: string) => ({
    manager: 'system' as const,
    account: 'root',
    unit: name,
    description: '',
    active,
    sub: '',
    enabled,
    since: null,
    restarts: null,
    result: '',
    exitCode: null,
    signal: null,
    endedAt: null,
    memoryBytes: null,
  })
  const { units } = worstUnitsFirst({
    at,
    passedOver: [],
    left: 0,
    units: [
      unit('a', 'active', 'enabled'),
      unit('b', 'inactive', 'enabled'),
      unit('c', 'failed', 'static'),
      unit('d', 'inactive', 'disabled'),
    ],
  })
  expect(units.map((one) => one.unit)).toEqual(['c', 'b', 'a', 'd'])
})

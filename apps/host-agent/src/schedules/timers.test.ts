import { expect, it } from 'vitest'
import type { Order, Ran } from '../programs/run-program.ts'
import { listUnits } from './list-units.ts'
import { askManagers, type Manager } from './managers.ts'
import { readTimers } from './timers.ts'

const system: Manager = { kind: 'system', account: { name: 'root', uid: 0, gid: 0, home: '/root' } }
const uma: Manager = { kind: 'user', account: { name: 'uma', uid: 1_000, gid: 1_000, home: '/home/uma' } }
const booted = Date.parse('2026-11-28T00:00:00Z')

/** A systemctl that says what was recorded of a real one, and writes down what it was asked. */
function recorded(answers: Readonly<Record<string, string | Ran>>) {
  const orders: Order[] = []
  const ask = askManagers(0, async (order) => {
    orders.push(order)
    const found = Object.entries(answers).find(([key]) => order.args.join(' ').includes(key))?.[1] ?? ''
    return typeof found === 'string' ? { ok: true, text: found } : found
  })
  return { ask, orders }
}

const timers = `Unit=nightly.service
TimersCalendar={ OnCalendar=*-*-* 06,18:00:00 ; next_elapse=Sat 2026-11-28 18:00:00 UTC }
NextElapseUSecRealtime=Sat 2026-11-28 22:48:33 UTC
NextElapseUSecMonotonic=0
LastTriggerUSec=Sat 2026-11-28 06:00:01 UTC
Id=nightly.timer
Description=Nightly \u001b[31mwork
ActiveState=active
UnitFileState=enabled

Unit=clean.service
TimersMonotonic={ OnBootUSec=15min ; next_elapse=17h 34min 9.554772s }
NextElapseUSecRealtime=
NextElapseUSecMonotonic=1d 17h 34min 9.618092s
LastTriggerUSec=
Id=-clean\\x2dup@a:b.timer
Description=Clean
ActiveState=inactive
UnitFileState=static

Id=not-asked.timer
Unit=evil.service
`
const services = `Result=exit-code
ExecMainStartTimestamp=Sat 2026-11-28 06:00:01 UTC
ExecMainExitTimestamp=Sat 2026-11-28 06:00:05 UTC
ExecMainCode=1
ExecMainStatus=7
ExecStart={ path=/bin/job ; argv[]=/bin/job --token Hunter2 ; ignore_errors=no ; start_time=[n/a] }
User=uma
Id=nightly.service
ActiveState=failed

Result=success
ExecMainStartTimestamp=
ExecMainExitTimestamp=
ExecMainCode=0
ExecMainStatus=0
Id=clean.service
ActiveState=inactive
`
const names = 'nightly.timer loaded active waiting Nightly\n-clean\\x2dup@a:b.timer loaded inactive dead Clean\n$(id).timer x\n--help x\n'

it('tells timers with what they start, how that ended, and the nearer of both clocks', async () => {
  const { ask } = recorded({ 'list-units': names, TimersCalendar: timers, ExecMainStatus: services })
  const told = await readTimers([system], ask, booted)
  expect(told.timers).toMatchObject([
    {
      account: 'uma',
      timer: 'nightly.timer',
      description: 'Nightly work',
      schedule: ['OnCalendar=*-*-* 06,18:00:00'],
      active: true,
      lastAt: '2026-11-28T06:00:01.000Z',
      nextAt: '2026-11-28T22:48:33.000Z',
      command: { text: '/bin/job --token [masked]', masked: 1, cut: false },
      result: 'exit-code',
      exitCode: 7,
      endedAt: '2026-11-28T06:00:05.000Z',
    },
    {
      timer: '-clean\\x2dup@a:b.timer',
      schedule: ['OnBootSec=15min'],
      active: false,
      result: '',
      exitCode: null,
      nextAt: '2026-11-29T17:34:09.618Z',
    },
  ])
})

it('asks with fixed arguments, names last and after two dashes, each manager as its own account, in an environment from scratch', async () => {
  const { ask, orders } = recorded({ 'list-units': names, TimersCalendar: timers, ExecMainStatus: services })
  await readTimers([system, uma], ask, booted)
  const argv = orders.filter(({ account }) => account === null).map(({ args }) => args.join(' '))
  expect(argv).toEqual([
    '--no-pager list-units --type=timer --all --full --plain --no-legend',
    expect.stringMatching(/^--no-pager show --property=[A-Za-z,]+ -- nightly\.timer -clean\\x2dup@a:b\.timer$/),
    expect.stringMatching(/^--no-pager show --property=[A-Za-z,]+ -- nightly\.service clean\.service$/),
  ])
  for (const { program, env, args, account } of orders) {
    expect([program, env.PATH, env.TZ]).toEqual(['/usr/bin/systemctl', '/usr/bin:/bin', 'UTC'])
    expect([args[0] === '--user', env.XDG_RUNTIME_DIR]).toEqual(account ? [true, '/run/user/1000'] : [false, undefined])
    expect(Object.keys(env).every((name) => /^(PATH|LANG|LC_ALL|TZ|HOME|SYSTEMD_[A-Z]+|XDG_RUNTIME_DIR)$/.test(name))).toBe(true)
  }
  expect(orders.filter(({ account }) => account?.uid === 1_000)).toHaveLength(3)
})

it('tells of the others when one manager does not answer', async () => {
  const { ask } = recorded({
    '--user': { ok: false, why: '/usr/bin/systemctl took longer than 8 s' },
    'list-units': names,
    TimersCalendar: timers,
    ExecMainStatus: services,
  })
  const told = await readTimers([uma, system], ask, booted)
  expect([told.timers.length, told.passedOver]).toEqual([
    2,
    [{ source: 'systemd of uma', line: null, why: expect.stringContaining('took longer') }],
  ])
})

it('tells units that failed and those of the fixed list, with null for what systemd does not count', async () => {
  const shown = `Id=cron.service\nLoadState=loaded\nActiveState=active\nSubState=running\nUnitFileState=enabled\nStateChangeTimestamp=Sat 2026-11-28 15:04:00 UTC\nNRestarts=2\nResult=success\nExecMainCode=0\nExecMainStatus=0\nMemoryCurrent=397312\n
Id=bad.service\nLoadState=loaded\nActiveState=failed\nSubState=failed\nNRestarts=0\nResult=signal\nExecMainCode=2\nExecMainStatus=9\nMemoryCurrent=[not set]\n
Id=docker.service\nLoadState=not-found\nActiveState=inactive\n
Id=gone.service\nLoadState=not-found\nActiveState=failed\nMemoryCurrent=18446744073709551615\n`
  const { ask, orders } = recorded({
    'list-units': '● bad.service loaded failed failed Bad\ngone.service not-found failed failed\n',
    show: shown,
  })
  const { units } = await listUnits([system], ask, () => new Date(booted))
  expect(units).toMatchObject([
    {
      unit: 'cron.service',
      active: 'active',
      since: '2026-11-28T15:04:00.000Z',
      restarts: 2,
      memoryBytes: 397_312,
      exitCode: null,
      signal: null,
    },
    { unit: 'bad.service', active: 'failed', result: 'signal', signal: 9, memoryBytes: null },
    { unit: 'gone.service', active: 'failed', memoryBytes: null },
  ])
  expect(orders[1]?.args).toContain('--')
  expect(orders[1]?.args.slice(-2)).toEqual(['bad.service', 'gone.service'])
})

import type { PassedOver } from './crontabs.ts'
import type { AskManager, Manager } from './managers.ts'
import { blocksIn, commandIn, countOf, instantOf, isUnit, type Shown, spanMsOf, textOf, unitsIn } from './read-systemctl.ts'
import { type Shown as ShownCommand, showCommand, showName } from './show-command.ts'

/** A timer and how what it starts ended last, as systemd tells both. */
export type Timer = {
  readonly manager: 'system' | 'user'
  readonly account: string
  readonly timer: string
  readonly unit: string
  readonly description: string
  /** When it elapses, in systemd's own words. */
  readonly schedule: readonly string[]
  readonly active: boolean
  readonly enabled: string
  readonly lastAt: string | null
  readonly nextAt: string | null
  readonly command: ShownCommand
  /** Of the unit: `success`, `exit-code`, `timeout` and the like; empty where it never ran. */
  readonly result: string
  readonly exitCode: number | null
  readonly startedAt: string | null
  readonly endedAt: string | null
  readonly running: boolean
}
export type Timers = { readonly timers: readonly Timer[]; readonly passedOver: readonly PassedOver[]; readonly left: number }

const ofTimers = [
  'Id',
  'Unit',
  'Description',
  'ActiveState',
  'UnitFileState',
  'TimersCalendar',
  'TimersMonotonic',
  'LastTriggerUSec',
  'NextElapseUSecRealtime',
  'NextElapseUSecMonotonic',
]
const ofServices = [
  'Id',
  'Names',
  'ActiveState',
  'Result',
  'ExecMainStatus',
  'ExecMainCode',
  'ExecMainStartTimestamp',
  'ExecMainExitTimestamp',
  'ExecStart',
  'User',
]
const listTimers = ['list-units', '--type=timer', '--all', '--full', '--plain', '--no-legend']
/** `CLD_EXITED` of `man 2 waitid`: anything else was a signal, and its status is the signal's number. */
const exited = '1'

/** @param bootedMs when the machine was started, for timers that count from there */
export async function readTimers(managers: readonly Manager[], ask: AskManager, bootedMs: number): Promise<Timers> {
  const all = await Promise.all(managers.map((manager) => timersOf(manager, ask, bootedMs)))
  return {
    timers: all.flatMap(({ timers }) => timers),
    passedOver: all.flatMap(({ passedOver }) => passedOver),
    left: all.reduce((sum, { left }) => sum + left, 0),
  }
}

async function timersOf(manager: Manager, ask: AskManager, bootedMs: number): Promise<Timers> {
  const source = manager.kind === 'system' ? 'systemd' : `systemd of ${manager.account.name}`
  const failed = (why: string): Timers => ({
    timers: [],
    passedOver: [{ source, line: null, why: `Its timers are not told: ${why}.` }],
    left: 0,
  })
  const listed = await ask(manager, listTimers)
  if (!listed.ok) return failed(listed.why)
  const { names, left } = unitsIn(listed.text)
  if (names.length === 0) return { timers: [], passedOver: [], left }
  const shown = await ask(manager, ['show', `--property=${ofTimers.join(',')}`, '--', ...names])
  if (!shown.ok) return failed(shown.why)
  const timers = blocksIn(shown.text).filter((block) => names.includes(textOf(block, 'Id')))
  const units = [...new Set(timers.map((block) => textOf(block, 'Unit')).filter(isUnit))]
  const services = units.length === 0 ? null : await ask(manager, ['show', `--property=${ofServices.join(',')}`, '--', ...units])
  if (services?.ok === false) return failed(services.why)
  const known = new Map(blocksIn(services?.text ?? '').flatMap((block) => namesOf(block).map((name) => [name, block] as const)))
  return {
    timers: timers.map((block) => timerOf(manager, { timer: block, service: known.get(textOf(block, 'Unit')), bootedMs })),
    passedOver: [],
    left,
  }
}

const namesOf = (block: Shown): string[] => [textOf(block, 'Id'), ...textOf(block, 'Names').split(' ')]

function timerOf(
  { kind, account }: Manager,
  { timer, service, bootedMs }: { readonly timer: Shown; readonly service: Shown | undefined; readonly bootedMs: number },
): Timer {
  const startedAt = instantOf(textOf(service, 'ExecMainStartTimestamp'))
  const running = ['active', 'activating', 'reloading', 'deactivating'].includes(textOf(service, 'ActiveState'))
  const user = textOf(service, 'User')
  return {
    manager: kind,
    account: kind === 'user' || user === '' ? account.name : showName(user, 64),
    timer: showName(textOf(timer, 'Id')),
    unit: showName(textOf(timer, 'Unit')),
    description: showName(textOf(timer, 'Description')),
    schedule: schedulesOf(timer),
    active: textOf(timer, 'ActiveState') === 'active',
    enabled: showName(textOf(timer, 'UnitFileState'), 40),
    lastAt: instantOf(textOf(timer, 'LastTriggerUSec')),
    nextAt: nextOf(timer, bootedMs),
    command: showCommand(commandIn(service)),
    // A unit that never ran says success too.
    result: startedAt === null && textOf(service, 'Result') === 'success' ? '' : showName(textOf(service, 'Result'), 40),
    exitCode:
      startedAt !== null && !running && textOf(service, 'ExecMainCode') === exited ? countOf(textOf(service, 'ExecMainStatus')) : null,
    startedAt,
    endedAt: running ? null : instantOf(textOf(service, 'ExecMainExitTimestamp')),
    running,
  }
}

/** `{ OnCalendar=*-*-* 06,18:00:00 ; next_elapse=… }` without what changes from look to look. */
function schedulesOf(timer: Shown): string[] {
  return [...(timer.get('TimersCalendar') ?? []), ...(timer.get('TimersMonotonic') ?? [])]
    .flatMap((text) => /^\{ (On[A-Za-z]+)=(.{1,200}?) ; next_elapse=/.exec(text)?.slice(1, 3).join('=') ?? [])
    .map((text) => showName(text.replace('USec=', 'Sec='), 200))
    .slice(0, 10)
}

/** The nearer of both clocks. */
function nextOf(timer: Shown, bootedMs: number): string | null {
  const real = instantOf(textOf(timer, 'NextElapseUSecRealtime'))
  const span = spanMsOf(textOf(timer, 'NextElapseUSecMonotonic'))
  const times = [real === null ? null : Date.parse(real), span === null ? null : bootedMs + span].filter((ms) => ms !== null)
  return times.length === 0 ? null : new Date(Math.min(...times)).toISOString()
}

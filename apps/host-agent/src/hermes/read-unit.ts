import { readFileSync } from 'node:fs'
import type { Instance } from './instances.ts'
import type { Owner } from './owner.ts'
import type { Reason } from './probe/section.ts'
import { runAs } from './run-as.ts'

/** A unit as its manager sees it. `unknown` where the manager cannot be asked, which is not the same as a unit that does not run. */
export type UnitFacts = {
  readonly status: 'up' | 'unknown'
  readonly reason: Reason | null
  readonly name: string
  readonly scope: 'user' | 'system'
  /** False where the manager knows no such unit. */
  readonly loaded: boolean
  readonly active: string | null
  readonly sub: string | null
  readonly enabled: string | null
  readonly since: string | null
  readonly restarts: number | null
  readonly result: string | null
  readonly lastExit: number | null
  readonly mainPid: number | null
}

const properties = 'LoadState,ActiveState,SubState,UnitFileState,Result,NRestarts,ExecMainStatus,MainPID,ActiveEnterTimestampMonotonic'

export async function readUnit({ unit: name, scope }: Instance, owner: Owner): Promise<UnitFacts> {
  const who = scope === 'user' ? owner : { uid: null, gid: null, ownUid: 0 }
  const args = [...(scope === 'user' ? ['--user'] : []), 'show', name, '-p', properties]
  const { status, text } = await runAs(who, '/usr/bin/systemctl', args)
  return unitOf({ name, scope }, status === 0 ? text : '', { nowMs: Date.now(), uptimeSec: uptime() })
}

/** @param text lines of `systemctl show`; without any the manager did not answer */
export function unitOf(
  named: Pick<UnitFacts, 'name' | 'scope'>,
  text: string,
  { nowMs, uptimeSec }: { readonly nowMs: number; readonly uptimeSec: number },
): UnitFacts {
  const lines = text.split('\n').map((line): [string, string] => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)])
  const told = new Map(lines.filter(([name]) => name !== ''))
  const word = (name: string): string | null => {
    const value = told.get(name) ?? ''
    return /^[a-z][a-z-]{0,40}$/.test(value) ? value : null
  }
  const number = (name: string): number | null => (/^[0-9]{1,15}$/.test(told.get(name) ?? '') ? Number(told.get(name)) : null)
  const known = told.has('LoadState') && told.has('ActiveState')
  const enteredSec = (number('ActiveEnterTimestampMonotonic') ?? 0) / 1_000_000
  return {
    ...named,
    status: known ? 'up' : 'unknown',
    reason: known ? null : 'no_bus',
    loaded: word('LoadState') === 'loaded',
    active: word('ActiveState'),
    sub: word('SubState'),
    enabled: word('UnitFileState'),
    since: enteredSec > 0 ? new Date(nowMs - (uptimeSec - enteredSec) * 1_000).toISOString() : null,
    restarts: number('NRestarts'),
    result: word('Result'),
    lastExit: number('ExecMainStatus'),
    mainPid: number('MainPID') || null,
  }
}

export function uptime(): number {
  return Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0])
}

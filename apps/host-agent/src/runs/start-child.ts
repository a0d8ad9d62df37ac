import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pidsOf } from './cgroup.ts'
import { endProcesses, processesOf } from './processes.ts'
import type { ChildSpec } from './run-child.ts'
import type { Alive } from './run-record.ts'
import { unitOf, unitOptions } from './unit-options.ts'

/** Where a run's processes live: a transient systemd unit with its own cgroup, or a session of its own. */
export type Containment = {
  readonly kind: 'unit' | 'group'
  unitOf(runId: string): string | null
  /** Starts the wrapper, which outlives this process. */
  start(spec: ChildSpec): void
  /** Ends every process of the run. @returns false when some would not go */
  end(runId: string, alive: Alive | null, graceMs: number): Promise<boolean>
  /** True while something of a run that has ended is still being ended with it. */
  lingers(alive: Alive | null): boolean
}

const wrapper = join(import.meta.dirname, 'run-child.ts')
const nodeArgs = ['--disable-warning=ExperimentalWarning', wrapper]
/** Where Node keeps what it compiled, if this process has such a place: the wrapper starts in half the time. The script gets none of it. */
const cache = process.env.NODE_COMPILE_CACHE
const cached: Readonly<Record<string, string>> = cache === undefined ? {} : { NODE_COMPILE_CACHE: cache }

/** Units where systemd is process 1 and we may start them; else process groups. */
export function chooseContainment(uid: number): Containment {
  return uid === 0 && existsSync('/run/systemd/system') ? unitContainment() : groupContainment()
}

function groupContainment(): Containment {
  return {
    kind: 'group',
    unitOf: () => null,
    start(spec) {
      const child = spawn(process.execPath, nodeArgs, {
        detached: true,
        stdio: ['pipe', 'ignore', 'ignore'],
        env: { PATH: process.env.PATH ?? '', ...cached },
        cwd: '/',
      })
      // What cannot be started is found by the supervisor: no wrapper ever appears.
      child.once('error', () => undefined)
      child.stdin.once('error', () => undefined)
      child.stdin.end(JSON.stringify(spec))
      child.unref()
    },
    end: (runId, alive, graceMs) => endProcesses(() => processesOf(runId, alive?.child ?? null), graceMs),
    // What a script leaves running on purpose is not the run any more.
    lingers: () => false,
  }
}

function unitContainment(): Containment {
  return {
    kind: 'unit',
    unitOf,
    start(spec) {
      const child = spawn('/usr/bin/systemd-run', [...unitOptions(spec, cached), '--', process.execPath, ...nodeArgs], {
        detached: true,
        stdio: ['pipe', 'ignore', 'ignore'],
        env: { PATH: '/usr/bin:/bin' },
        cwd: '/',
      })
      // What cannot be started is found by the supervisor: no wrapper ever appears.
      child.once('error', () => undefined)
      child.stdin.once('error', () => undefined)
      child.stdin.end(JSON.stringify(spec))
      child.unref()
    },
    // The wrapper stays, to write down how the script ended. Where it has written nothing yet, no script has begun.
    end: (runId, alive, graceMs) => endProcesses(() => heldBy(runId, alive), graceMs),
    lingers: (alive) => alive?.cgroup != null && pidsOf(alive.cgroup).length > 0,
  }
}

/** A wrapper that did not find its own cgroup said so; what it started is then found as without units. */
function heldBy(runId: string, alive: Alive | null): number[] {
  if (!alive) return []
  if (alive.cgroup === null) return processesOf(runId, alive.child)
  return pidsOf(alive.cgroup).filter((pid) => pid !== alive.wrapper.pid)
}

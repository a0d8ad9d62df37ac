import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { endProcesses, processesOf } from './processes.ts'
import type { ChildSpec } from './run-child.ts'

/** Where a run's processes live: a transient systemd unit with its own cgroup, or a session of its own. */
export type Containment = {
  readonly kind: 'unit' | 'group'
  unitOf(runId: string): string | null
  /** Starts the wrapper, which outlives this process. */
  start(spec: ChildSpec): void
  /** Ends every process of the run. @returns false when some would not go */
  end(runId: string, childPid: number | null, graceMs: number): Promise<boolean>
}

const wrapper = join(import.meta.dirname, 'run-child.ts')
const nodeArgs = ['--disable-warning=ExperimentalWarning', wrapper]

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
        env: { PATH: process.env.PATH ?? '' },
        cwd: '/',
      })
      // What cannot be started is found by the supervisor: no wrapper ever appears.
      child.once('error', () => undefined)
      child.stdin.once('error', () => undefined)
      child.stdin.end(JSON.stringify(spec))
      child.unref()
    },
    end: (runId, childPid, graceMs) => endProcesses(() => processesOf(runId, childPid), graceMs),
  }
}

function unitContainment(): Containment {
  const unitOf = (runId: string): string => `bytelyst-${runId}.service`
  return {
    kind: 'unit',
    unitOf,
    start(spec) {
      const more = [
        `--unit=${unitOf(spec.runId)}`,
        '--collect',
        '--quiet',
        '--pipe',
        '--service-type=exec',
        '--property=KillMode=control-group',
        '--property=SendSIGKILL=yes',
        '--property=TasksMax=4096',
        `--property=TimeoutStopSec=${Math.ceil(spec.graceMs / 1_000)}`,
        `--property=RuntimeMaxSec=${spec.timeoutSec + 60}`,
      ]
      const child = spawn('/usr/bin/systemd-run', [...more, '--', process.execPath, ...nodeArgs], {
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
    async end(runId, _childPid, graceMs) {
      const unit = unitOf(runId)
      // Everything in the cgroup but the wrapper, which stays to write down how the script ended; then the unit itself.
      const pids = (): number[] => cgroupPids(unit).filter((pid) => !isWrapper(unit, pid))
      const gone = await endProcesses(pids, graceMs)
      return gone
    },
  }
}

function cgroupPids(unit: string): number[] {
  try {
    const group = execFileSync('/usr/bin/systemctl', ['show', '--property=ControlGroup', '--value', unit], { encoding: 'utf8' }).trim()
    if (group === '') return []
    const tree = ['/sys/fs/cgroup', '/sys/fs/cgroup/systemd', '/sys/fs/cgroup/unified']
      .map((base) => `${base}${group}`)
      .find((path) => existsSync(`${path}/cgroup.procs`))
    return tree === undefined
      ? []
      : execFileSync('/usr/bin/find', [tree, '-name', 'cgroup.procs', '-exec', 'cat', '{}', '+'], { encoding: 'utf8' })
          .split('\n')
          .filter(Boolean)
          .map(Number)
  } catch {
    return []
  }
}

function isWrapper(unit: string, pid: number): boolean {
  try {
    return Number(execFileSync('/usr/bin/systemctl', ['show', '--property=MainPID', '--value', unit], { encoding: 'utf8' }).trim()) === pid
  } catch {
    return false
  }
}

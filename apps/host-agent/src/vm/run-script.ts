import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { closeSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DaemonError } from '@console/verb-kit/problem'
import { type Born, bornOf, endProcesses, processesOf, runMark } from '../runs/processes.ts'
import { readScript } from '../scripts/read-script.ts'
import type { ScriptName } from './known-scripts.ts'

/** Where the scripts of the VM lie, what they must hash to, and where the agent keeps its own copy while one runs. */
export type VmScripts = {
  readonly folder: string
  readonly known: Readonly<Record<ScriptName, string>>
  /** The agent's own folder: nobody else may enter it. */
  readonly dir: string
  /** Whether systemd runs here and lets us start units. */
  readonly inUnit: boolean
}
type Order = {
  readonly name: ScriptName
  readonly args: readonly string[]
  readonly timeoutMs: number
  readonly mostBytes: number
  /** Statuses with which it ends when all went as it should. */
  readonly statuses: readonly number[]
}
export type Ran = { readonly text: string; readonly sha256: string }

const graceMs = 1_000
/** What was printed last is still on its way when a script has ended; what it left running may hold its output open for ever. */
const lastOutputMs = 250

/** The bytes of a script, if they are exactly those that came with this agent. @throws DaemonError VM_SCRIPT_CHANGED */
export function knownBytes({ folder, known }: VmScripts, name: ScriptName): { bytes: Buffer; sha256: string } {
  const read = readScript(join(folder, name), { root: folder, ownerUid: null })
  if (!read.ok) throw changed(name, read.reason, null)
  if (read.sha256 !== known[name]) throw changed(name, 'Its text differs.', read.sha256)
  return { bytes: read.bytes, sha256: read.sha256 }
}

function changed(name: ScriptName, reason: string, sha256: string | null): DaemonError {
  const message = `${name} is not the script that came with this agent, so it was not run. ${reason} Install the agent anew.`
  return new DaemonError('VM_SCRIPT_CHANGED', 409, message, { untouched: true, details: { script: name, sha256 } })
}

/**
 * Runs a script of the VM with fixed arguments: the bytes are read once, hashed, and a private copy of them is what runs, in an
 * environment from scratch and a session of its own, which is ended whole when it takes too long or says too much.
 * @throws DaemonError VM_SCRIPT_CHANGED before, VM_SCRIPT_FAILED after it was begun
 */
export async function runVmScript(scripts: VmScripts, { name, args, timeoutMs, mostBytes, statuses }: Order): Promise<Ran> {
  const { bytes, sha256 } = knownBytes(scripts, name)
  const mark = `vm-${randomUUID()}`
  const child = start(privateCopy(scripts.dir, mark, bytes), { args, timeoutMs, mark, inUnit: scripts.inUnit })
  const root: Born | null = child.pid === undefined ? null : { pid: child.pid, born: bornOf(child.pid) ?? '' }
  const { text, trouble, status } = await watched(child, { timeoutMs, mostBytes })
  // What it left behind goes too: a check has no business that outlives it.
  await endProcesses(() => processesOf(mark, root), graceMs)
  const failed = trouble ?? (statuses.includes(status ?? -1) ? null : `It ended with status ${status ?? 'unknown'}.`)
  if (failed !== null) throw new DaemonError('VM_SCRIPT_FAILED', 502, `${name} gave no answer. ${failed} Run it by hand on the host.`)
  return { text, sha256 }
}

/** A descriptor of a file that has no name any more, so that nobody can change what it holds. */
function privateCopy(dir: string, mark: string, bytes: Buffer): number {
  const path = join(dir, `${mark}.sh`)
  try {
    writeFileSync(path, bytes, { mode: 0o400, flag: 'wx' })
    return openSync(path, 'r')
  } finally {
    rmSync(path, { force: true })
  }
}

/**
 * With standard input as the script's text: the one descriptor that also reaches a transient unit. Where there are units it runs in one, for
 * the agent's own sandbox shows another /tmp, other mounts and less of the network than the machine has.
 */
function start(
  script: number,
  { args, timeoutMs, mark, inUnit }: Pick<Order, 'args' | 'timeoutMs'> & { mark: string; inUnit: boolean },
): ChildProcess {
  const environment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8', HOME: '/nonexistent', [runMark]: mark }
  const bash = ['/bin/bash', '--noprofile', '--norc', '/proc/self/fd/0', ...args]
  const unit = [
    `--unit=bytelyst-${mark}.service`,
    '--collect',
    '--quiet',
    '--pipe',
    '--wait',
    '--property=KillMode=control-group',
    '--property=TasksMax=512',
    '--property=MemoryMax=512M',
    `--property=RuntimeMaxSec=${Math.ceil(timeoutMs / 1_000) + 5}`,
  ]
  const fromScratch = ['/usr/bin/env', '-i', ...Object.entries(environment).map(([name, value]) => `${name}=${value}`), ...bash]
  const [program = '', ...rest] = inUnit ? ['/usr/bin/systemd-run', ...unit, '--', ...fromScratch] : bash
  try {
    return spawn(program, rest, {
      cwd: '/',
      env: inUnit ? { PATH: '/usr/bin:/bin' } : environment,
      stdio: [script, 'pipe', 'ignore'],
      detached: true,
    })
  } finally {
    closeSync(script)
  }
}

type Watched = { readonly text: string; readonly trouble: string | null; readonly status: number | null }

/** What it printed, and why that is not all. It is over when the script is, whatever else still holds its output open. */
async function watched(child: ChildProcess, { timeoutMs, mostBytes }: Pick<Order, 'timeoutMs' | 'mostBytes'>): Promise<Watched> {
  const chunks: Buffer[] = []
  let size = 0
  return new Promise((resolve) => {
    const end = (trouble: string | null, status: number | null): void => {
      clearTimeout(deadline)
      child.stdout?.destroy()
      resolve({ text: Buffer.concat(chunks).toString('utf8'), trouble, status })
    }
    const deadline = setTimeout(() => end(`It took longer than ${timeoutMs / 1_000} s.`, null), timeoutMs)
    child.stdout?.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > mostBytes) end(`It printed more than ${Math.round(mostBytes / 1_024)} KiB.`, null)
      else chunks.push(chunk)
    })
    child.once('error', (error) => end(`It could not be started: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}.`, null))
    child.once('close', (status) => end(null, status))
    child.once('exit', (status) => setTimeout(() => end(null, status), lastOutputMs))
  })
}

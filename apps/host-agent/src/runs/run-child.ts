/**
 * Runs one script and outlives the agent: reads what to do from standard input (secrets included: they are in no argument, no
 * environment of its own and no file), keeps the output, the deadline and the exit status on disk.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { writeDurably } from '@console/audit-chain/write-durably'
import type { CheckWork } from '../code/check-desk.ts'
import { type End, runChecks } from '../code/run-checks.ts'
import { cgroupOfUnit, memoryKills, pidsOf } from './cgroup.ts'
import { createLineWriter } from './line-writer.ts'
import { createValueMask } from './mask-values.ts'
import { type Born, bornOf, endProcesses, processesOf } from './processes.ts'
import { type Alive, cancelMark, type Exit } from './run-record.ts'

export type ChildSpec = {
  readonly runId: string
  /** The transient unit that this program was started in, if any. */
  readonly unit: string | null
  readonly folder: string
  readonly copyPath: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: Record<string, string>
  readonly secrets: readonly string[]
  readonly timeoutSec: number
  readonly graceMs: number
  readonly mostBytes: number
  readonly uid: number | null
  readonly gid: number | null
  /** Instead of a script: checks of a project, which bring their own account. */
  readonly check: CheckWork | null
}

// The agent ends the script, not this process: it stays to write down how the script ended.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined)
const spec = JSON.parse(await text(process.stdin)) as ChildSpec
const cgroup = spec.unit === null ? null : cgroupOfUnit(spec.unit)
const born = (pid: number): Born => ({ pid, born: bornOf(pid) ?? '' })
const alive = (root: Born | null): void => {
  const state: Alive = { wrapper: born(process.pid), child: root, cgroup }
  writeDurably(join(spec.folder, 'alive.json'), JSON.stringify(state), 0o600)
}
const isCancelled = (): boolean => existsSync(join(spec.folder, cancelMark))
alive(null)
const writer = createLineWriter(join(spec.folder, 'output.ndjson'), {
  mask: createValueMask(spec.secrets),
  mostBytes: spec.mostBytes,
  now: () => new Date(),
})
let root: Born | null = null
let finished = false
let timedOut = false
let ending: Promise<unknown> = Promise.resolve()
const endAll = (): void => {
  const left = (): number[] => (cgroup === null ? processesOf(spec.runId, root) : pidsOf(cgroup).filter((pid) => pid !== process.pid))
  ending = endProcesses(left, spec.graceMs)
}
const deadline = setTimeout(() => {
  timedOut = true
  writer.say(`The limit of ${spec.timeoutSec} s is over: every process of the run is ended.`)
  endAll()
}, spec.timeoutSec * 1_000)

// A run that was cancelled before its script began never begins it.
if (isCancelled()) void finish(nothing())
else if (spec.check === null) void runOne(startScript).then(finish)
else {
  let stopped = false
  const isOver = (): boolean => stopped || timedOut || isCancelled()
  const stop = (): void => {
    stopped = true
    endAll()
  }
  const { runId, folder, check: work, unit } = spec
  const kills = (): number => (unit === null ? 0 : (memoryKills(unit) ?? 0))
  void runChecks({ work, runId, folder, writer, runOne, isOver, memoryKills: kills, endAll: stop }).catch(nothing).then(finish)
}

function nothing(): End {
  return { code: null, signal: null }
}

/** One process and all that it prints. A service that it left running may hold the pipes open for ever, so only what is in them now is waited for. */
function runOne(begin: () => ChildProcess): Promise<End> {
  const child = begin()
  root = child.pid === undefined ? null : born(child.pid)
  void insist(() => alive(root))
  child.stdout?.on('data', (chunk: Buffer) => writer.push('out', chunk))
  child.stderr?.on('data', (chunk: Buffer) => writer.push('err', chunk))
  return new Promise((resolve) => {
    child.once('error', (error) => {
      writer.say(`The script could not be started: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}.`)
      resolve(nothing())
    })
    child.once('exit', (code, signal) => setTimeout(() => resolve({ code, signal }), 100))
  })
}

/** Nothing is reported ended whose processes this program still has to end. */
async function finish({ code: exitCode, signal }: End): Promise<void> {
  if (finished) return
  finished = true
  clearTimeout(deadline)
  await ending
  writer.close()
  const endedAt = new Date().toISOString()
  await insist(() => {
    const exit: Exit = { exitCode, signal, endedAt, timedOut, cancelled: isCancelled() }
    writeDurably(join(spec.folder, 'exit.json'), JSON.stringify(exit), 0o600)
  })
  process.exit(0)
}

/** Until there is room for it. @throws the system's error after ten minutes */
async function insist(write: () => void): Promise<void> {
  for (const until = performance.now() + 600_000; ; )
    try {
      return write()
    } catch (error) {
      if (performance.now() > until) throw error
      await pause(500)
    }
}

function startScript(): ChildProcess {
  const script = openSync(spec.copyPath, 'r')
  const started = spawn('/bin/bash', ['--noprofile', '--norc', '/proc/self/fd/3', ...spec.args], {
    cwd: spec.cwd,
    env: spec.env,
    stdio: ['ignore', 'pipe', 'pipe', script],
    detached: true,
    ...(spec.uid !== null && spec.gid !== null && { uid: spec.uid, gid: spec.gid }),
  })
  closeSync(script)
  return started
}

import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeDurably } from '@console/audit-chain/write-durably'
import type { CheckName } from '@console/verbs/code'
import { ID } from '@console/verbs/patterns'
import { type CheckState, checksFile } from '../code/check-state.ts'
import type { Born } from './processes.ts'
import { openOutput } from './read-output.ts'

type RunState = 'queued' | 'running' | 'exited' | 'cancelled' | 'timed-out' | 'interrupted' | 'refused'
/** A run on disk, `runs/<runId>/run.json`. Values of variables are never here. */
export type RunRecord = {
  v: 1
  runId: string
  scriptId: string
  serviceId: string
  state: RunState
  reason: string
  actor: { kind: string; id: string }
  /** Null of a check, which is no script of ours. */
  scriptSha256: string | null
  copyPath: string
  user: string
  workingDirectory: string
  variables: string[]
  timeoutSec: number
  unit: string | null
  queuedAt: string
  startedAt: string | null
  deadlineAt: string | null
  endedAt: string | null
  exitCode: number | null
  signal: string | null
  code: string | null
  cancelledBy: string | null
  order: number
  /** Of a check of code. */
  check?: { projectPath: string; names: CheckName[] }
}
type Known = 'runId' | 'scriptId' | 'serviceId' | 'reason' | 'actor' | 'scriptSha256' | 'copyPath' | 'user' | 'workingDirectory'
/** A run as it begins: in line, with nothing known of its end. */
export function queuedRecord(known: Pick<RunRecord, Known | 'variables' | 'timeoutSec' | 'queuedAt' | 'order' | 'check'>): RunRecord {
  const open = { unit: null, startedAt: null, deadlineAt: null, endedAt: null, exitCode: null, signal: null, code: null, cancelledBy: null }
  return { v: 1, state: 'queued', ...open, ...known }
}
/** What the wrapper leaves behind: who it is, where it is held, and how the script ended. `cancelled` when that was asked for before the end. */
export type Alive = { wrapper: Born; child: Born | null; cgroup: string | null }
export type Exit = { exitCode: number | null; signal: string | null; endedAt: string; timedOut: boolean; cancelled: boolean }

/** Lies in a run's folder from the moment somebody cancels it, or nobody waits for it any more: no script begins after that. */
export const cancelMark = 'cancelled'

export function openRunFolder(dir: string) {
  const root = join(dir, 'runs')
  mkdirSync(root, { recursive: true, mode: 0o700 })
  const folderOf = (runId: string): string => join(root, runId)
  return {
    folderOf,
    load(): RunRecord[] {
      return readdirSync(root)
        .filter((name) => ID.test(name))
        .map((name) => readJson<RunRecord>(join(root, name, 'run.json')))
        .filter((record) => record !== null && record.v === 1) as RunRecord[]
    },
    /** Before anything of a run is written. */
    make: (runId: string) => void mkdirSync(folderOf(runId), { recursive: true, mode: 0o700 }),
    remove: (runId: string) => rmSync(folderOf(runId), { recursive: true, force: true }),
    save(record: RunRecord): void {
      writeDurably(join(folderOf(record.runId), 'run.json'), JSON.stringify(record), 0o600)
    },
    alive: (runId: string) => readJson<Alive>(join(folderOf(runId), 'alive.json')),
    exit: (runId: string) => readJson<Exit>(join(folderOf(runId), 'exit.json')),
    /** How far a check of code is; null of a script. */
    checks: (runId: string) => readJson<CheckState[]>(join(folderOf(runId), checksFile)),
    /** What a wrapper that was killed could not take away any more. */
    removeCopy: (runId: string) => rm(join(folderOf(runId), 'copy'), { recursive: true, force: true }),
    markCancelled: (runId: string) => writeDurably(join(folderOf(runId), cancelMark), '', 0o600),
    output: (runId: string) => join(folderOf(runId), 'output.ndjson'),
    /** What the script itself printed so far. */
    lines: (runId: string, most: number) =>
      openOutput(join(folderOf(runId), 'output.ndjson'))
        .after(0, most)
        .flatMap(({ stream, text }) => (stream === 'out' ? [text] : [])),
  }
}

function readJson<T>(path: string): T | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T
  } catch {
    return null
  }
}

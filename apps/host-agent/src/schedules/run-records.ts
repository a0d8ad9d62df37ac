import { join } from 'node:path'
import type { Account } from './accounts.ts'
import { readPlainFile } from './plain-file.ts'

/** What `vm/lib/run-logged.sh` wrote down of a job; null where it wrote nothing that can be believed. */
export type RunRecord = {
  readonly startedAt: string
  /** Null while it runs, and where its end was never written. */
  readonly endedAt: string | null
  readonly exitCode: number | null
  readonly running: boolean
}

const wrapped = /(?:^|[\s/;&|("'])run-logged\.sh["']?\s+([A-Za-z0-9][A-Za-z0-9._-]{0,63})(?=\s)/
const mostBytes = 4_096
const instant = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z$/

/** The name under which a line's command is recorded; null where it is not. */
export function recordedName(command: string): string | null {
  return wrapped.exec(command)?.[1] ?? null
}

/**
 * The newest start and end of a job of an account. Both files lie where that account may do as it likes, so they are believed of it
 * alone: what belongs to another is not read, whatever link leads to it.
 * @param isAlive whether the process lives that was born as told
 */
export function readRunRecord(
  root: string,
  { account, name }: { readonly account: Account; readonly name: string },
  isAlive: (process: { readonly pid: number; readonly born: string }) => boolean,
): RunRecord | null {
  if (!account.home.startsWith('/')) return null
  const folder = join(root, account.home, '.local/state/bytelyst-runs')
  const partOf = (which: 'started' | 'ended') => readPart(join(folder, `${name}.${which}.json`), account.uid)
  const [started, ended] = [partOf('started'), partOf('ended')]
  const end = ended && timeOf(ended.endedAt) !== null && Number.isInteger(ended.exitCode) ? ended : null
  const [begunMs, endBegunMs] = [timeOf(started?.startedAt), timeOf(end?.startedAt)]
  const last =
    end && endBegunMs !== null
      ? { startedAt: String(end.startedAt), endedAt: String(end.endedAt), exitCode: Number(end.exitCode), running: false }
      : null
  if (started === null || begunMs === null || (endBegunMs !== null && begunMs <= endBegunMs)) return last
  const process = { pid: Number(started.pid), born: String(started.born) }
  const running = Number.isSafeInteger(process.pid) && process.pid > 0 && isAlive(process)
  return { startedAt: String(started.startedAt), endedAt: null, exitCode: null, running }
}

function readPart(path: string, uid: number): Readonly<Record<string, unknown>> | null {
  const read = readPlainFile(path, mostBytes)
  if ('why' in read || read.uid !== uid) return null
  try {
    const value: unknown = JSON.parse(read.text)
    return typeof value === 'object' && value !== null && (value as { v?: unknown }).v === 1 ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

function timeOf(value: unknown): number | null {
  if (typeof value !== 'string' || !instant.test(value)) return null
  const ms = Date.parse(value)
  return Number.isNaN(ms) ? null : ms
}

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from './daemon-harness.ts'

/** One system call of a process: the n-th of this name in whichever of its threads comes to it first. */
/** Which call of each thread: the nth, or each. */
export type CallPoint = { readonly call: string; readonly nth: number | 'each' }

/** What a process called while `work` went on, each call once, in the order of their first coming. */
export async function callsDuring(pid: number, work: () => Promise<unknown>): Promise<CallPoint[]> {
  const folder = mkdtempSync(join(tmpdir(), 'calls-'))
  const file = join(folder, 'trace')
  await attached(pid, ['-o', file], work)
  const seen = new Map<string, number>()
  const points = new Map<string, CallPoint>()
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [, thread, call] = /^(\d+)\s+([a-z][a-z0-9_]*)\(/.exec(line) ?? []
    if (thread === undefined || call === undefined) continue
    const nth = (seen.get(`${thread} ${call}`) ?? 0) + 1
    seen.set(`${thread} ${call}`, nth)
    points.set(`${call} ${nth}`, { call, nth })
  }
  rmSync(folder, { recursive: true })
  return [...points.values()]
}

/** Does something while one call of a process kills it, or fails; afterwards the process, if it is still there, is left alone. */
export function whileCall(
  pid: number,
  { call, nth }: CallPoint,
  then: 'kill' | 'EIO' | 'ENOSPC',
  work: () => Promise<void>,
): Promise<void> {
  const effect = then === 'kill' ? 'signal=SIGKILL' : `error=${then}`
  return attached(
    pid,
    ['-o', '/dev/null', '-e', `trace=${call}`, '-e', `inject=${call}:${effect}:when=${nth === 'each' ? '1+' : nth}`],
    work,
  )
}

async function attached(pid: number, options: readonly string[], work: () => Promise<unknown>): Promise<void> {
  const tracer = spawn('strace', ['-f', '-q', '-p', String(pid), ...options], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  tracer.stderr.on('data', (bytes: Buffer) => {
    said += bytes.toString()
  })
  const closed = new Promise((resolve) => tracer.once('close', resolve))
  try {
    await until(`strace holds ${pid}`, () => isTraced(pid) || hasEnded(tracer), 30_000)
    if (hasEnded(tracer) && existsSync(`/proc/${pid}`)) throw new Error(`strace ended at once: ${said}`)
    await work()
  } finally {
    tracer.kill('SIGINT')
    // One whose process was killed under it waits now and then for a thread that never comes.
    const stuck = setTimeout(() => tracer.kill('SIGKILL'), 10_000)
    await closed
    clearTimeout(stuck)
  }
}

/** Whether all threads are held: one that is not yet would slip through. A process that the very first call has killed is held as well. */
function isTraced(pid: number): boolean {
  if (!existsSync(`/proc/${pid}`)) return true
  try {
    const threads = readdirSync(`/proc/${pid}/task`)
    return threads.every((thread) => !/^TracerPid:\t0$/m.test(readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8')))
  } catch {
    return false
  }
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null
}

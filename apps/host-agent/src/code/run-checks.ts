import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdirSync, rmSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { writeDurably } from '@console/audit-chain/write-durably'
import type { LineWriter } from '../runs/line-writer.ts'
import { runMark } from '../runs/processes.ts'
import type { CheckWork } from './check-desk.ts'
import { type CheckState, checksFile, waitingCheck } from './check-state.ts'
import { containedCommand } from './contain.ts'
import { copyTree } from './copy-tree.ts'
import { openProject } from './open-project.ts'

export type End = { readonly code: number | null; readonly signal: string | null }
type Order = {
  readonly work: CheckWork
  readonly runId: string
  readonly folder: string
  readonly writer: LineWriter
  /** Starts a process, waits for its end, and keeps what it prints. */
  readonly runOne: (start: () => ChildProcess) => Promise<End>
  /** The run is over: cancelled, or at its limit. */
  readonly isOver: () => boolean
  /** How many processes of the run were ended because its memory was used up. */
  readonly memoryKills: () => number
  readonly endAll: () => void
}

const bounds = { mostFiles: 250_000, mostBytes: 3 * 1_073_741_824, deepest: 60 }
/** The disk belongs to others too: below this the run ends. */
const leastFreeBytes = 1_073_741_824
const lookMs = 1_000

/** Copies the project, then runs each check contained, one after the other; one that fails keeps none of the others from running. */
export async function runChecks(order: Order): Promise<End> {
  const { work, folder, writer, isOver } = order
  const states = work.names.map(waitingCheck)
  const save = (): void => writeDurably(join(folder, checksFile), JSON.stringify(states), 0o600)
  save()
  const copy = join(folder, 'copy')
  const guard = setInterval(() => {
    if (freeBytes(folder) >= leastFreeBytes) return
    clearInterval(guard)
    writer.say('The run was ended: less than 1 GiB of the disk is free.')
    order.endAll()
  }, lookMs)
  try {
    await makeCopy(order, copy)
    for (const state of states) {
      if (isOver()) break
      await runCheck(order, { state, copy, save })
    }
  } catch (error) {
    if (!isOver()) writer.say((error as Error).message)
    return { code: null, signal: null }
  } finally {
    clearInterval(guard)
    for (const state of states) if (state.state === 'waiting' || state.state === 'running') state.state = 'not-run'
    // The copy goes first: it may be what the disk is full of.
    takeAway(copy, writer)
    save()
  }
  const bad = states.find(({ state }) => state !== 'passed')
  return bad ? { code: bad.exitCode ?? 1, signal: null } : { code: 0, signal: null }
}

async function makeCopy({ work, folder, writer, isOver }: Order, copy: string): Promise<void> {
  mkdirSync(copy, { mode: 0o700 })
  mkdirSync(join(folder, 'root'), { mode: 0o700, recursive: true })
  const project = openProject(work.projectPath, work.roots)
  try {
    const { files, bytes, left } = await copyTree({ project, into: copy, owner: work.account, bounds, stopped: isOver })
    const leftOut =
      left === 0 ? '' : ` ${left} entries were left out: links that lead out, other file systems, private files of other accounts.`
    writer.say(`Copied ${files} files, ${Math.ceil(bytes / 1_048_576)} MiB, without .git.${leftOut}`)
  } finally {
    closeSync(project.fd)
  }
}

async function runCheck(
  order: Order,
  { state, copy, save }: { readonly state: CheckState; readonly copy: string; readonly save: () => void },
): Promise<void> {
  const { work, runId, folder, writer, runOne, isOver, memoryKills } = order
  writer.push('out', Buffer.from(`::step ${state.name}::\n`))
  Object.assign(state, { state: 'running', startedAt: new Date().toISOString(), fromLine: writer.mark() })
  save()
  const { file, args } = containedCommand({
    root: join(folder, 'root'),
    copy,
    node: work.node,
    npm: work.npm,
    account: work.account,
    check: state.name,
  })
  const killsBefore = memoryKills()
  const end = await runOne(() =>
    spawn(file, args, { cwd: '/', env: { [runMark]: runId }, stdio: ['ignore', 'pipe', 'pipe'], detached: true }),
  )
  const passed = end.code === 0 && !isOver()
  const overMemory = memoryKills() > killsBefore
  if (overMemory) writer.say(`${state.name} reached the ${work.memoryMb} MiB of memory that checks may take: what was over it was ended.`)
  Object.assign(state, {
    state: passed ? 'passed' : isOver() ? 'not-run' : 'failed',
    exitCode: end.code,
    endedAt: new Date().toISOString(),
    toLine: writer.mark(),
    bound: overMemory ? 'memory' : null,
  })
  save()
}

function takeAway(copy: string, writer: LineWriter): void {
  try {
    rmSync(copy, { recursive: true, force: true })
  } catch {
    writer.say('The copy could not be taken away whole. It goes with the run.')
  }
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}

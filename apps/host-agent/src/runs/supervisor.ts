import { execFileSync } from 'node:child_process'
import { DaemonError } from '@console/verb-kit/problem'
import type { ScriptBook } from '../scripts/script-book.ts'
import type { OutputLine } from './line-writer.ts'
import { runMark, startTicksOf } from './processes.ts'
import { type Output, openOutput, type Summary } from './read-output.ts'
import { openRunFolder, type RunRecord } from './run-record.ts'
import type { Values, WaitingValues } from './seal-values.ts'
import type { Containment } from './start-child.ts'

type RunView = Omit<RunRecord, 'v' | 'copyPath' | 'workingDirectory' | 'variables' | 'order'> &
  Summary & { pid: number | null; position: number | null }
type StartInput = {
  runId: string
  scriptId: string
  serviceId: string
  reason: string
  onBusy: string
  variables: Record<string, string>
  secretNames: string[]
}
export type Supervisor = {
  start(input: StartInput, actor: RunRecord['actor']): RunView
  list(filter: { serviceId?: string; state?: string; limit?: number }): RunView[]
  get(runId: string): RunView
  cancel(runId: string, by: { id: string; service: boolean }, reason: string): Promise<RunView>
  log(
    runId: string,
    options: { after: number; limit: number; follow: boolean },
    signal: AbortSignal,
  ): AsyncIterable<OutputLine | { next: number } | { ended: string }>
  stop(): void
}
type Options = {
  readonly dir: string
  readonly scripts: ScriptBook
  readonly containment: Containment
  readonly values: WaitingValues
  readonly uid: number
  readonly graceMs: number
  readonly now: () => Date
  readonly log: (level: 'info' | 'warn' | 'error', msg: string, more?: object) => void
  readonly ended: (run: RunRecord) => void
  readonly waitMs?: number
}

const watchMs = 100
const followMs = 40
const startWaitMs = 8_000
const waitByDefaultMs = 60 * 60_000
const outputBytes = 10 * 1_048_576
const kept = 2_000

/** Owns the queue and the processes of runs. A run belongs to it from admission on, whoever else lives. */
export function startSupervisor(options: Options): Supervisor {
  const { dir, scripts, containment, values, uid, graceMs, now, log, ended, waitMs = waitByDefaultMs } = options
  const files = openRunFolder(dir)
  const runs = new Map(files.load().map((record) => [record.runId, record]))
  const outputs = new Map<string, Output>()
  const launched = new Map<string, number>()
  const ending = new Map<string, Promise<boolean>>()
  let order = Math.max(0, ...[...runs.values()].map((run) => run.order))

  const outputOf = (runId: string): Output => {
    const known = outputs.get(runId) ?? openOutput(files.output(runId))
    outputs.set(runId, known)
    return known
  }
  const save = (record: RunRecord): void => {
    files.save(record)
    runs.set(record.runId, record)
  }
  const close = (record: RunRecord, over: Partial<RunRecord>): void => {
    values.forget(files.folderOf(record.runId))
    const closed = { ...record, endedAt: now().toISOString(), ...over }
    save(closed)
    ended(closed)
  }
  const openOf = (serviceId: string): RunRecord[] =>
    [...runs.values()]
      .filter((run) => run.serviceId === serviceId && (run.state === 'queued' || run.state === 'running'))
      .sort((a, b) => a.order - b.order)

  const launch = (record: RunRecord): void => {
    const folder = files.folderOf(record.runId)
    try {
      const { approval, copyPath } = scripts.admit(record.scriptId)
      if (approval.sha256 !== record.scriptSha256) throw new DaemonError('SCRIPT_CHANGED', 409, 'approved anew')
      const given = values.take(folder) ?? { values: {}, secretNames: [] }
      const account = accountOf(record.user, uid)
      const at = now()
      save({
        ...record,
        state: 'running',
        startedAt: at.toISOString(),
        deadlineAt: new Date(at.getTime() + record.timeoutSec * 1_000).toISOString(),
        unit: containment.unitOf(record.runId),
      })
      launched.set(record.runId, performance.now())
      containment.start({
        runId: record.runId,
        folder,
        copyPath,
        cwd: record.workingDirectory,
        env: environmentOf(record, given, account.home),
        secrets: given.secretNames.flatMap((name) => given.values[name] ?? []),
        timeoutSec: record.timeoutSec,
        graceMs,
        mostBytes: outputBytes,
        uid: account.uid,
        gid: account.gid,
      })
      values.forget(folder)
    } catch (error) {
      const code = error instanceof DaemonError ? error.code : 'INTERNAL'
      if (code === 'INTERNAL') log('error', 'a run could not be started', { runId: record.runId, error: String(error) })
      close(record, { state: 'refused', code })
    }
  }

  /** Ends what there is until the wrapper has written down the end: a script that was about to begin is met by the next round. */
  const endWhole = async (runId: string): Promise<boolean> => {
    const until = performance.now() + startWaitMs + graceMs
    for (;;) {
      const gone = await containment.end(runId, files.alive(runId)?.childPid ?? null, graceMs)
      const alive = files.alive(runId)
      const wrapperGone = alive !== null && startTicksOf(alive.wrapperPid) !== alive.wrapperTicks
      if (files.exit(runId) || wrapperGone || performance.now() > until) return gone
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  /** Starts what may start: the first in line of each service that has nothing running. */
  const pump = (): void => {
    const services = new Set([...runs.values()].filter((run) => run.state === 'queued').map((run) => run.serviceId))
    for (const serviceId of services) {
      const [first] = openOf(serviceId)
      if (first?.state === 'queued') launch(first)
    }
  }

  /** Takes what a run's files and processes say; marks interrupted what nobody watches any more. */
  const look = (record: RunRecord): void => {
    const exit = files.exit(record.runId)
    if (exit) {
      if (ending.has(record.runId)) return
      const state = record.cancelledBy !== null ? 'cancelled' : exit.timedOut ? 'timed-out' : 'exited'
      close(record, { state, exitCode: exit.exitCode, signal: exit.signal, endedAt: exit.endedAt })
      return
    }
    const alive = files.alive(record.runId)
    const since = launched.get(record.runId)
    if (alive ? startTicksOf(alive.wrapperPid) === alive.wrapperTicks : since !== undefined && performance.now() - since < startWaitMs)
      return
    if (ending.has(record.runId)) return
    if (files.exit(record.runId)) return
    close(record, { state: record.cancelledBy !== null ? 'cancelled' : 'interrupted' })
  }

  const tick = (): void => {
    try {
      for (const run of runs.values()) {
        if (run.state === 'running') look(run)
        else if (run.state === 'queued' && now().getTime() - Date.parse(run.queuedAt) > waitMs)
          close(run, { state: 'cancelled', code: 'WAITED_TOO_LONG', cancelledBy: 'host-agent' })
      }
      pump()
      forgetOld()
    } catch (error) {
      log('error', 'runs could not be looked after', { error: String(error) })
    }
  }
  const forgetOld = (): void => {
    if (runs.size <= kept) return
    const [oldest] = [...runs.values()].filter((run) => run.endedAt !== null).sort((a, b) => a.order - b.order)
    if (oldest) {
      runs.delete(oldest.runId)
      outputs.delete(oldest.runId)
    }
  }
  tick()
  const timer = setInterval(tick, watchMs)

  const recordOf = (runId: string): RunRecord => {
    const record = runs.get(runId)
    if (!record) throw new DaemonError('RUN_NOT_FOUND', 404, `There is no run ${runId.slice(0, 100)}.`)
    return record
  }
  const viewOf = ({ v: _, copyPath: __, workingDirectory: ___, variables: ____, order: _____, ...record }: RunRecord): RunView => {
    const place = record.state === 'queued' ? openOf(record.serviceId).findIndex((run) => run.runId === record.runId) : -1
    return {
      ...record,
      ...outputOf(record.runId).refresh(),
      pid: record.state === 'running' ? (files.alive(record.runId)?.childPid ?? null) : null,
      position: place >= 0 ? place : null,
    }
  }

  return {
    start(input, actor) {
      const known = runs.get(input.runId)
      if (known) return viewOf(known)
      const { approval, copyPath } = scripts.admit(input.scriptId)
      const unknown = Object.keys(input.variables).find((name) => !approval.variables.includes(name))
      if (unknown)
        throw new DaemonError(
          'SCRIPT_VARIABLE_UNKNOWN',
          400,
          `${input.scriptId} does not declare the variable ${unknown}. Remove it, or approve the script with it.`,
        )
      const [busy] = openOf(input.serviceId)
      if (busy && input.onBusy === 'refuse')
        throw new DaemonError('RUN_BUSY', 409, `A run of ${input.serviceId} is under way, and this service does not queue.`)
      order += 1
      const { reason, runId, scriptId, serviceId } = input
      const record: RunRecord = {
        v: 1,
        runId,
        scriptId,
        serviceId,
        state: 'queued',
        reason,
        actor,
        scriptSha256: approval.sha256,
        copyPath,
        user: approval.user,
        workingDirectory: approval.workingDirectory,
        variables: Object.keys(input.variables),
        timeoutSec: approval.timeoutSec,
        unit: null,
        queuedAt: now().toISOString(),
        startedAt: null,
        deadlineAt: null,
        endedAt: null,
        exitCode: null,
        signal: null,
        code: null,
        cancelledBy: null,
        order,
      }
      save(record)
      values.put(files.folderOf(runId), { values: input.variables, secretNames: input.secretNames })
      pump()
      return viewOf(recordOf(runId))
    },
    list({ serviceId, state = 'all', limit = 200 }) {
      const wanted = [...runs.values()].filter(
        (run) => (!serviceId || run.serviceId === serviceId) && (state !== 'open' || run.endedAt === null),
      )
      return wanted
        .sort((a, b) => b.order - a.order)
        .slice(0, limit)
        .map(viewOf)
    },
    get: (runId) => viewOf(recordOf(runId)),
    async cancel(runId, by, _reason) {
      const record = recordOf(runId)
      if (record.endedAt !== null) throw new DaemonError('RUN_ENDED', 409, `The run has ended already: ${record.state}.`)
      if (record.state === 'queued') {
        close(record, { state: 'cancelled', cancelledBy: by.id })
        return viewOf(recordOf(runId))
      }
      if (by.service) throw new DaemonError('AUTH_FORBIDDEN', 403, 'A service may cancel only what still waits.')
      save({ ...record, cancelledBy: by.id })
      files.markCancelled(runId)
      const underWay = ending.get(runId) ?? endWhole(runId)
      ending.set(runId, underWay)
      const gone = await underWay
      ending.delete(runId)
      if (!gone) log('error', 'processes of a cancelled run would not end', { runId })
      tick()
      return viewOf(recordOf(runId))
    },
    async *log(runId, { after, limit, follow }, signal) {
      recordOf(runId)
      const output = outputOf(runId)
      let last = after
      for (;;) {
        const over = recordOf(runId).endedAt !== null
        const lines = output.after(last, follow ? 1_000 : limit)
        for (const line of lines) yield line
        last = lines.at(-1)?.seq ?? last
        if (!follow) {
          yield { next: last }
          return
        }
        if (lines.length > 0) continue
        if (over) {
          yield { ended: recordOf(runId).state }
          return
        }
        if (signal.aborted) return
        await new Promise((resolve) => setTimeout(resolve, followMs))
      }
    },
    stop: () => clearInterval(timer),
  }
}

/** From scratch: nothing of the agent's own environment reaches a script. */
function environmentOf(record: RunRecord, { values }: Values, home: string): Record<string, string> {
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: home,
    LANG: 'C.UTF-8',
    USER: record.user,
    SERVICE_ID: record.serviceId,
    RUN_ID: record.runId,
    [runMark]: record.runId,
    ...values,
  }
}

/** The account of a script; null ids where the agent cannot change to another and so runs it as its own. */
function accountOf(user: string, uid: number): { uid: number | null; gid: number | null; home: string } {
  const entry = /^[a-z_][a-z0-9_-]{0,31}$/.test(user)
    ? execFileSync('/usr/bin/getent', ['passwd', user], { encoding: 'utf8' }).trim().split(':')
    : []
  if (entry.length < 7) throw new DaemonError('SCRIPT_REFUSED', 403, `There is no account ${user} on this host.`)
  const account = { uid: Number(entry[2]), gid: Number(entry[3]), home: entry[5] ?? '/' }
  if (uid !== 0 && account.uid !== uid) throw new DaemonError('SCRIPT_REFUSED', 403, `The agent cannot start a script as ${user}.`)
  return uid === 0 && account.uid !== 0 ? account : { uid: null, gid: null, home: account.home }
}

import { diskTrouble } from '@console/verb-kit/disk-trouble'
import { DaemonError } from '@console/verb-kit/problem'
import type { CheckDesk } from '../code/check-desk.ts'
import type { CheckState } from '../code/check-state.ts'
import { createAttempts } from './attempts.ts'
import { createEndings, startWaitMs } from './end-runs.ts'
import { isThere } from './processes.ts'
import { type Output, openOutput, type Summary } from './read-output.ts'
import { openRunFolder, queuedRecord, type RunRecord } from './run-record.ts'
import type { Values, WaitingValues } from './seal-values.ts'
import type { Containment } from './start-child.ts'
import { type Told, tellLines } from './tell-lines.ts'
import { type Admitted, admitCheck, admitScript, type Scripts, workOf } from './work-of.ts'

type RunView = Omit<RunRecord, 'v' | 'copyPath' | 'workingDirectory' | 'variables' | 'order'> &
  Summary & { pid: number | null; position: number | null; checks: CheckState[] | null }
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
  /** The same for checks of code, which run one after the other whoever asks. */
  check(input: { runId: string; projectPath: string; checks: readonly string[] }, actor: RunRecord['actor']): RunView
  list(filter: { serviceId?: string; state?: string; limit?: number }): RunView[]
  get(runId: string): RunView
  cancel(runId: string, by: { id: string; service: boolean }, reason: string): Promise<RunView>
  log(runId: string, wish: { after: number; limit: number; follow: boolean }, signal: AbortSignal): AsyncIterable<Told>
  stop(): void
}
type Options = {
  readonly dir: string
  readonly scripts: Scripts
  /** None where there is only one script to run. */
  readonly checks?: CheckDesk
  readonly containment: Containment
  readonly values: WaitingValues
  readonly uid: number
  readonly graceMs: number
  readonly now: () => Date
  readonly log: (level: 'info' | 'warn' | 'error', msg: string, more?: object) => void
  /** Puts on record that a run begins; no process of it is started before, nor where that comes to false. */
  readonly begun: (run: RunRecord) => Promise<boolean>
  readonly ended: (run: RunRecord) => void
  readonly waitMs?: number
}

const watchMs = 100
const lingerMs = 10_000
const waitByDefaultMs = 60 * 60_000
const outputBytes = 10 * 1_048_576
const kept = 2_000
const mostChecks = 10

/** Owns the queue and the processes of runs. A run belongs to it from admission on, whoever else lives. */
export function startSupervisor(options: Options): Supervisor {
  const { dir, scripts, checks, containment, values, uid, graceMs, now, log, begun, ended, waitMs = waitByDefaultMs } = options
  const started = performance.now()
  const files = openRunFolder(dir)
  const runs = new Map(files.load().map((record) => [record.runId, record]))
  const outputs = new Map<string, Output>()
  const launched = new Map<string, number>()
  const endings = createEndings({ files, containment, graceMs })
  const abandoned = new Set<string>()
  const unmarked = new Set<string>()
  const attempt = createAttempts((name, error) => log('error', 'runs could not be looked after', { of: name, error: String(error) }))
  // Whoever ended between the end of a run and forgetting its values.
  for (const { runId, endedAt } of runs.values()) if (endedAt !== null) values.forget(files.folderOf(runId))
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
    const closed = { ...record, endedAt: now().toISOString(), ...over }
    save(closed)
    values.forget(files.folderOf(record.runId))
    ended(closed)
    if (record.check)
      files.removeCopy(record.runId).catch((error: unknown) => log('warn', 'a copy could not be removed', { error: String(error) }))
  }
  const openOf = (serviceId: string): RunRecord[] =>
    [...runs.values()]
      .filter((run) => run.serviceId === serviceId && (run.state === 'queued' || run.state === 'running'))
      .sort((a, b) => a.order - b.order)

  const launch = (record: RunRecord): void => {
    const { runId, timeoutSec } = record
    const folder = files.folderOf(runId)
    const work = workNow(record)
    if (!work) return
    const at = now()
    const unit = containment.unitOf(runId)
    const running: RunRecord = {
      ...record,
      state: 'running',
      startedAt: at.toISOString(),
      deadlineAt: new Date(at.getTime() + timeoutSec * 1_000).toISOString(),
      unit,
    }
    // Where that cannot be written it waits on, with its values.
    save(running)
    launched.set(runId, performance.now())
    const spec = { ...work, runId, unit, folder, timeoutSec, graceMs, mostBytes: outputBytes }
    void begun(running)
      .then((onRecord) => {
        // One that was given up in the meantime begins no more; one that was cancelled is told so by its wrapper, which begins nothing.
        if (!onRecord || runs.get(runId)?.endedAt !== null) return
        launched.set(runId, performance.now())
        containment.start(spec)
        values.forget(folder)
      })
      .catch((error: unknown) => refuse(running, error))
  }
  const workNow = (record: RunRecord): ReturnType<typeof workOf> | null => {
    try {
      return workOf(record, { scripts, checks, values, uid, folder: files.folderOf(record.runId) })
    } catch (error) {
      if (diskTrouble(error) !== error) throw error
      refuse(record, error)
      return null
    }
  }
  const refuse = (record: RunRecord, error: unknown): void => {
    const code = error instanceof DaemonError ? error.code : 'INTERNAL'
    if (code === 'INTERNAL') log('error', 'a run could not be started', { runId: record.runId, error: String(error) })
    close(record, { state: 'refused', code })
  }

  /** Starts what may start: the first in line of each service that has nothing running. */
  const pump = (): void => {
    const services = new Set([...runs.values()].filter((run) => run.state === 'queued').map((run) => run.serviceId))
    for (const serviceId of services) {
      const [first] = openOf(serviceId)
      if (first?.state === 'queued') attempt(first.runId, () => launch(first))
    }
  }

  /** Takes what a run's files and processes say; marks interrupted what nobody watches any more. */
  const look = (record: RunRecord): void => {
    const { runId, cancelledBy } = record
    if (endings.isEnding(runId)) return
    const exit = files.exit(runId)
    const alive = files.alive(runId)
    if (exit) {
      // The next run of the service must not meet what this one left in its unit.
      if (containment.lingers(alive) && now().getTime() - Date.parse(exit.endedAt) < lingerMs) return
      const wasCancelled = exit.cancelled || unmarked.has(runId)
      const state = !wasCancelled ? (exit.timedOut ? 'timed-out' : 'exited') : cancelledBy !== null ? 'cancelled' : 'interrupted'
      const { exitCode, signal, endedAt } = exit
      close(record, { state, exitCode, signal, endedAt, cancelledBy: wasCancelled ? cancelledBy : null })
      return
    }
    if (alive && isThere(alive.wrapper)) {
      // Whoever cancelled it is believed, though this program ended before all of that was done.
      if (cancelledBy !== null) {
        files.markCancelled(runId)
        void endings.begin(runId)
      }
      return
    }
    if (!alive && performance.now() - (launched.get(runId) ?? started) < startWaitMs) return
    if (!abandoned.has(runId)) {
      // Without its wrapper nothing keeps the limit and the output of a script: it must not go on, nor begin late.
      files.markCancelled(runId)
      abandoned.add(runId)
      if (alive) void endings.begin(runId)
      return
    }
    if (!files.exit(runId)) close(record, { state: cancelledBy !== null ? 'cancelled' : 'interrupted' })
  }

  const tick = (): void => {
    for (const run of runs.values())
      attempt(run.runId, () => {
        if (run.state === 'running') look(run)
        else if (run.state === 'queued' && now().getTime() - Date.parse(run.queuedAt) > waitMs)
          close(run, { state: 'cancelled', code: 'WAITED_TOO_LONG', cancelledBy: 'host-agent' })
      })
    pump()
    attempt('old runs', forgetOld)
  }
  const forgetOld = (): void => {
    if (runs.size <= kept) return
    const [oldest] = [...runs.values()].filter((run) => run.endedAt !== null).sort((a, b) => a.order - b.order)
    if (!oldest) return
    files.remove(oldest.runId)
    for (const book of [runs, outputs, launched, abandoned, unmarked]) book.delete(oldest.runId)
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
      pid: record.state === 'running' ? (files.alive(record.runId)?.child?.pid ?? null) : null,
      position: place >= 0 ? place : null,
      checks: record.check ? files.checks(record.runId) : null,
    }
  }

  const queue = (admitted: Admitted & Pick<RunRecord, 'actor'>, given: Values | null): RunView => {
    const { runId } = admitted
    order += 1
    try {
      files.make(runId)
      if (given) values.put(files.folderOf(runId), given)
      save(queuedRecord({ ...admitted, queuedAt: now().toISOString(), order }))
    } catch (error) {
      files.remove(runId)
      throw error
    }
    // It is taken from here on: what keeps it from beginning now is tried again.
    pump()
    return viewOf(recordOf(runId))
  }

  return {
    start(input, actor) {
      const known = runs.get(input.runId)
      if (known) return viewOf(known)
      const admitted = admitScript(scripts, input)
      const [busy] = openOf(input.serviceId)
      if (busy && input.onBusy === 'refuse')
        throw new DaemonError('RUN_BUSY', 409, `A run of ${input.serviceId} is under way, and this service does not queue.`)
      return queue({ ...admitted, actor }, { values: input.variables, secretNames: input.secretNames })
    },
    check(input, actor) {
      const known = runs.get(input.runId)
      if (known) return viewOf(known)
      const admitted = admitCheck(checks, input)
      if (openOf(admitted.serviceId).length >= mostChecks)
        throw new DaemonError('RUN_BUSY', 409, `${mostChecks} checks are under way or in line already. Wait until one has ended.`)
      return queue({ ...admitted, actor }, null)
    },
    list({ serviceId, state = 'all', limit = 200 }) {
      const isWanted = (run: RunRecord): boolean =>
        (!serviceId || run.serviceId === serviceId) && (state !== 'open' || run.endedAt === null)
      const wanted = [...runs.values()].filter(isWanted).sort((a, b) => b.order - a.order)
      return wanted.slice(0, limit).map(viewOf)
    },
    get: (runId) => viewOf(recordOf(runId)),
    async cancel(runId, by, _reason) {
      if (recordOf(runId).state === 'running' && !by.service) look(recordOf(runId))
      const record = recordOf(runId)
      if (record.endedAt !== null) throw new DaemonError('RUN_ENDED', 409, `The run has ended already: ${record.state}.`)
      if (record.state === 'queued') {
        close(record, { state: 'cancelled', cancelledBy: by.id })
        return viewOf(recordOf(runId))
      }
      if (by.service) throw new DaemonError('AUTH_FORBIDDEN', 403, 'A service may cancel only what still waits.')
      // A script that fills the disk must be ended most of all: what cannot be written is known here until the restart.
      const cancelled = { ...record, cancelledBy: by.id }
      runs.set(runId, cancelled)
      unmarked.add(runId)
      // Who cancelled it comes first: the next agent goes on with the ending by that.
      attempt(runId, () => files.save(cancelled))
      attempt(runId, () => {
        files.markCancelled(runId)
        unmarked.delete(runId)
      })
      if (!(await endings.begin(runId))) log('error', 'processes of a cancelled run would not end', { runId })
      tick()
      return viewOf(recordOf(runId))
    },
    async *log(runId, wish, signal) {
      recordOf(runId)
      const endOf = (): string | null => (recordOf(runId).endedAt === null ? null : recordOf(runId).state)
      yield* tellLines(outputOf(runId), { ...wish, endOf, signal })
    },
    stop: () => clearInterval(timer),
  }
}

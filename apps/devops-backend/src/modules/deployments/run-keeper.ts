import { triggerDeployment } from '@console/contracts/deployments/actions'
import { isFinal } from '@console/contracts/deployments/run-states'
import type { HealthCheck } from '@console/contracts/health/schemas'
import { roleAllows } from '@console/contracts/roles'
import type { Role } from '@console/contracts/shapes'
import type { Ask } from '../../clients/daemon-client.ts'
import type { AgentRun, HostAgent } from '../../clients/host-agent.ts'
import type { RunDoc, ServiceDoc } from '../../documents.ts'
import { type Rounds, startRounds } from '../../rounds.ts'
import { endRun, followAgent, followChecks, isUndecided, type SuccessRule, takenAfterAll } from './follow-agent.ts'
import type { RunBook } from './run-book.ts'

export type KeeperDeps = {
  readonly book: RunBook
  readonly agent: HostAgent
  readonly serviceAsk: () => Ask
  readonly serviceOf: (serviceId: string) => Promise<ServiceDoc | null>
  /** Measures a service's checks now; by the check's id, with how often in a row each has passed by now. */
  readonly measureNow: (serviceId: string) => Promise<ReadonlyMap<string, Measured>>
  /** What people may do now; null for whoever may do nothing any more. */
  readonly rolesOf: (userIds: readonly string[]) => Promise<ReadonlyMap<string, Role | null>>
  readonly labelOf: (check: HealthCheck) => string
  /** A run has ended: for the audit log. */
  readonly ended: (run: RunDoc) => Promise<void>
  readonly now: () => Date
  readonly log: (message: string, error?: unknown) => void
}
type Measured = { readonly ok: boolean | null; readonly note: string; readonly row: number }

const busyMs = 400
/** How often it is asked whether who asked for a waiting run may still ask. */
const standingMs = 3_000
const idleMs = 10_000
const verifyEveryMs = 2_000
/** The agent has so long to take a run; then it is asked once more, and the run is told to be what that shows. */
export const admissionMs = 6_000
/** An agent that answers no question within this is away. */
const answerMs = 2_000

/** Brings every open run up to what is true, also after any part was away or killed. */
export function startRunKeeper(deps: KeeperDeps): Rounds {
  let stopped = false
  const verifying = new Map<string, Promise<void>>()
  let standingAt = 0

  const round = async (): Promise<boolean> => {
    let open: RunDoc[] = []
    try {
      open = await deps.book.open()
      if (open.some((run) => run.state !== 'verifying'))
        await lookAtAgent(deps, open).catch(async (error: unknown) => {
          await leaveUndecided(deps, open)
          throw error
        })
      const now = await deps.book.open()
      if (performance.now() - standingAt >= standingMs) {
        standingAt = performance.now()
        await cancelOrphans(deps, now).catch((error: unknown) => deps.log('waiting runs could not be looked at', error))
      }
      await endOvertaken(deps, now)
      for (const run of now)
        if (run.state === 'verifying' && !verifying.has(run.id))
          verifying.set(
            run.id,
            verify(deps, run.id, () => stopped)
              .catch((error: unknown) => deps.log(`run ${run.id} could not be verified; it is tried again`, error))
              .finally(() => verifying.delete(run.id)),
          )
    } catch (error) {
      deps.log('open runs could not be looked at', error)
    }
    return open.length > 0
  }
  const rounds = startRounds({ round, busyMs, idleMs })
  return {
    poke: rounds.poke,
    async stop() {
      stopped = true
      await rounds.stop()
      await Promise.all(verifying.values())
    },
  }
}

async function lookAtAgent(deps: KeeperDeps, open: readonly RunDoc[]): Promise<void> {
  const live = new Map((await deps.agent.listRuns('open', { ...deps.serviceAsk(), withinMs: answerMs })).map((run) => [run.runId, run]))
  for (const doc of open) {
    if (doc.state === 'verifying') continue
    const agent = live.get(doc.id) ?? (await oneRun(deps, doc.id))
    if (agent) await apply(deps, doc, agent)
    else await giveUp(deps, doc)
  }
}

/** The checks would judge the newer run from then on, so the older one can no longer be told to have succeeded or failed. */
async function endOvertaken(deps: KeeperDeps, open: readonly RunDoc[]): Promise<void> {
  for (const run of open.filter(({ state }) => state === 'verifying')) {
    const newer = open.find(
      ({ serviceId, number, state }) =>
        serviceId === run.serviceId && number > run.number && (state === 'running' || state === 'verifying'),
    )
    if (!newer) continue
    const outcome = `Run #${newer.number} of ${run.serviceId} began before the health checks of this one had passed.`
    const after = await deps.book.change(run.id, (doc) => endRun(doc, 'interrupted', outcome, deps.now()))
    if (after) await deps.ended(after)
  }
}

/** What waits for a person who may no longer deploy is cancelled; what runs already is the host-agent's to end. */
async function cancelOrphans({ agent, rolesOf, serviceAsk }: KeeperDeps, open: readonly RunDoc[]): Promise<void> {
  const waiting = open.filter(({ state, admitted, actor }) => state === 'queued' && admitted && actor.kind !== 'service')
  if (waiting.length === 0) return
  const roles = await rolesOf([...new Set(waiting.map(({ actor }) => actor.id))].slice(0, 100))
  for (const { id, actor } of waiting) {
    const role = roles.get(actor.id)
    if (role === undefined || roleAllows(role, triggerDeployment.role)) continue
    await agent.cancelRun({ runId: id, reason: 'Whoever asked for it may no longer deploy.' }, serviceAsk())
  }
}

async function oneRun({ agent, serviceAsk }: KeeperDeps, runId: string): Promise<AgentRun | null> {
  return agent.getRun(runId, { ...serviceAsk(), withinMs: answerMs }).catch((error: { code?: string }) => {
    if (error.code === 'RUN_NOT_FOUND') return null
    throw error
  })
}

async function apply(deps: KeeperDeps, before: RunDoc, agent: AgentRun): Promise<void> {
  deps.book.setPosition(before.id, agent.position)
  const service = agent.state === 'exited' ? await deps.serviceOf(before.serviceId) : null
  const rule: SuccessRule = {
    verifyWindowSec: service?.verifyWindowSec ?? 60,
    checks: (service?.checks ?? []).map((check) => ({
      checkId: check.id,
      label: deps.labelOf(check),
      hits: 0,
      needed: check.upAfter,
      lastNote: null,
    })),
  }
  const after = await deps.book.change(before.id, (doc) => followAgent(takenAfterAll(doc), agent, rule))
  if (after && isFinal(after.state)) await deps.ended(after)
}

/** The agent does not know the run: it was never taken, or its files are gone. Either way nobody waits for ever. */
async function giveUp(deps: KeeperDeps, doc: RunDoc): Promise<void> {
  if (!doc.admitted && !isUndecided(doc) && !isOverdue(deps, doc)) return
  const outcome = doc.admitted
    ? 'The host-agent no longer knows this run, so nobody can say how it ended.'
    : 'The host-agent never took this run. Nothing was started.'
  const after = await deps.book.change(doc.id, (now) =>
    endRun(takenAfterAll(now), doc.admitted ? 'interrupted' : 'failed', outcome, deps.now()),
  )
  if (after) await deps.ended(after)
}

/** While the agent does not answer, nobody can say whether it took a run whose answer was lost; who waits for it is told that. */
async function leaveUndecided(deps: KeeperDeps, open: readonly RunDoc[]): Promise<void> {
  for (const run of open.filter((one) => one.state === 'queued' && !one.admitted && isOverdue(deps, one))) {
    const outcome =
      'The host-agent went away while it was asked for this run, so nobody can say whether it was started. This is told when it answers.'
    const after = await deps.book.change(run.id, (doc) =>
      doc.state === 'queued' && !doc.admitted ? { ...endRun(doc, 'interrupted', outcome, deps.now()), open: true } : doc,
    )
    if (after && isUndecided(after)) await deps.ended(after)
  }
}

function isOverdue({ book, now }: KeeperDeps, { id, queuedAt }: RunDoc): boolean {
  return !book.asking.has(id) && now().getTime() - Date.parse(queuedAt) >= admissionMs
}

/** Measures the service's checks until each has passed as often as it must, or the window is over. */
async function verify(deps: KeeperDeps, runId: string, stopped: () => boolean): Promise<void> {
  while (!stopped()) {
    const run = (await deps.book.get(runId))?.doc
    if (run?.state !== 'verifying') return
    const measured = await deps.measureNow(run.serviceId)
    const after = await deps.book.change(runId, (doc) => (doc.state === 'verifying' ? afterRound(doc, measured, deps.now()) : doc))
    if (after && isFinal(after.state)) return deps.ended(after)
    await new Promise((resolve) => setTimeout(resolve, verifyEveryMs))
  }
}

function afterRound(doc: RunDoc, measured: ReadonlyMap<string, Measured>, now: Date): RunDoc {
  const at = now.toISOString()
  const checks = doc.checks.map((check) => {
    const result = measured.get(check.checkId)
    if (!result) return { ...check, hits: check.needed }
    return { ...check, hits: result.ok ? Math.min(check.hits + 1, result.row) : 0, lastNote: result.note }
  })
  const lines = checks.flatMap((check) =>
    measured.has(check.checkId)
      ? [{ at, text: `${check.label}: ${check.lastNote ?? ''}, ${Math.min(check.hits, check.needed)} of ${check.needed}` }]
      : [],
  )
  return followChecks({ ...doc, chk: [...doc.chk, ...lines].slice(-500) }, checks, now)
}

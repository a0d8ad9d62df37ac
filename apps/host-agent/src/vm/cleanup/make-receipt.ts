import type { RunRecord } from '../../runs/run-record.ts'
import { itemKinds, type VmCleanupPlan, type VmPlanItem, whysOfRun } from './make-plan.ts'

/** A plan that was confirmed, as it lies on the agent's disk. */
export type Begun = {
  readonly plan: VmCleanupPlan
  readonly digest: string
  readonly by: string
  readonly reason: string | null
  readonly requestId: string
  readonly startedAt: string
}
type Outcome = {
  readonly result: 'removed' | 'gone' | 'kept' | 'failed' | 'unknown' | 'not-reached'
  readonly why: (typeof whysOfRun)[number] | null
  readonly freedBytes: number
}
export type VmReceipt = ReturnType<typeof makeReceipt>

const mostExceptions = 200
const notReached: Outcome = { result: 'not-reached', why: null, freedBytes: 0 }

/** The plan beside what came of it, read from what the script printed: its word for each object, and the state of its run. */
export function makeReceipt(
  begun: Begun,
  run: Pick<RunRecord, 'state' | 'code' | 'endedAt' | 'exitCode'> | null,
  lines: readonly string[],
) {
  const { plan, digest, by, reason, requestId, startedAt } = begun
  const { outcomes, trying } = outcomesIn(lines, plan.items.length)
  const { state, code } = endOf(run)
  const outcomeOf = (at: number): Outcome | null => {
    const known = outcomes.get(at)
    if (known || state === 'running') return known ?? null
    return at === trying ? { ...notReached, result: 'unknown' } : notReached
  }
  const all = plan.items.map((item, at) => ({ item, outcome: outcomeOf(at) }))
  const exceptions = all.flatMap(({ item: { kind, path }, outcome }) =>
    outcome && outcome.result !== 'removed' ? [{ kind, path, result: outcome.result, why: outcome.why }] : [],
  )
  return {
    planId: plan.planId,
    digest,
    state,
    code,
    by,
    plannedBy: plan.plannedBy,
    reason,
    requestId,
    startedAt,
    endedAt: run ? run.endedAt : startedAt,
    script: plan.script,
    planned: plan.items.length,
    plannedBytes: plan.totalBytes,
    reached: outcomes.size,
    kinds: itemKinds.flatMap((kind) => sumOf(kind, all)),
    exceptions: exceptions.slice(0, mostExceptions),
    exceptionCount: exceptions.length,
  }
}

/** How a run ended, in the words of a cleanup: one that could not remove all was still carried out whole. */
function endOf(run: Pick<RunRecord, 'state' | 'code' | 'exitCode'> | null): {
  state: 'running' | 'done' | 'stopped' | 'interrupted'
  code: string | null
} {
  if (run === null) return { state: 'interrupted', code: null }
  if (run.state === 'queued' || run.state === 'running') return { state: 'running', code: null }
  if (run.state === 'exited' && (run.exitCode === 0 || run.exitCode === 1)) return { state: 'done', code: null }
  if (run.state === 'interrupted') return { state: 'interrupted', code: null }
  return { state: 'stopped', code: run.state === 'timed-out' ? 'CLEANUP_TIMEOUT' : (run.code ?? 'VM_SCRIPT_FAILED') }
}

const itemLine = /^item (0|[1-9][0-9]{0,5}) (tries|removed|gone|kept|failed) (0|[1-9][0-9]{0,15}) (-|[a-z-]{1,20})$/

/** Only lines of exactly this form count, each object's first word, and only objects of the plan. */
function outcomesIn(lines: readonly string[], planned: number): { outcomes: ReadonlyMap<number, Outcome>; trying: number | null } {
  const outcomes = new Map<number, Outcome>()
  let trying: number | null = null
  for (const line of lines) {
    const [, index, word, bytes, reason] = itemLine.exec(line) ?? []
    const at = Number(index)
    if (word === undefined || at >= planned || outcomes.has(at)) continue
    if (word === 'tries') {
      trying = at
      continue
    }
    trying = null
    const why = whysOfRun.find((one) => one === reason) ?? null
    outcomes.set(at, { result: word as Outcome['result'], why, freedBytes: word === 'removed' ? Number(bytes) : 0 })
  }
  return { outcomes, trying }
}

function sumOf(kind: VmPlanItem['kind'], all: readonly { item: VmPlanItem; outcome: Outcome | null }[]) {
  const own = all.filter(({ item }) => item.kind === kind)
  if (own.length === 0) return []
  const removed = own.filter(({ outcome }) => outcome?.result === 'removed').length
  const plannedBytes = own.reduce((bytes, { item }) => bytes + item.sizeBytes, 0)
  const freedBytes = own.reduce((bytes, { outcome }) => bytes + (outcome?.freedBytes ?? 0), 0)
  return [{ kind, planned: own.length, plannedBytes, removed, freedBytes }]
}

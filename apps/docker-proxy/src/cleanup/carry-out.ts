import type { RunningDaemon } from '@console/verb-kit/daemon'
import { DaemonError } from '@console/verb-kit/problem'
import type { Model } from '../model.ts'
import { type Judged, judgeObjects } from './judge-objects.ts'
import type { Looking } from './look-again.ts'
import type { CleanupPlan, PlanItem } from './make-plan.ts'
import type { DiskMeter } from './measure-disk.ts'
import type { OpenReceipt } from './receipts.ts'
import { gone, kept, notReached, type Outcome, RunEnds, removeObject, removeRecord } from './remove-object.ts'

export type Carrying = {
  readonly model: Pick<Model, 'engine' | 'prefix'>
  readonly meter: DiskMeter
  readonly protectedImages: () => ReadonlyMap<string, readonly string[]>
  readonly journal: Pick<RunningDaemon['journal'], 'append'>
  readonly now: () => number
  readonly monotonic: () => number
}
export type Ordered = {
  readonly plan: CleanupPlan
  readonly digest: string
  readonly by: string
  readonly requestId: string
  readonly receipt: OpenReceipt
}

const wholeMs = 600_000
/** A row of the journal holds about 4 KB of details. */
const detailBytes = 3_000

/** Removes what the plan names, one object after the other. It ends early rather than go on without an engine, a journal or time. */
export async function carryOut({ plan, digest, by, requestId, receipt }: Ordered, deps: Carrying): Promise<void> {
  const { model, protectedImages, journal, monotonic } = deps
  const until = monotonic() + wholeMs
  const looking: Looking = { model, protectedImages, plannedAt: plan.createdAt }
  const base = { actor: { kind: 'person', id: by }, requestId, target: plan.planId, risk: 'destroy' } as const
  const counts: Partial<Record<Outcome['result'], number>> = {}
  let freedBytes = 0
  let told: { kind: string; id: string; result: string }[] = []
  const tell = async (): Promise<void> => {
    if (told.length === 0) return
    const objects = told
    told = []
    await journal.append({ ...base, action: 'cleanup.run.remove', outcome: 'done', details: { digest, objects } }, { essential: true })
  }
  const took = async (at: number, item: PlanItem, outcome: Outcome): Promise<void> => {
    receipt.took(at, outcome)
    counts[outcome.result] = (counts[outcome.result] ?? 0) + 1
    freedBytes += outcome.freedBytes
    if (outcome.result === 'not-reached') return
    told.push({ kind: item.kind, id: item.id, result: outcome.result })
    if (JSON.stringify(told).length > detailBytes) await tell()
  }
  const cache = createCacheLook(deps)
  let code: string | null = null
  try {
    for (const [at, item] of plan.items.entries()) {
      if (code === null && monotonic() > until) code = 'CLEANUP_TIMEOUT'
      if (code !== null) {
        await took(at, item, notReached)
        continue
      }
      receipt.tries(at)
      const outcome = await (item.kind === 'build-cache' ? cache.remove(item, looking) : removeObject(item, looking)).catch(
        (error: unknown) => {
          if (!(error instanceof RunEnds)) throw error
          code = error.code
          return error.outcome
        },
      )
      await took(at, item, outcome)
    }
    await tell()
  } catch (error) {
    code = (error as { code?: unknown }).code === 'AUDIT_UNAVAILABLE' ? 'AUDIT_UNAVAILABLE' : 'INTERNAL'
  }
  receipt.end({ state: code === null ? 'done' : 'stopped', code })
  const details = { digest, plannedBy: plan.plannedBy, planned: plan.items.length, ...counts, freedBytes }
  await journal.append(
    { ...base, action: 'cleanup.run.end', outcome: code === null ? 'done' : 'failed', ...(code && { code }), details },
    { essential: true },
  )
}

/** The build cache is looked at once for all its records, as no call of the engine's looks at one; each is then removed by its own id. */
function createCacheLook({ meter, protectedImages, now }: Carrying) {
  let seen: Map<string, Judged> | null = null
  const look = async (): Promise<Map<string, Judged>> => {
    const { objects } = await meter.now()
    const judged = judgeObjects(objects, { protectedImages: protectedImages(), now: now() })
    return new Map(judged.filter(({ kind }) => kind === 'build-cache').map((one) => [one.id, one]))
  }
  return {
    async remove(item: PlanItem, looking: Looking): Promise<Outcome> {
      try {
        seen ??= await look()
      } catch (error) {
        if (error instanceof DaemonError) throw new RunEnds(notReached, error)
        throw error
      }
      const record = seen.get(item.id)
      if (!record) return gone
      if ('keeps' in record.verdict) return kept(record.verdict.keeps)
      if (record.since !== item.since) return kept('changed')
      // The engine reads the id as a pattern that may stand anywhere in another.
      if ([...seen.keys()].some((id) => id !== item.id && id.includes(item.id))) return kept('unnameable')
      const outcome = await removeRecord(item, looking)
      if (outcome.result === 'removed') seen.delete(item.id)
      return outcome
    },
  }
}

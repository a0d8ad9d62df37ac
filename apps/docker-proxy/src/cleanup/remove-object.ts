import { DaemonError } from '@console/verb-kit/problem'
import { object } from '../projection.ts'
import type { Keeps } from './judge-objects.ts'
import { idOfTag, type Looking, lookAgain } from './look-again.ts'
import type { PlanItem } from './make-plan.ts'

/**
 * What became of an object of the plan. `unknown` is told where the engine broke off after it had been asked; `partly` is an image of which
 * some names are gone and which is still there.
 */
export type Outcome = {
  readonly result: 'removed' | 'gone' | 'kept' | 'partly' | 'failed' | 'unknown' | 'not-reached'
  readonly why: Keeps | 'changed' | 'refused' | null
  readonly note: string
  readonly freedBytes: number
}
/** What a whole run can no longer go on after, and what became of the object at hand. */
export class RunEnds extends Error {
  readonly outcome: Outcome
  readonly code: string
  constructor(outcome: Outcome, cause: DaemonError) {
    super(cause.message, { cause })
    this.outcome = outcome
    this.code = cause.code
  }
}

const outcome = (result: Outcome['result'], more: Partial<Outcome> = {}): Outcome => ({
  result,
  why: null,
  note: '',
  freedBytes: 0,
  ...more,
})
export const gone = outcome('gone')
export const notReached = outcome('not-reached')
export const kept = (why: Outcome['why'], note = ''): Outcome => outcome('kept', { why, note })
const removeMs = 60_000

/** Looks again, and removes it if it is still as planned. Never by force. @throws RunEnds when the engine cannot be asked any more */
export async function removeObject(item: PlanItem, looking: Looking): Promise<Outcome> {
  const look = await lookAgain(item, looking).catch((error: unknown) => endOrFail(error, 'never'))
  if (!('is' in look)) return look
  if (look.is === 'gone') return gone
  if (look.is === 'kept') return kept(look.why, look.note)
  const path = item.kind === 'containers' ? `/containers/${item.id}` : `/volumes/${item.id}`
  const told = item.kind === 'images' ? await removeImage(item, looking) : byStatus(await remove(path, [204], looking), item.sizeBytes)
  return told.result === 'failed' || told.result === 'partly' ? afterFault(item, told, looking) : told
}

/** An engine that is just ending, for one, tells a fault of what it has done all the same: what stands now is what became of it. */
async function afterFault(item: PlanItem, told: Outcome, looking: Looking): Promise<Outcome> {
  const look = await lookAgain(item, looking).catch((error: unknown) => endOrFail(error, 'before'))
  if (!('is' in look)) return look
  return look.is === 'gone' ? outcome('removed', { freedBytes: item.sizeBytes }) : told
}

/** One record by its id: the one kind that the engine removes only by a filter. */
export async function removeRecord({ id }: PlanItem, { model }: Looking): Promise<Outcome> {
  const path = `${model.prefix()}/build/prune?filters=${encodeURIComponent(JSON.stringify({ id: [id] }))}`
  try {
    const { status, body } = await model.engine.json({
      method: 'POST',
      path,
      mostBytes: 1_048_576,
      timeoutMs: removeMs,
      accept: [200, 404, 409, 500],
    })
    if (status !== 200) return outcome('failed')
    const { CachesDeleted: deleted, SpaceReclaimed: bytes } = object(body)
    if (!Array.isArray(deleted) || !deleted.includes(id)) return kept('refused')
    return outcome('removed', { freedBytes: typeof bytes === 'number' && Number.isSafeInteger(bytes) && bytes > 0 ? bytes : 0 })
  } catch (error) {
    return endOrFail(error, 'now')
  }
}

/** Tag by tag, each only while it means this image, then the image by its id. */
async function removeImage({ id, names, sizeBytes }: PlanItem, looking: Looking): Promise<Outcome> {
  const untagged: string[] = []
  const partly = (to: Outcome): Outcome =>
    untagged.length > 0 && to.result !== 'removed' ? { ...to, result: 'partly', note: `without ${untagged.join(', ')}` } : to
  const endPartly = (error: unknown): never => {
    if (error instanceof RunEnds && untagged.length > 0)
      throw new RunEnds({ ...error.outcome, note: `without ${untagged.join(', ')}` }, error.cause as DaemonError)
    throw error
  }
  for (const tag of names.length > 1 ? names.slice(0, -1) : []) {
    const now = await idOfTag(tag, looking)
      .catch((error: unknown) => endOrFail(error, 'never'))
      .catch(endPartly)
    if (typeof now === 'object' && now !== null) return partly(now as Outcome)
    if (now !== id) return partly(kept('changed'))
    const told = byStatus(await remove(`/images/${tag}?noprune=1`, [200], looking).catch(endPartly), 0)
    if (told.result !== 'removed') return partly(told)
    untagged.push(tag)
  }
  return partly(byStatus(await remove(`/images/${id}?noprune=1`, [200], looking).catch(endPartly), sizeBytes))
}

async function remove(path: string, done: readonly number[], { model }: Looking): Promise<number | Outcome> {
  try {
    const call = { method: 'DELETE', path: `${model.prefix()}${path}`, mostBytes: 1_048_576, timeoutMs: removeMs } as const
    const { status } = await model.engine.json({ ...call, accept: [...done, 404, 409, 500] })
    return done.includes(status) ? 200 : status
  } catch (error) {
    return endOrFail(error, 'now')
  }
}

function byStatus(status: number | Outcome, sizeBytes: number): Outcome {
  if (typeof status !== 'number') return status
  if (status === 200) return outcome('removed', { freedBytes: sizeBytes })
  if (status === 404) return gone
  return status === 409 ? kept('in-use') : outcome('failed')
}

/**
 * An engine that is away ends the run; one that answers something strange fails this object alone. What became of the object is not known
 * where its removal was asked for before, or with this very call and the engine was reached.
 */
function endOrFail(error: unknown, asked: 'never' | 'now' | 'before'): Outcome {
  if (!(error instanceof DaemonError)) throw error
  const unsure = asked === 'before' || (asked === 'now' && !error.untouched)
  if (error.status === 503) throw new RunEnds(outcome(unsure ? 'unknown' : 'not-reached'), error)
  return outcome(unsure ? 'unknown' : 'failed')
}

import { nonsense } from '../engine.ts'
import type { Model } from '../model.ts'
import { instant, list, listedContainer, object } from '../projection.ts'
import { marksProtected, namesIn, stoppedStates } from './disk-objects.ts'
import { consoleNames, type Keeps, usedBy } from './judge-objects.ts'
import type { PlanItem } from './make-plan.ts'

/** What another look at an object of the plan says: as planned, gone, or a reason to leave it alone now. */
export type Look =
  | { readonly is: 'same' }
  | { readonly is: 'gone' }
  | { readonly is: 'kept'; readonly why: Keeps | 'changed'; readonly note: string }
export type Looking = {
  readonly model: Pick<Model, 'engine' | 'prefix'>
  readonly protectedImages: () => ReadonlyMap<string, readonly string[]>
  /** When the plan was made: what happened to an object afterwards is a change. */
  readonly plannedAt: string
}

const same: Look = { is: 'same' }
const gone: Look = { is: 'gone' }
const kept = (why: Keeps | 'changed', note = ''): Look => ({ is: 'kept', why, note })
const listBytes = 16 * 1_024 * 1_024
const oneBytes = 1_048_576

/** Right before it is removed. A container was not run since the plan, an image has the same names, a volume was not made anew. */
export async function lookAgain(item: PlanItem, looking: Looking): Promise<Look> {
  if (item.kind === 'containers') return lookAtContainer(item, looking)
  if (item.kind === 'images') return lookAtImage(item, looking)
  return lookAtVolume(item, looking)
}

async function lookAtContainer({ id, since }: PlanItem, looking: Looking): Promise<Look> {
  const raw = await inspect(looking, `/containers/${id}/json`)
  if (!raw) return gone
  if (raw.Id !== id) throw nonsense('the inspection is of something else')
  const state = object(raw.State)
  if (!stoppedStates.has(state.Status)) return kept('in-use', typeof state.Status === 'string' ? state.Status : '')
  if (marksProtected(object(raw.Config).Labels)) return kept('label')
  if (consoleNames.has(String(raw.Name).replace(/^\//, ''))) return kept('console')
  const [startedAt, finishedAt] = [instant(state.StartedAt), instant(state.FinishedAt)]
  if ((startedAt ?? '') > looking.plannedAt || (since !== null && finishedAt !== since)) return kept('changed')
  return same
}

async function lookAtImage({ id, names }: PlanItem, looking: Looking): Promise<Look> {
  const raw = await inspect(looking, `/images/${id}/json`)
  if (!raw) return gone
  if (raw.Id !== id) throw nonsense('the inspection is of something else')
  if (marksProtected(object(raw.Config).Labels)) return kept('label')
  const services = looking.protectedImages().get(id)
  if (services) return kept('good-deploy', services.join(', '))
  if (namesIn(raw.RepoTags, '<none>:<none>').join(' ') !== names.join(' ')) return kept('changed')
  const { images } = await inUse(looking)
  const holder = [id, ...names].map((name) => images.get(name)).find((name) => name !== undefined)
  return holder === undefined ? same : kept('in-use', holder)
}

async function lookAtVolume({ id, createdAt }: PlanItem, looking: Looking): Promise<Look> {
  const raw = await inspect(looking, `/volumes/${id}`)
  if (!raw) return gone
  if (raw.Name !== id) throw nonsense('the inspection is of something else')
  if (marksProtected(raw.Labels)) return kept('label')
  if (raw.Driver !== 'local') return kept('elsewhere')
  if (instant(raw.CreatedAt) !== createdAt) return kept('changed')
  const holder = (await inUse(looking)).volumes.get(id)
  return holder === undefined ? same : kept('in-use', holder)
}

/** The id that a tag means at this moment; null where it means none. */
export async function idOfTag(tag: string, looking: Looking): Promise<unknown> {
  return (await inspect(looking, `/images/${tag}/json`))?.Id ?? null
}

async function inspect({ model }: Looking, path: string): Promise<Record<string, unknown> | null> {
  const call = { method: 'GET', path: `${model.prefix()}${path}`, mostBytes: oneBytes, timeoutMs: 10_000, accept: [200, 404] } as const
  const { status, body } = await model.engine.json(call)
  return status === 404 ? null : object(body)
}

/** What containers hold at this moment, as the engine has them and not as they were last heard of. */
async function inUse({ model }: Looking) {
  const path = `${model.prefix()}/containers/json?all=1`
  const { body } = await model.engine.json({ method: 'GET', path, mostBytes: listBytes, timeoutMs: 10_000 })
  if (!Array.isArray(body)) throw nonsense('the list of containers is no list')
  return usedBy(
    body.map((value: unknown) => {
      const container = listedContainer(value)
      if (!container) throw nonsense('the list of containers holds something else')
      const mounts = list(object(value).Mounts).map(object)
      return { ...container, volumes: mounts.flatMap(({ Type, Name }) => (Type === 'volume' && typeof Name === 'string' ? [Name] : [])) }
    }),
  )
}

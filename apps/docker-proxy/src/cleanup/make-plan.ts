import { createHash, randomUUID } from 'node:crypto'
import { DaemonError } from '@console/verb-kit/problem'
import { canonical, type Plain } from '@console/verbs/canonical'
import type { planCleanup } from '@console/verbs/cleanup'
import type { ArgsOf } from '@console/verbs/verb'
import { text } from '../projection.ts'
import type { DiskObjects } from './disk-objects.ts'
import type { Goes, Judged, Keeps, Kind } from './judge-objects.ts'

export type Choice = { kinds: Kind[]; images: 'dangling' | 'unused' | null; volumes: string[] }
export type PlanItem = {
  kind: Kind
  id: string
  names: string[]
  sizeBytes: number
  createdAt: string | null
  since: string | null
  reason: Goes
}
/** `scope` and `unnamed` stay because of what was chosen, the rest whatever is chosen. */
type KeptItem = { kind: Kind; id: string; names: string[]; sizeBytes: number; why: Keeps | 'scope' | 'unnamed'; note: string }
/** What goes and what stays, frozen. Its digest is what a person confirms. */
export type CleanupPlan = {
  v: 1
  verb: 'cleanup.run'
  hostId: 'local'
  planId: string
  createdAt: string
  expiresAt: string
  plannedBy: string
  engine: { version: string; apiVersion: string }
  choice: Choice
  items: PlanItem[]
  totalBytes: number
  kept: KeptItem[]
  /** All that are kept, and all that could go but are over the limit of one plan. */
  keptCount: number
  leftCount: number
}

const planLifeMs = 15 * 60_000
const mostItems = 10_000
const mostKept = 2_000

/** What was chosen, in one form. @throws DaemonError that names the field and the rule */
export function choiceOf({ kinds, images, volumes }: ArgsOf<typeof planCleanup>): Choice {
  if (kinds.length === 0) throw inputInvalid('kinds', 'required', 'kinds must name at least one kind.')
  if (images !== undefined && !kinds.includes('images'))
    throw inputInvalid('images', 'kinds', 'images has a meaning only beside the kind images.')
  if (volumes !== undefined && !kinds.includes('volumes'))
    throw inputInvalid('volumes', 'kinds', 'volumes has a meaning only beside the kind volumes.')
  const order: Kind[] = ['containers', 'images', 'volumes', 'build-cache']
  return {
    kinds: order.filter((kind) => kinds.includes(kind)),
    images: kinds.includes('images') ? (images ?? 'dangling') : null,
    volumes: [...new Set(volumes ?? [])].sort(),
  }
}

type Made = {
  readonly judged: readonly Judged[]
  readonly objects: DiskObjects
  readonly choice: Choice
  readonly by: string
  readonly engine: { readonly version: string; readonly negotiated: string }
  /** Before anything was measured, so that what came later is known to be later. */
  readonly at: Date
}

/** @throws DaemonError for a volume that is chosen by name and is not there */
export function makePlan({ judged, objects, choice, by, engine, at }: Made): { plan: CleanupPlan; digest: string } {
  const known = new Set(objects.volumes.map(({ name }) => name))
  choice.volumes.forEach((name, index) => {
    if (!known.has(name))
      throw inputInvalid(`volumes.${index}`, 'unknown', `There is no volume of exactly the name ${text(name).slice(0, 64)}.`)
  })
  const items: PlanItem[] = []
  const kept: KeptItem[] = []
  for (const one of judged) {
    if (!choice.kinds.includes(one.kind)) continue
    const why = whyKept(one, choice)
    if (why) kept.push(keptItem(one, why.why, why.note))
    else if ('goes' in one.verdict) items.push(planItem(one, one.verdict.goes))
  }
  const ordered = [...items.filter(({ kind }) => kind !== 'build-cache'), ...childrenFirst(items, objects)]
  const plan: CleanupPlan = {
    v: 1,
    verb: 'cleanup.run',
    hostId: 'local',
    planId: randomUUID(),
    createdAt: at.toISOString(),
    expiresAt: new Date(at.getTime() + planLifeMs).toISOString(),
    plannedBy: by,
    engine: { version: engine.version, apiVersion: engine.negotiated },
    choice,
    items: ordered.slice(0, mostItems),
    totalBytes: ordered.slice(0, mostItems).reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0),
    kept: kept.slice(0, mostKept),
    keptCount: kept.length,
    leftCount: Math.max(0, ordered.length - mostItems),
  }
  return { plan, digest: digestOf(plan) }
}

export function digestOf(plan: CleanupPlan): string {
  return createHash('sha256')
    .update(canonical(plan as unknown as Plain))
    .digest('hex')
}

function whyKept({ id, verdict }: Judged, { images, volumes }: Choice): Pick<KeptItem, 'why' | 'note'> | null {
  if ('keeps' in verdict) return { why: verdict.keeps, note: verdict.note }
  if (verdict.goes === 'unused' && images !== 'unused') return { why: 'scope', note: '' }
  if (verdict.goes === 'named' && !volumes.includes(id)) return { why: 'unnamed', note: '' }
  return null
}

const planItem = ({ kind, id, names, sizeBytes, createdAt, since }: Judged, reason: Goes): PlanItem => ({
  kind,
  id,
  names: [...names],
  sizeBytes,
  createdAt,
  since,
  reason,
})

/** Names of what is kept are only shown, so they are cleaned. */
const keptItem = ({ kind, id, names, sizeBytes }: Judged, why: KeptItem['why'], note: string): KeptItem => ({
  kind,
  id: text(id),
  names: names.slice(0, 50).map(text),
  sizeBytes,
  why,
  note: text(note),
})

/** The engine gives a record up only when none is left that was made from it. */
function childrenFirst(items: readonly PlanItem[], { cache }: DiskObjects): PlanItem[] {
  const parents = new Map(cache.map((record) => [record.id, record.parents]))
  const depths = new Map<string, number>()
  const depthOf = (id: string, below: number): number => {
    const known = depths.get(id)
    if (known !== undefined) return known
    // A ring, or a chain that nobody builds: no order helps there.
    if (below > 500) return 0
    const depth =
      1 + Math.max(0, ...(parents.get(id) ?? []).filter((parent) => parents.has(parent)).map((parent) => depthOf(parent, below + 1)))
    depths.set(id, depth)
    return depth
  }
  return items.filter(({ kind }) => kind === 'build-cache').sort((a, b) => depthOf(b.id, 0) - depthOf(a.id, 0))
}

export function inputInvalid(field: string, rule: string, message: string): DaemonError {
  return new DaemonError('INPUT_INVALID', 400, message, { errors: [{ field, rule, message }], untouched: true })
}

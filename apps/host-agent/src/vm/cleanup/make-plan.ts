import { createHash, randomUUID } from 'node:crypto'
import { canonical, type Plain } from '@console/verbs/canonical'
import { readAnswer } from '../read-answer.ts'

export const itemKinds = ['packages', 'journals', 'logs', 'temporary', 'crashes'] as const
const keptKinds = [...itemKinds, 'kernels'] as const
/** Why something of these kinds stays. */
const keepWhys = ['recent', 'in-use', 'limit', 'linked', 'special', 'unnameable', 'by-apt'] as const
type ItemKind = (typeof itemKinds)[number]
type KeepWhy = (typeof keepWhys)[number]
export const whysOfRun = [...keepWhys, 'changed', 'refused'] as const

/** One file, or one folder of temporary files. `identity` says whether it is still the same, unchanged. */
export type VmPlanItem = { kind: ItemKind; path: string; sizeBytes: number; changedAt: string; identity: string }
export type Found = {
  readonly items: readonly VmPlanItem[]
  readonly kept: readonly { kind: (typeof keptKinds)[number]; why: KeepWhy; count: number; sizeBytes: number }[]
  readonly left: number
}
/** What goes and what stays, frozen. Its digest is what a person confirms. */
export type VmCleanupPlan = {
  v: 1
  verb: 'vm.cleanup.run'
  hostId: 'local'
  planId: string
  createdAt: string
  expiresAt: string
  plannedBy: string
  script: { name: 'vm-cleanup.sh'; sha256: string }
  items: VmPlanItem[]
  totalBytes: number
  kept: { kind: string; why: string; count: number; sizeBytes: number }[]
  /** What could go and is over the limit of one plan. */
  leftCount: number
}

const planLifeMs = 15 * 60_000
const mostItems = 2_000
/** The folders that vm-cleanup.sh knows, said once more: a path that lies elsewhere is no answer of that script. */
const places: Readonly<Record<ItemKind, RegExp>> = {
  packages: /^\/var\/cache\/apt\/archives\/(partial\/)?[^/]+\.deb$/,
  journals: /^\/var\/log\/journal\/[^/]+\/[^/]+@[^/]+\.journal$/,
  logs: /^\/var\/log\/([^/]+\/)?[^/]+\.(gz|xz|bz2|zst|old|[0-9]{1,2})$/,
  temporary: /^\/(var\/)?tmp\/[^/]+$/,
  crashes: /^\/var\/(crash|lib\/systemd\/coredump)\/[^/]+$/,
}
const printable = /^[ -~]+$/
const upward = /(^|\/)\.\.?(\/|$)/
const identity = /^[0-9]+:[0-9:.-]{3,120}$/

/** What `vm-cleanup.sh --plan --json` found. @throws DaemonError VM_SCRIPT_FAILED */
export function parseFound(text: string): Found {
  const answer = readAnswer('vm-cleanup.sh', text)
  const { v, items, kept, left } = answer.object(answer.value, ['v', 'items', 'kept', 'left'])
  const listed = answer.list(items, mostItems).map((value): VmPlanItem => {
    const item = answer.object(value, ['kind', 'path', 'sizeBytes', 'changedSec', 'identity'])
    const kind = answer.word(item.kind, itemKinds)
    const path = answer.text(item.path, 1_000, printable)
    if (!places[kind].test(path) || upward.test(path)) throw answer.unreadable()
    const changedAt = new Date(Math.min(answer.count(item.changedSec), 4_102_444_800) * 1_000).toISOString()
    return { kind, path, sizeBytes: answer.count(item.sizeBytes), changedAt, identity: answer.text(item.identity, 130, identity) }
  })
  if (v !== 1 || new Set(listed.map(({ path }) => path)).size !== listed.length) throw answer.unreadable()
  return {
    items: listed,
    kept: answer.list(kept, keptKinds.length * keepWhys.length).map((value) => {
      const sum = answer.object(value, ['kind', 'why', 'count', 'sizeBytes'])
      const why = answer.word(sum.why, keepWhys)
      return { kind: answer.word(sum.kind, keptKinds), why, count: answer.count(sum.count), sizeBytes: answer.count(sum.sizeBytes) }
    }),
    left: answer.count(left),
  }
}

export function makePlan(found: Found, { by, sha256, at }: { readonly by: string; readonly sha256: string; readonly at: Date }) {
  const plan: VmCleanupPlan = {
    v: 1,
    verb: 'vm.cleanup.run',
    hostId: 'local',
    planId: randomUUID(),
    createdAt: at.toISOString(),
    expiresAt: new Date(at.getTime() + planLifeMs).toISOString(),
    plannedBy: by,
    script: { name: 'vm-cleanup.sh', sha256 },
    items: [...found.items],
    totalBytes: found.items.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0),
    kept: [...found.kept],
    leftCount: found.left,
  }
  return { plan, digest: digestOf(plan) }
}

export function digestOf(plan: VmCleanupPlan): string {
  return createHash('sha256')
    .update(canonical(plan as unknown as Plain))
    .digest('hex')
}

/** The plan as vm-cleanup.sh reads it: a line an item. Nothing in it can be a tab or the end of a line. */
export function planLines({ items }: VmCleanupPlan): string {
  return items.map((item, at) => `${[at, item.kind, item.identity, item.sizeBytes, item.path].join('\t')}\n`).join('')
}

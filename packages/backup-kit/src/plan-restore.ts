import { createHash } from 'node:crypto'
import type { Lock } from '@console/backups/backup-keys'
import type { KeptPart } from '@console/backups/kept-parts'
import { readBackup } from '@console/backups/read-backup'
import { BackupRefused } from '@console/backups/refused'
import { lineOfChange } from '@console/contracts/backups/plan-lines'
import type { RestoreChange, RestoreLack, RestoreObject, RestorePlan } from '@console/contracts/backups/schemas'
import type { Doc, DocStore } from '@console/store/port'
import type { RestorableKind } from './kinds.ts'

export type Comparing = {
  readonly store: Pick<DocStore, 'everything'>
  readonly part: KeptPart
  readonly file: string
  readonly locks: readonly Lock[]
  readonly kinds: readonly RestorableKind[]
}
/** `was` is the digest of what is there: it goes along into the plan where the object is named for removal. */
type Lacking = RestoreLack & { readonly was: string }
export type Comparison = {
  readonly changes: readonly RestoreChange[]
  readonly lacking: readonly Lacking[]
  readonly kinds: RestorePlan['kinds']
  readonly untouched: RestorePlan['untouched']
}

/**
 * Reads a backup to its end and compares it with the living store, object by object. Only kinds that may be restored are compared; what else the
 * backup holds is counted, and nothing more.
 * @throws BackupRefused for a backup that is damaged, foreign, or without this service
 */
export async function compareBackup({ store, part, file, locks, kinds }: Comparing): Promise<Comparison> {
  const tallies = kinds.map((kind) => ({ kind, seen: new Set<string>(), added: 0, replaced: 0, same: 0, now: 0 }))
  const byCollection = new Map(tallies.map((tally) => [tally.kind.declaration.name, tally]))
  const changes: RestoreChange[] = []
  const lacking: Lacking[] = []
  const untouched = new Map<string, number>()
  const files = new Set<string>()
  const { head } = await readBackup({
    file,
    locks,
    onLine: async (line) => {
      if ('bytes' in line) {
        files.add(`${line.part} ${line.path}`)
        return
      }
      const tally = line.part === part ? byCollection.get(line.collection) : undefined
      if (!tally) {
        untouched.set(line.collection, (untouched.get(line.collection) ?? 0) + 1)
        return
      }
      const { kind, seen } = tally
      seen.add(placeOf(line.pk, line.id))
      const live = (await kind.collection.get(line.pk, line.id))?.doc ?? null
      const kept = JSON.parse(line.text) as Doc
      const merged = kind.merge(live, kept)
      if (merged === null || (live !== null && sameDoc(merged, live))) {
        if (live !== null) tally.same += 1
        return
      }
      if (live === null) tally.added += 1
      else tally.replaced += 1
      const { pk, id } = line
      changes.push({
        kind: kind.kind,
        pk,
        id,
        name: nameOf(kind, id, merged),
        change: live === null ? 'add' : 'replace',
        was: live && digestOfDoc(live),
        becomes: digestOfDoc(merged),
      })
    },
  })
  if (!head.parts.includes(part)) throw new BackupRefused('foreign', `The backup holds nothing of ${part}.`)
  for (const tally of tallies)
    for await (const { pk, id, doc } of store.everything(tally.kind.declaration)) {
      tally.now += 1
      if (tally.seen.has(placeOf(pk, id))) continue
      lacking.push({
        kind: tally.kind.kind,
        pk,
        id,
        name: nameOf(tally.kind, id, doc),
        removable: tally.kind.removable,
        was: digestOfDoc(doc),
      })
    }
  return {
    changes,
    lacking,
    kinds: tallies.map(({ kind, added, replaced, same, now }) => ({
      kind: kind.kind,
      label: kind.label,
      stays: kind.stays,
      now,
      after: now + added,
      added,
      replaced,
      removed: 0,
      same,
    })),
    untouched: [
      ...[...untouched].map(([what, documents]) => ({ what, documents })),
      ...(files.size > 0 ? [{ what: 'keys and audit logs', documents: files.size }] : []),
    ],
  }
}

/** The comparison with what was named for removal along. Names what may not be in `refused`. */
export function withRemovals(
  found: Comparison,
  remove: readonly RestoreObject[],
): { readonly comparison: Comparison; readonly refused: RestoreObject | null } {
  const named = new Set(remove.map(({ kind, pk, id }) => `${kind} ${placeOf(pk, id)}`))
  const isNamed = ({ kind, pk, id }: RestoreObject): boolean => named.has(`${kind} ${placeOf(pk, id)}`)
  const going = found.lacking.filter((one) => one.removable && isNamed(one))
  const known = new Set(going.map(({ kind, pk, id }) => `${kind} ${placeOf(pk, id)}`))
  const refused = remove.find(({ kind, pk, id }) => !known.has(`${kind} ${placeOf(pk, id)}`)) ?? null
  const removals = going.map(({ removable: _, ...one }) => ({ ...one, change: 'remove' as const, becomes: null }))
  const kinds = found.kinds.map((kind) => {
    const removed = removals.filter((one) => one.kind === kind.kind).length
    return { ...kind, removed, after: kind.after - removed }
  })
  return { comparison: { ...found, kinds, changes: [...found.changes, ...removals] }, refused }
}

/** Of all changes in their order, however many are shown. */
export function digestOfChanges(changes: readonly RestoreChange[]): string {
  const hash = createHash('sha256')
  for (const one of changes) hash.update(lineOfChange(one))
  return hash.digest('hex')
}

export const placeOf = (pk: string, id: string): string => `${pk} ${id}`

/** Two documents that say the same have the same one, in whatever order they say it. */
export function digestOfDoc(doc: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(inOrder(doc)))
    .digest('hex')
}

/** Whether two documents say the same, in whatever order. */
export function sameDoc(a: unknown, b: unknown): boolean {
  return JSON.stringify(inOrder(a)) === JSON.stringify(inOrder(b))
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, item]) => [name, inOrder(item)]),
  )
}

function nameOf(kind: RestorableKind, id: string, doc: Doc): string {
  // A name that is cut in the middle of a character would have no text that two programs agree about.
  return kind.nameOf(id, doc).slice(0, 200).toWellFormed() || id
}

import type { Lock } from '@console/backups/backup-keys'
import type { KeptPart } from '@console/backups/kept-parts'
import { readBackup } from '@console/backups/read-backup'
import type { RestoreChange } from '@console/contracts/backups/schemas'
import { type Doc, StoreError } from '@console/store/port'
import type { RestorableKind } from './kinds.ts'
import { digestOfDoc, placeOf } from './plan-restore.ts'

export type RestoreCounts = { readonly added: number; readonly replaced: number; readonly removed: number; readonly skipped: number }
type Deed = {
  readonly part: KeptPart
  readonly file: string
  readonly locks: readonly Lock[]
  readonly kinds: readonly RestorableKind[]
  readonly changes: readonly RestoreChange[]
  readonly onObject?: () => void
}

/** What of a plan is not any more as it was when the plan was made; it is carried out only where nothing is. */
export async function changedSince(changes: readonly RestoreChange[], kinds: readonly RestorableKind[]): Promise<RestoreChange[]> {
  const byName = new Map(kinds.map((kind) => [kind.kind, kind]))
  const changed: RestoreChange[] = []
  for (const one of changes) {
    const live = (await byName.get(one.kind)?.collection.get(one.pk, one.id)) ?? null
    if ((live && digestOfDoc(live.doc)) !== one.was) changed.push(one)
  }
  return changed
}

/**
 * Carries the changes of a plan out, one object after the other, each looked at again: what is not as the plan found it is left alone, and nothing is
 * written that the plan does not say. Done twice it comes to the same, so that one that was cut short is begun again.
 * @throws BackupRefused StoreError
 */
export async function carryOutRestore({ part, file, locks, kinds, changes, onObject }: Deed): Promise<RestoreCounts> {
  const counts = { added: 0, replaced: 0, removed: 0, skipped: 0 }
  const byName = new Map(kinds.map((kind) => [kind.kind, kind]))
  const byCollection = new Map(kinds.map((kind) => [kind.declaration.name, kind]))
  const planned = new Map(changes.map((one) => [`${one.kind} ${placeOf(one.pk, one.id)}`, one]))
  const count = (what: keyof RestoreCounts): void => {
    counts[what] += 1
    onObject?.()
  }
  await readBackup({
    file,
    locks,
    onLine: async (line) => {
      if ('bytes' in line || line.part !== part) return
      const kind = byCollection.get(line.collection)
      const change = kind && planned.get(`${kind.kind} ${placeOf(line.pk, line.id)}`)
      if (!kind || !change || change.change === 'remove') return
      count(await writeObject(kind, change, JSON.parse(line.text) as Doc))
    },
  })
  for (const one of changes)
    if (one.change === 'remove') {
      const kind = byName.get(one.kind)
      count(kind?.removable && (await removeObject(kind, one)) ? 'removed' : 'skipped')
    }
  return counts
}

const tries = 5

async function writeObject(
  kind: RestorableKind,
  { pk, id, change, was, becomes }: RestoreChange,
  kept: Doc,
): Promise<'added' | 'replaced' | 'skipped'> {
  for (let turn = 0; turn < tries; turn += 1) {
    const live = await kind.collection.get(pk, id)
    const merged = kind.merge(live?.doc ?? null, kept)
    const now = live && digestOfDoc(live.doc)
    // It was written before the process ended.
    if (live && now === becomes) return change === 'add' ? 'added' : 'replaced'
    if (now !== was) return 'skipped'
    if (merged === null || digestOfDoc(merged) !== becomes) return 'skipped'
    try {
      if (live) await kind.collection.replace(pk, id, merged, live.etag)
      else if (kind.add) return (await kind.add(pk, id, merged)) ? 'added' : 'skipped'
      else await kind.collection.insert(pk, id, merged)
      return live ? 'replaced' : 'added'
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      // Its place, or a name that only one may have, was taken: what is there now stays.
      if (error.code === 'Conflict') return 'skipped'
      if (error.code !== 'Precondition' && error.code !== 'NotFound') throw error
    }
  }
  return 'skipped'
}

async function removeObject(kind: RestorableKind, { pk, id, was }: RestoreChange): Promise<boolean> {
  const live = await kind.collection.get(pk, id)
  if (!live) return true
  if (digestOfDoc(live.doc) !== was) return false
  try {
    await kind.collection.remove(pk, id, live.etag)
    return true
  } catch (error) {
    if (error instanceof StoreError && (error.code === 'Precondition' || error.code === 'NotFound')) return false
    throw error
  }
}

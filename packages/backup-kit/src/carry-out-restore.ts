import type { Lock } from '@console/backups/backup-keys'
import type { KeptPart } from '@console/backups/kept-parts'
import { readBackup } from '@console/backups/read-backup'
import { type Doc, StoreError } from '@console/store/port'
import type { RestorableKind } from './kinds.ts'
import { placeOf, sameDoc } from './plan-restore.ts'
import type { PlannedChange } from './restoring.ts'

export type RestoreCounts = { readonly added: number; readonly replaced: number; readonly removed: number; readonly skipped: number }
type Deed = {
  readonly part: KeptPart
  readonly file: string
  readonly locks: readonly Lock[]
  readonly kinds: readonly RestorableKind[]
  readonly changes: readonly PlannedChange[]
  readonly onObject?: () => void
}

/**
 * Carries the changes of a plan out, one object after the other, each looked at again: what came or went meanwhile is left alone. Done twice it
 * comes to the same, so that one that was cut short is begun again.
 * @throws BackupRefused StoreError
 */
export async function carryOutRestore({ part, file, locks, kinds, changes, onObject }: Deed): Promise<RestoreCounts> {
  const counts = { added: 0, replaced: 0, removed: 0, skipped: 0 }
  const byName = new Map(kinds.map((kind) => [kind.kind, kind]))
  const byCollection = new Map(kinds.map((kind) => [kind.declaration.name, kind]))
  const planned = new Map(changes.map((one) => [`${one.kind} ${placeOf(one.pk, one.id)}`, one.change]))
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
      if (!kind || (change !== 'add' && change !== 'replace')) return
      count(await writeObject(kind, { pk: line.pk, id: line.id, kept: JSON.parse(line.text) as Doc, change }))
    },
  })
  for (const { kind, pk, id, change } of changes)
    if (change === 'remove') {
      const found = byName.get(kind)
      count(found?.removable && (await removeObject(found, pk, id)) ? 'removed' : 'skipped')
    }
  return counts
}

type Written = { readonly pk: string; readonly id: string; readonly kept: Doc; readonly change: 'add' | 'replace' }
const tries = 5

async function writeObject(kind: RestorableKind, { pk, id, kept, change }: Written): Promise<'added' | 'replaced' | 'skipped'> {
  for (let turn = 0; turn < tries; turn += 1) {
    const live = await kind.collection.get(pk, id)
    const merged = kind.merge(live?.doc ?? null, kept)
    if (merged === null) return 'skipped'
    if (live && sameDoc(live.doc, merged)) return change === 'add' ? 'added' : 'replaced'
    if ((live === null) !== (change === 'add')) return 'skipped'
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

async function removeObject(kind: RestorableKind, pk: string, id: string): Promise<boolean> {
  const live = await kind.collection.get(pk, id)
  if (!live) return true
  try {
    await kind.collection.remove(pk, id, live.etag)
    return true
  } catch (error) {
    if (error instanceof StoreError && (error.code === 'Precondition' || error.code === 'NotFound')) return false
    throw error
  }
}

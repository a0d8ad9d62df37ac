import { randomBytes } from 'node:crypto'
import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { type ExportBounds, exportPartition } from './export-bounds.ts'
import { leaseAt } from './lease.ts'
import { migrationsPartition } from './migrations.ts'
import { metaOf, type StoreOwner } from './open-store.ts'
import type { Declaration, DocStore } from './port.ts'
import { fillStore } from './sqlite-snapshot.ts'

export type Exported = {
  readonly sums: readonly { readonly collection: string; readonly documents: number }[]
  readonly bounds: ExportBounds
}
type Exporting = { readonly owner: StoreOwner; readonly declarations: readonly Declaration[]; readonly file: string }

/**
 * Everything of a hosted store in a new SQLite file, while its service goes on. There is no moment that holds for all of it: each document is as it was
 * when its turn came, and the bounds tell between when. What belongs to this one store, its lease and how far logs were copied, is left out.
 */
export async function exportStore(from: DocStore, { owner, declarations, file }: Exporting): Promise<Exported> {
  const unfinished = `${file}.part`
  const forget = () => {
    for (const end of ['', '-wal', '-shm']) rmSync(`${unfinished}${end}`, { force: true })
  }
  forget()
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const filling = fillStore(unfinished, () => randomBytes(12).toString('base64url'))
  const readFrom = new Date().toISOString()
  const meta = { name: metaOf(owner), fields: {} }
  const sums = []
  let [oldest, newest] = [Number.POSITIVE_INFINITY, 0]
  try {
    for (const declaration of new Map([...declarations, meta].map((one) => [one.name, one])).values()) {
      let documents = 0
      for await (const { pk, id, doc, changedAt = 0 } of from.everything(declaration)) {
        if (declaration.name === meta.name && (pk !== migrationsPartition || id === leaseAt.id)) continue
        filling.put({ collection: declaration.name, pk, id, text: JSON.stringify(doc) })
        documents += 1
        oldest = Math.min(oldest, changedAt)
        newest = Math.max(newest, changedAt)
      }
      sums.push({ collection: declaration.name, documents })
    }
    const changed = newest > 0 ? { oldest: isoOf(oldest), newest: isoOf(newest) } : {}
    const bounds: ExportBounds = { readFrom, readTo: new Date().toISOString(), ...changed }
    filling.put({ collection: meta.name, pk: exportPartition, id: 'bounds', text: JSON.stringify(bounds) })
    filling.close()
    renameSync(unfinished, file)
    return { sums, bounds }
  } catch (error) {
    filling.close()
    forget()
    throw error
  }
}

const isoOf = (seconds: number): string => new Date(seconds * 1_000).toISOString()

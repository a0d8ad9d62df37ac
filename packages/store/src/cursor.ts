import { createHash } from 'node:crypto'
import { type Query, StoreError, type Value } from './port.ts'

/** Where a page ended: the last sort value and id. Bound to its query, so that it goes on with that query alone. */
export type Position = { readonly sort: Value | null; readonly id: string }

export function writeCursor(collection: string, pk: string, query: Query, { sort, id }: Position): string {
  return Buffer.from(JSON.stringify([bindingOf(collection, pk, query), sort, id])).toString('base64url')
}

/** @throws StoreError Invalid for a cursor of another query, or none at all */
export function readCursor(collection: string, pk: string, query: Query): Position | null {
  if (query.after === undefined) return null
  try {
    const [binding, sort, id] = JSON.parse(Buffer.from(query.after, 'base64url').toString()) as [string, Value | null, string]
    if (binding === bindingOf(collection, pk, query) && typeof id === 'string') return { sort, id }
  } catch {
    // Told below: a broken cursor and a foreign one are the same to the caller.
  }
  throw new StoreError('Invalid', 'the cursor belongs to another question')
}

function bindingOf(collection: string, pk: string, { where = [], order }: Query): string {
  return createHash('sha256')
    .update(JSON.stringify([collection, pk, where, order ?? null]))
    .digest('base64url')
    .slice(0, 16)
}

import type { Collection, Doc } from '@console/store/port'

const mostTries = 8

/**
 * Applies a pure step to the newest version of a document, and counts the version up; what stays as it is, is not written.
 * @param changed told of what was written @returns null where there is no such document @throws Error where others were faster each time
 */
export async function changeDoc<T extends Doc & { readonly version: number }>(
  {
    collection,
    partition,
    changed,
  }: { readonly collection: Collection<T>; readonly partition: string; readonly changed: (doc: T) => void },
  id: string,
  step: (doc: T) => T,
): Promise<T | null> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const stored = await collection.get(partition, id)
    if (!stored) return null
    const next = step(stored.doc)
    if (JSON.stringify(next) === JSON.stringify(stored.doc)) return stored.doc
    const doc = { ...next, version: stored.doc.version + 1 }
    try {
      await collection.replace(partition, id, doc, stored.etag)
    } catch (error) {
      if ((error as { code?: string }).code === 'Precondition') continue
      throw error
    }
    changed(doc)
    return doc
  }
  throw new Error(`${id} is changed by too many at once`)
}

import type { Collection, Doc, Op, Stored } from '@console/store/port'

/** What stands under an id now; null where nothing does. */
type See<T extends Doc> = (id: string, stored: Stored<T> | null) => void
/** A collection that tells what its writes made of it, so that what lists need of it can be kept in memory. */
export type Watched<T extends Doc> = Collection<T> & {
  /** Tells everything that is there and from then on each change. To be asked for before anybody writes. */
  follow(see: See<T>): Promise<void>
  /** Reads anew what a write left in doubt, where the store did not answer since. Rejects with `StoreError`. */
  settle(): Promise<void>
}
const atOnce = 1_000

/**
 * One process owns the store, so what its writes answer is what is there. Where that is not certain, because a write failed or several wrote
 * one document at a time, the document is read anew. Every write has to go through this collection.
 */
export function watched<T extends Doc>(inner: Collection<T>, partition: string): Watched<T> {
  const followers: See<T>[] = []
  const underWay = new Map<string, number>()
  const doubtful = new Set<string>()
  const tell = (id: string, stored: Stored<T> | null) => {
    for (const see of followers) see(id, stored)
  }
  const begin = (id: string) => {
    const others = underWay.get(id) ?? 0
    if (others > 0) doubtful.add(id)
    underWay.set(id, others + 1)
  }
  const end = (id: string) => {
    const left = (underWay.get(id) ?? 1) - 1
    if (left > 0) underWay.set(id, left)
    else underWay.delete(id)
  }
  /** While somebody writes the document it is left to them: whoever comes last reads it. */
  const readAnew = async (id: string): Promise<void> => {
    while (!underWay.has(id) && doubtful.delete(id)) {
      begin(id)
      try {
        tell(id, await inner.get(partition, id))
      } catch (error) {
        doubtful.add(id)
        throw error
      } finally {
        end(id)
      }
    }
  }
  const write = async <R>(
    ids: readonly string[],
    work: () => Promise<R>,
    told: (result: R) => readonly (Stored<T> | null)[],
  ): Promise<R> => {
    for (const id of ids) begin(id)
    try {
      const result = await work()
      for (const [at, stored] of told(result).entries()) tell(ids[at] ?? '', stored)
      return result
    } catch (error) {
      for (const id of ids) doubtful.add(id)
      throw error
    } finally {
      for (const id of ids) end(id)
      for (const id of ids) await readAnew(id).catch(() => undefined)
    }
  }
  return {
    get: (pk, id) => inner.get(pk, id),
    find: (pk, query) => inner.find(pk, query),
    insert: (pk, id, doc) =>
      write(
        [id],
        () => inner.insert(pk, id, doc),
        (stored) => [stored],
      ),
    replace: (pk, id, doc, ifMatch) =>
      write(
        [id],
        () => inner.replace(pk, id, doc, ifMatch),
        (stored) => [stored],
      ),
    remove: (pk, id, ifMatch) =>
      write(
        [id],
        () => inner.remove(pk, id, ifMatch),
        () => [null],
      ),
    batch: (pk, ops: readonly Op<T>[]) =>
      write(
        ops.map(({ id }) => id),
        () => inner.batch(pk, ops),
        (all) => all,
      ),
    async follow(see) {
      followers.push(see)
      let after: string | undefined
      do {
        const page = await inner.find(partition, { limit: atOnce, ...(after !== undefined && { after }) })
        for (const stored of page.items) see(stored.id, stored)
        after = page.cursor
      } while (after !== undefined)
    },
    async settle() {
      for (const id of [...doubtful]) await readAnew(id)
    },
  }
}

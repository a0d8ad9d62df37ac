import { comparePlaces, type Place } from './list-cursor.ts'

/** An entry of a list; it is replaced as a whole where something about it changes. */
export type Placed = { readonly id: string; readonly place: Place }
export type KeptOrder<E extends Placed> = {
  /** Null takes the entry away. */
  set(id: string, entry: E | null): void
  /** The last place first. */
  all(): readonly E[]
}

/** Entries in the order of their places, put in order anew only when somebody looks after a change: then nearly all of them are already. */
export function createKeptOrder<E extends Placed>(): KeptOrder<E> {
  const entries = new Map<string, E>()
  const changed = new Set<string>()
  let sorted: E[] = []
  return {
    set(id, entry) {
      if (entry === null && !entries.has(id)) return
      if (entry === null) entries.delete(id)
      else entries.set(id, entry)
      changed.add(id)
    },
    all() {
      if (changed.size === 0) return sorted
      const stayed = sorted.filter((entry) => !changed.has(entry.id))
      const came = [...changed].flatMap((id) => entries.get(id) ?? [])
      sorted = [...stayed, ...came].sort((a, b) => comparePlaces(b.place, a.place))
      changed.clear()
      return sorted
    },
  }
}

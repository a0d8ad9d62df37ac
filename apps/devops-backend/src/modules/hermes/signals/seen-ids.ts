/** Which ids came lately. Two generations: when the young one is full, the old one is forgotten. */
export type SeenIds = {
  has(id: number): boolean
  add(id: number): void
  remove(id: number): void
  /** The newest, oldest of them first. */
  newest(most: number): number[]
}

export function createSeenIds(most: number): SeenIds {
  let young = new Set<number>()
  let old = new Set<number>()
  return {
    has: (id) => young.has(id) || old.has(id),
    add(id) {
      if (young.size >= most) {
        old = young
        young = new Set()
      }
      young.add(id)
    },
    remove(id) {
      young.delete(id)
      old.delete(id)
    },
    newest: (count) => [...old, ...young].slice(-count),
  }
}

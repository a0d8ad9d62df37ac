import type { Mark } from './judge-point.ts'

/** How far the growing counts of each agent had come: a bounded number of streams each, those longest silent go first. */
export type Marks = {
  get(instance: string, id: number): Mark | undefined
  set(instance: string, marks: readonly Mark[]): void
  /** As before the new ones were set. */
  takeBack(instance: string, marks: readonly Mark[], before: readonly Mark[]): void
  all(): [string, Mark[]][]
}

const mostStreams = 1_000

export function createMarks(): Marks {
  const instances = new Map<string, Map<number, Mark>>()
  const of = (instance: string): Map<number, Mark> => {
    const known = instances.get(instance) ?? new Map<number, Mark>()
    instances.set(instance, known)
    return known
  }
  const set = (instance: string, marks: readonly Mark[]): void => {
    if (marks.length === 0) return
    const streams = of(instance)
    for (const mark of marks) {
      streams.delete(mark[0])
      streams.set(mark[0], mark)
    }
    for (const id of streams.keys()) {
      if (streams.size <= mostStreams) break
      streams.delete(id)
    }
  }
  return {
    get: (instance, id) => instances.get(instance)?.get(id),
    set,
    takeBack(instance, marks, before) {
      for (const [id] of marks) instances.get(instance)?.delete(id)
      set(instance, before)
    },
    all: () => [...instances].map(([instance, streams]) => [instance, [...streams.values()]]),
  }
}

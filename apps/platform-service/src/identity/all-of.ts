import type { Collection, Pred, Stored } from '@console/store/port'
import { partition } from '../collections.ts'

/** Every document that is asked for, page by page. */
export async function allOf<T extends object>(collection: Collection<T>, where: readonly Pred[] = []): Promise<Stored<T>[]> {
  const items: Stored<T>[] = []
  let after: string | undefined
  do {
    const page = await collection.find(partition, { where, limit: 1_000, ...(after !== undefined && { after }) })
    items.push(...page.items)
    after = page.cursor
  } while (after !== undefined)
  return items
}

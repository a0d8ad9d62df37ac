import type { Collection, Doc } from '@console/store/port'

/** Stops the next write of a kind before it is made, until the test lets it go on; those after it are not stopped. */
export function holdNext<T extends Doc>(
  collection: Collection<T>,
  name: 'insert' | 'replace' | 'remove',
): { readonly reached: Promise<void>; letGo(): void } {
  const reached = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  const write = collection[name] as (...of: unknown[]) => Promise<unknown>
  Object.assign(collection, {
    [name]: async (...of: unknown[]) => {
      Object.assign(collection, { [name]: write })
      reached.resolve()
      await released.promise
      return write(...of)
    },
  })
  return { reached: reached.promise, letGo: released.resolve }
}

import type { Collection, Stored } from '@console/store/port'
import { partition } from '../collections.ts'
import type { ProductDoc } from '../documents.ts'
import { allOf } from './all-of.ts'
import { platformPath } from './cookies.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { lostRace } from './store-errors.ts'

export const platformProduct = 'bytelyst-platform'
export const devopsProduct = 'bytelyst-devops'

/** The two products of the console itself. Others are entered as services join. */
const seeds: Readonly<Record<string, ProductDoc>> = {
  [devopsProduct]: {
    v: 1,
    name: 'ByteLyst DevOps Dashboard',
    apiPath: '/api/devops',
    service: 'devops-backend',
    defaultRole: 'viewer',
    plans: ['pro'],
  },
  [platformProduct]: {
    v: 1,
    name: 'ByteLyst Platform Admin',
    apiPath: platformPath,
    service: 'platform-service',
    defaultRole: 'viewer',
    plans: ['pro'],
  },
}

/** One of the console's own. */
export function isBuiltIn(productId: string): boolean {
  return Object.hasOwn(seeds, productId)
}

export type Products = {
  list(): Stored<ProductDoc>[]
  get(productId: string): ProductDoc | null
  find(productId: string): Stored<ProductDoc> | null
  /** Products whose API needs a reference of its own, among some: all that are in use and not served here. */
  pathsOf(productIds: readonly string[]): { productId: string; apiPath: string }[]
  /** The product that a program serves, retired ones included; null for one that serves none. */
  servedBy(service: string): string | null
  /** Its program asked who somebody is. Kept in memory only. */
  asked(productId: string, at: string): void
  lastAskedAt(productId: string): string | null
  /** @throws StoreError Conflict where the id is taken */
  insert(productId: string, doc: ProductDoc): Promise<Stored<ProductDoc>>
  /** @throws StoreError Precondition where it changed since `etag` was read */
  replace(productId: string, doc: ProductDoc, etag: string): Promise<Stored<ProductDoc>>
  /** One change at a time: that a path or a program is free still holds when it is written. */
  alone<R>(work: () => Promise<R>): Promise<R>
}

/** Makes the console's own products where they are missing. All are kept in memory by every write, since each introspection asks for one. */
export async function openProducts(collection: Collection<ProductDoc>): Promise<Products> {
  for (const [id, doc] of Object.entries(seeds))
    await collection.insert(partition, id, doc).catch((error: unknown) => {
      if (!lostRace(error)) throw error
    })
  const products = new Map((await allOf(collection)).map((stored) => [stored.id, stored]))
  const asked = new Map<string, string>()
  const turn = oneAtATime()
  const keep = (stored: Stored<ProductDoc>): Stored<ProductDoc> => {
    products.set(stored.id, stored)
    return stored
  }
  return {
    list: () => [...products.values()],
    get: (productId) => products.get(productId)?.doc ?? null,
    find: (productId) => products.get(productId) ?? null,
    pathsOf: (productIds) =>
      productIds.flatMap((productId) => {
        const doc = products.get(productId)?.doc
        return doc?.apiPath && doc.apiPath !== platformPath && doc.status !== 'retired' ? [{ productId, apiPath: doc.apiPath }] : []
      }),
    servedBy: (service) => [...products.values()].find(({ doc }) => doc.service === service)?.id ?? null,
    asked: (productId, at) => void asked.set(productId, at),
    lastAskedAt: (productId) => asked.get(productId) ?? null,
    insert: async (productId, doc) => keep(await collection.insert(partition, productId, doc)),
    replace: async (productId, doc, etag) => keep(await collection.replace(partition, productId, doc, etag)),
    alone: (work) => turn('products', work),
  }
}

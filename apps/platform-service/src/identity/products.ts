import type { Collection, Stored } from '@console/store/port'
import { partition } from '../collections.ts'
import type { ProductDoc } from '../documents.ts'
import { platformPath } from './cookies.ts'
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

export type Products = {
  list(): Promise<Stored<ProductDoc>[]>
  get(productId: string): Promise<ProductDoc | null>
  /** Products whose API needs a reference of its own, among some: all that are not served here. */
  pathsOf(productIds: readonly string[]): Promise<{ productId: string; apiPath: string }[]>
  /** The product that a program serves; null for one that serves none. */
  servedBy(service: string): Promise<string | null>
}

/** Makes the console's own products where they are missing. */
export async function openProducts(collection: Collection<ProductDoc>): Promise<Products> {
  for (const [id, doc] of Object.entries(seeds))
    await collection.insert(partition, id, doc).catch((error: unknown) => {
      if (!lostRace(error)) throw error
    })
  const list = async () => (await collection.find(partition, { limit: 1_000 })).items
  return {
    list,
    get: async (productId) => (await collection.get(partition, productId))?.doc ?? null,
    async pathsOf(productIds) {
      const found = await Promise.all(productIds.map(async (id) => ({ id, doc: (await collection.get(partition, id))?.doc })))
      return found.flatMap(({ id, doc }) => (doc?.apiPath && doc.apiPath !== platformPath ? [{ productId: id, apiPath: doc.apiPath }] : []))
    },
    servedBy: async (service) => (await list()).find(({ doc }) => doc.service === service)?.id ?? null,
  }
}

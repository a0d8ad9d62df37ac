import type { NewProduct, Product, ProductInput } from '@console/contracts/products/schemas'
import type { Context } from '@console/http-kit/context'
import { AppError } from '@console/http-kit/problem'
import type { Stored } from '@console/store/port'
import type { ProductDoc } from '../../documents.ts'
import { isLive, type PeopleBook } from '../../identity/people-book.ts'
import { isBuiltIn, type Products } from '../../identity/products.ts'
import { assertFreshFactor } from '../../identity/proof.ts'
import type { SignedIn } from '../../identity/recognition.ts'
import { lostRace } from '../../identity/store-errors.ts'

export type ProductDeps = {
  readonly products: Products
  readonly people: PeopleBook
  readonly signedIn: (actor: Context['actor']) => SignedIn
  readonly now: () => number
}
type Count = { people: number; admins: number }

/** By name; counts come from one walk over the people. */
export function listProducts(deps: ProductDeps): Product[] {
  const counts = countsOf(deps)
  return deps.products
    .list()
    .map((stored) => viewOf(deps, stored, counts))
    .sort((a, b) => a.name.localeCompare(b.name, 'en') || (a.id < b.id ? -1 : 1))
}

export function getProduct(deps: ProductDeps, id: string): Product {
  return viewOf(deps, storedProduct(deps, id), countsOf(deps))
}

/** @throws AppError PRODUCT_EXISTS, PRODUCT_PATH_TAKEN, PRODUCT_SERVICE_TAKEN, USER_NOT_FOUND */
export async function createProduct(deps: ProductDeps, ctx: Context, { id, ...input }: NewProduct): Promise<Product> {
  assertFreshFactor(deps.signedIn(ctx.actor), deps.now())
  return deps.products.alone(async () => {
    const taken = new AppError('PRODUCT_EXISTS', 409, `There is a product ${id} already. Choose another id.`)
    if (deps.products.find(id)) throw taken
    assertFree(deps, id, input)
    assertPeople(deps, input.owners)
    const doc: ProductDoc = { v: 1, ...input, plans: [...new Set(input.plans)], createdAt: new Date(deps.now()).toISOString() }
    const stored = await deps.products.insert(id, doc).catch((error: unknown) => {
      throw lostRace(error) ? taken : error
    })
    return viewOf(deps, stored, countsOf(deps))
  })
}

/** @throws AppError PRODUCT_FIXED, PRODUCT_PLAN_USED, and what making one refuses */
export async function updateProduct(deps: ProductDeps, ctx: Context, id: string, input: ProductInput): Promise<Product> {
  assertFreshFactor(deps.signedIn(ctx.actor), deps.now())
  return deps.products.alone(async () => {
    const { doc: before, etag } = storedProduct(deps, id)
    const { v: _, ...stood } = before
    ctx.tell({ before: stood })
    assertMovable(id, before, input)
    assertFree(deps, id, input)
    assertPeople(
      deps,
      input.owners.filter((owner) => !before.owners?.includes(owner)),
    )
    assertPlansUnused(
      deps,
      id,
      before.plans.filter((plan) => !input.plans.includes(plan)),
    )
    const doc: ProductDoc = { ...before, ...input, plans: [...new Set(input.plans)] }
    return viewOf(deps, await deps.products.replace(id, doc, ctx.ifMatch ?? etag), countsOf(deps))
  })
}

/**
 * A path stays once it is set: browsers hold cookies for it until their session ends, and whatever answers there next would get them.
 */
function assertMovable(id: string, before: ProductDoc, { apiPath, service, status }: ProductInput): void {
  const fixed = (why: string) => new AppError('PRODUCT_FIXED', 409, why)
  if (before.apiPath !== null && apiPath !== before.apiPath)
    throw fixed(`body.apiPath: stays ${before.apiPath}, because browsers hold cookies for it. Enter another product for another path.`)
  if (isBuiltIn(id) && service !== before.service) throw fixed(`body.service: ${id} is served by ${before.service}, a part of the console.`)
  if (isBuiltIn(id) && status === 'retired') throw fixed(`body.status: ${id} is a part of the console and is not retired.`)
}

/** Programs of the console that serve no product and never may: a daemon asks nobody who a person is. */
const daemons = ['docker-proxy', 'host-agent']

/** A cookie is sent to its path and to all below, so no path of one product lies at, above or below that of another. */
function assertFree({ products }: ProductDeps, id: string, { apiPath, service }: Pick<ProductInput, 'apiPath' | 'service'>): void {
  const others = products.list().filter((other) => other.id !== id)
  const near = others.find(({ doc }) => apiPath !== null && doc.apiPath !== null && overlap(doc.apiPath, apiPath))
  if (near)
    throw new AppError(
      'PRODUCT_PATH_TAKEN',
      409,
      `body.apiPath: ${apiPath} and ${near.doc.apiPath} of ${near.id} would get each other’s cookies. Choose a path beside it.`,
    )
  if (service !== null && daemons.includes(service))
    throw new AppError('PRODUCT_SERVICE_TAKEN', 409, `body.service: ${service} is a daemon of the console and serves no product.`)
  const served = others.find(({ doc }) => service !== null && doc.service === service)
  if (served) throw new AppError('PRODUCT_SERVICE_TAKEN', 409, `body.service: ${service} serves ${served.id} already.`)
}

function overlap(one: string, other: string): boolean {
  return `${one}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${one}/`)
}

function assertPeople({ people }: ProductDeps, userIds: readonly string[]): void {
  for (const userId of userIds)
    if (!people.find(userId)) throw new AppError('USER_NOT_FOUND', 404, `body.owners: there is no person ${userId}.`)
}

function assertPlansUnused({ people }: ProductDeps, productId: string, gone: readonly string[]): void {
  if (gone.length === 0) return
  const uses = [...people.all()].flatMap(({ memberships }) =>
    memberships.filter((membership) => membership.productId === productId && gone.includes(membership.plan)),
  )
  if (uses[0])
    throw new AppError(
      'PRODUCT_PLAN_USED',
      409,
      `body.plans: ${uses.length} ${uses.length === 1 ? 'membership has' : 'memberships have'} a plan that would go, such as ${uses[0].plan}. Change them first.`,
    )
}

function storedProduct({ products }: ProductDeps, id: string): Stored<ProductDoc> {
  const stored = products.find(id)
  if (!stored) throw new AppError('PRODUCT_NOT_FOUND', 404, `There is no product ${id}.`)
  return stored
}

function countsOf({ people, now }: ProductDeps): ReadonlyMap<string, Count> {
  const counts = new Map<string, Count>()
  const nowMs = now()
  for (const { memberships } of people.all())
    for (const membership of memberships) {
      if (!isLive(membership, nowMs)) continue
      const count = counts.get(membership.productId) ?? { people: 0, admins: 0 }
      count.people += 1
      if (membership.role === 'admin') count.admins += 1
      counts.set(membership.productId, count)
    }
  return counts
}

function viewOf({ people, products }: ProductDeps, { id, doc, etag }: Stored<ProductDoc>, counts: ReadonlyMap<string, Count>): Product {
  const owners = (doc.owners ?? []).map((userId) => ({ id: userId, name: people.find(userId)?.doc.name ?? 'a person who is gone' }))
  return {
    id,
    name: doc.name,
    apiPath: doc.apiPath,
    service: doc.service,
    url: doc.url ?? null,
    status: doc.status ?? 'active',
    plans: doc.plans,
    defaultRole: doc.defaultRole,
    owners,
    builtIn: isBuiltIn(id),
    people: counts.get(id)?.people ?? 0,
    admins: counts.get(id)?.admins ?? 0,
    lastAskedAt: products.lastAskedAt(id),
    createdAt: doc.createdAt ?? null,
    etag,
  }
}

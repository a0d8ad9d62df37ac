import { randomUUID } from 'node:crypto'
import { inOrder, type PeerItem, type Question, Refused } from './cosmos-peer-query.ts'

/** A status of the service, with the number that tells its cases apart. */
export class PeerRefusal extends Error {
  readonly status: number
  readonly substatus: number | undefined
  constructor(status: number, message: string, substatus?: number) {
    super(message)
    this.status = status
    this.substatus = substatus
  }
}
export type PeerDefinition = {
  readonly id: string
  readonly partitionKey: { readonly paths: readonly string[] }
  readonly indexingPolicy?: {
    readonly includedPaths?: readonly { readonly path: string }[]
    readonly compositeIndexes?: readonly (readonly { path: string; order: string }[])[]
  }
  readonly uniqueKeyPolicy?: { readonly uniqueKeys?: readonly { readonly paths: readonly string[] }[] }
}
type Kept = PeerItem & { readonly _etag: string }
export type BatchOperation = {
  readonly operationType: string
  readonly id?: string
  readonly ifMatch?: string
  readonly resourceBody?: PeerItem
}
/** https://learn.microsoft.com/azure/cosmos-db/concepts-limits: 2 MB an item, and 100 operations and 2 MB a batch. */
const mostBytes = 2 * 1_048_576
const mostOperations = 100

/** One container: items by partition and id. https://learn.microsoft.com/azure/cosmos-db/partitioning-overview */
export function createPeerContainer(definition: PeerDefinition) {
  const partitions = new Map<string, Map<string, Kept>>()
  const partitionOf = (pk: string): Map<string, Kept> => {
    const found = partitions.get(pk) ?? new Map<string, Kept>()
    partitions.set(pk, found)
    return found
  }
  const write = (items: Map<string, Kept>, item: PeerItem): Kept => {
    assertUnique(definition, items, item)
    // An etag is new with every write, and quoted: https://learn.microsoft.com/azure/cosmos-db/database-transactions-optimistic-concurrency
    const kept = {
      ...item,
      _rid: 'rid',
      _self: 'self',
      _attachments: 'attachments/',
      _ts: Math.floor(Date.now() / 1_000),
      _etag: `"${randomUUID()}"`,
    }
    items.set(item.id, kept)
    return kept
  }
  const existing = (items: Map<string, Kept>, id: string, ifMatch: string | undefined): Kept => {
    const found = items.get(id)
    if (!found) throw new PeerRefusal(404, 'Entity with the specified id does not exist in the system.')
    if (ifMatch !== undefined && ifMatch !== found._etag) throw new PeerRefusal(412, 'One of the specified pre-condition is not met.')
    return found
  }
  /** https://learn.microsoft.com/rest/api/cosmos-db/create-a-document: 409 where the id is taken, 413 where it is too large. */
  const create = (items: Map<string, Kept>, item: PeerItem): Kept => {
    assertItem(item)
    if (items.has(item.id)) throw new PeerRefusal(409, 'Resource with specified id or name already exists.')
    return write(items, item)
  }
  /** https://learn.microsoft.com/rest/api/cosmos-db/replace-a-document: 404, and 412 where `If-Match` does not hold. */
  const replace = (items: Map<string, Kept>, id: string, { item, ifMatch }: { item: PeerItem; ifMatch: string | undefined }): Kept => {
    assertItem(item)
    existing(items, id, ifMatch)
    return write(items, item)
  }
  /** https://learn.microsoft.com/rest/api/cosmos-db/delete-a-document */
  const remove = (items: Map<string, Kept>, id: string, ifMatch: string | undefined): void => {
    existing(items, id, ifMatch)
    items.delete(id)
  }
  return {
    definition,
    all: () => [...partitions.values()].flatMap((items) => [...items.values()]),
    get: (pk: string, id: string) => existing(partitionOf(pk), id, undefined),
    create: (pk: string, item: PeerItem) => create(partitionOf(pk), item),
    replace: (pk: string, id: string, what: { item: PeerItem; ifMatch: string | undefined }) => replace(partitionOf(pk), id, what),
    remove: (pk: string, id: string, ifMatch: string | undefined) => remove(partitionOf(pk), id, ifMatch),
    /** Every item of one partition that matches, in order. */
    find(pk: string, question: Question): Kept[] {
      assertIndexed(definition, question)
      return [...partitionOf(pk).values()].filter(question.matches).sort(inOrder(question))
    },
    /**
     * All or nothing in one partition: the operation that is refused keeps its status, all others get 424.
     * https://learn.microsoft.com/azure/cosmos-db/transactional-batch
     */
    batch(pk: string, operations: readonly BatchOperation[]) {
      if (operations.length > mostOperations) throw new PeerRefusal(400, 'Batch request has more operations than what is supported.')
      if (Buffer.byteLength(JSON.stringify(operations)) > mostBytes) throw new PeerRefusal(413, 'Request size is too large.')
      const items = new Map(partitionOf(pk))
      const results: { statusCode: number; eTag?: string; resourceBody?: Kept }[] = []
      for (const [at, one] of operations.entries()) {
        try {
          results.push(carryOut(items, one))
        } catch (error) {
          if (!(error instanceof PeerRefusal)) throw error
          return operations.map((_, n) => ({ statusCode: n === at ? error.status : 424 }))
        }
      }
      partitions.set(pk, items)
      return results
    },
  }
  function carryOut(items: Map<string, Kept>, { operationType, id = '', ifMatch, resourceBody }: BatchOperation) {
    if (operationType === 'Delete') {
      remove(items, id, ifMatch)
      return { statusCode: 204 }
    }
    if (!resourceBody) throw new PeerRefusal(400, 'The operation has no body.')
    if (operationType !== 'Create' && operationType !== 'Replace') throw new PeerRefusal(400, `${operationType} is not supported.`)
    const kept = operationType === 'Create' ? create(items, resourceBody) : replace(items, id, { item: resourceBody, ifMatch })
    return { statusCode: operationType === 'Create' ? 201 : 200, eTag: kept._etag, resourceBody: kept }
  }
}
export type PeerContainer = ReturnType<typeof createPeerContainer>

function assertItem(item: PeerItem): void {
  // https://learn.microsoft.com/rest/api/cosmos-db/documents: the id is text of at most 255 characters without / \ # ?
  if (typeof item.id !== 'string' || item.id === '' || item.id.length > 255 || /[/\\#?]/.test(item.id))
    throw new PeerRefusal(400, 'The input name is invalid.')
  if (Buffer.byteLength(JSON.stringify(item)) > mostBytes) throw new PeerRefusal(413, 'Request size is too large.')
}

/** Within a partition; a missing value counts as null. https://learn.microsoft.com/azure/cosmos-db/unique-keys */
function assertUnique({ uniqueKeyPolicy }: PeerDefinition, items: ReadonlyMap<string, PeerItem>, item: PeerItem): void {
  for (const { paths } of uniqueKeyPolicy?.uniqueKeys ?? []) {
    const keyOf = (one: PeerItem) => JSON.stringify(paths.map((path) => at(one, path) ?? null))
    for (const other of items.values())
      if (other.id !== item.id && keyOf(other) === keyOf(item)) throw new PeerRefusal(409, 'Unique index constraint violation.')
  }
}

/** An order by two keys needs its composite index, as it stands or wholly reversed. https://learn.microsoft.com/azure/cosmos-db/index-policy */
function assertIndexed({ indexingPolicy }: PeerDefinition, { order }: Question): void {
  if (order.length < 2) return
  const asked = order.map(({ path, dir }) => `/${path.slice(2).replaceAll('.', '/')} ${dir}`).join()
  const turned = order
    .map(({ path, dir }) => `/${path.slice(2).replaceAll('.', '/')} ${dir === 'ascending' ? 'descending' : 'ascending'}`)
    .join()
  const indexes = (indexingPolicy?.compositeIndexes ?? []).map((set) => set.map(({ path, order: dir }) => `${path} ${dir}`).join())
  if (!indexes.includes(asked) && !indexes.includes(turned))
    throw new Refused('The order by query does not have a corresponding composite index that it can be served from.')
}

function at(item: PeerItem, path: string): unknown {
  let value: unknown = item
  for (const name of path.split('/').slice(1)) value = (value as Record<string, unknown> | undefined)?.[name]
  return value
}

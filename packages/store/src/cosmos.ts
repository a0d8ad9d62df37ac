import { randomBytes } from 'node:crypto'
import type { CosmosClient as Client, Container, OperationInput, Resource } from '@azure/cosmos'
import { askPatiently, type Patience, writePatiently } from './cosmos-attempts.ts'
import { type CosmosAccount, clientOf, usualPatience } from './cosmos-client.ts'
import { provision } from './cosmos-containers.ts'
import { cosmosQuery } from './cosmos-queries.ts'
import { readCursor, writeCursor } from './cursor.ts'
import { type Collection, type Declaration, type Doc, type DocStore, type Op, type Query, type Stored, StoreError } from './port.ts'
import { checkDoc, checkKeys, checkOps, checkQuery, refuseIfLog } from './rules.ts'

export type CosmosSettings = CosmosAccount & {
  readonly database: string
  readonly patience?: Partial<Patience>
}

/**
 * The document store on Cosmos DB (NoSQL API), by the maintained SDK. It is asked with patience: what it refuses for want of throughput is asked again
 * as it says, and a write whose answer was lost is read back.
 */
export async function openCosmosStore({ endpoint, database, requestTimeoutMs = 10_000, ...more }: CosmosSettings): Promise<DocStore> {
  const client = await clientOf({ endpoint, requestTimeoutMs, ...more })
  const patience = { ...usualPatience, ...more.patience }
  const opened = new Map<string, Opened>()
  return {
    collection<T extends Doc>(declaration: Declaration): Collection<T> {
      const known = opened.get(declaration.name) ?? open({ client, database, declaration, patience, requestTimeoutMs })
      opened.set(declaration.name, known)
      return known.collection as unknown as Collection<T>
    },
    async ready() {
      for (const { container } of opened.values()) await container()
    },
    async *everything(declaration) {
      const { container } = opened.get(declaration.name) ?? open({ client, database, declaration, patience, requestTimeoutMs })
      const { items } = await container()
      let continuationToken: string | undefined
      do {
        const more = { maxItemCount: 200, ...(continuationToken && { continuationToken }) }
        const page = await askPatiently(patience, () => items.readAll<Item & Resource>(more).fetchNext())
        for (const { pk, id, b, _ts } of page.resources ?? []) yield { pk, id, doc: b, changedAt: _ts }
        continuationToken = page.continuationToken
      } while (continuationToken)
    },
    async close() {
      client.dispose()
    },
  }
}

/** Asks once, and gives up when the time of a request is over. */
type Soon = <R>(ask: (limits: { readonly abortSignal: AbortSignal }) => Promise<R>) => Promise<R>

type Opened = { readonly collection: Collection<Doc>; readonly container: () => Promise<Container> }
type Opening = {
  readonly client: Client
  readonly database: string
  readonly declaration: Declaration
  readonly patience: Patience
  readonly requestTimeoutMs: number
}
/** `o` marks the write that made the document what it is, so that a write whose answer was lost can be recognised. */
type Item = { readonly id: string; readonly pk: string; readonly b: Doc; readonly o: string }

function open({ client, database, declaration, patience, requestTimeoutMs }: Opening): Opened {
  let made: Promise<Container> | undefined
  const container = (): Promise<Container> => {
    made ??= provision(client, { name: database, declaration, ask: (run) => askPatiently(patience, run) }).catch((error: unknown) => {
      made = undefined
      throw error
    })
    return made
  }
  // The SDK asks ten times for what it could not read, a second apart; this ends it.
  const soon: Soon = async (ask) => {
    const ending = new AbortController()
    // Taken away with the answer: thousands a second would lie there until their time was up, each with what it was asked for.
    const timer = setTimeout(() => ending.abort(new DOMException('no answer in time', 'TimeoutError')), requestTimeoutMs)
    try {
      return await ask({ abortSignal: ending.signal })
    } finally {
      clearTimeout(timer)
    }
  }
  const read = async (at: Container, pk: string, id: string): Promise<(Item & Resource) | null> => {
    const { resource, substatus } = await soon((limits) => at.item(id, pk).read<Item>(limits))
    if (!resource && substatus === 1003) throw new StoreError('Unavailable', `the container ${declaration.name} is gone`)
    return resource ?? null
  }
  const itemOf = (pk: string, id: string, doc: Doc): Item => ({ id, pk, b: JSON.parse(checkDoc(doc, declaration)) as Doc, o: freshMark() })
  const readBack = (at: Container, item: Item) => async () => {
    const found = await read(at, item.pk, item.id)
    return found?.o === item.o ? stored(found) : null
  }
  const collection: Collection<Doc> = {
    async get(pk, id) {
      checkKeys(pk, id)
      const at = await container()
      const found = await askPatiently(patience, () => read(at, pk, id))
      return found && stored(found)
    },
    async insert(pk, id, doc) {
      checkKeys(pk, id)
      const item = itemOf(pk, id, doc)
      const at = await container()
      return writePatiently(patience, {
        send: async () => stored(resourceOf(await soon((limits) => at.items.create(item, limits)))),
        readBack: readBack(at, item),
      })
    },
    async replace(pk, id, doc, ifMatch) {
      checkKeys(pk, id)
      refuseIfLog(declaration)
      const item = itemOf(pk, id, doc)
      const at = await container()
      const accessCondition = { type: 'IfMatch', condition: ifMatch }
      return writePatiently(patience, {
        send: async () => stored(resourceOf(await soon((limits) => at.item(id, pk).replace(item, { ...limits, accessCondition })))),
        readBack: readBack(at, item),
      })
    },
    async remove(pk, id, ifMatch) {
      checkKeys(pk, id)
      refuseIfLog(declaration)
      const at = await container()
      const accessCondition = { type: 'IfMatch', condition: ifMatch }
      await writePatiently(patience, {
        send: () => soon((limits) => at.item(id, pk).delete({ ...limits, accessCondition })),
        // A document that is gone does not tell who removed it, and being the one who did can matter.
        readBack: async () => null,
      })
    },
    async find(pk, query) {
      checkKeys(pk)
      checkQuery(query, declaration)
      const position = readCursor(declaration.name, pk, query)
      const at = await container()
      const items: (Item & Resource)[] = []
      let continuationToken: string | undefined
      // A page may be short, or empty, and have more behind it; each is asked for by itself, so that one that failed does not begin anew.
      do {
        const more = { partitionKey: pk, maxItemCount: query.limit + 1 - items.length, ...(continuationToken && { continuationToken }) }
        const page = await askPatiently(patience, () =>
          soon((limits) => at.items.query<Item & Resource>(cosmosQuery(pk, query, position), { ...limits, ...more }).fetchNext()),
        )
        items.push(...(page.resources ?? []))
        continuationToken = page.continuationToken
      } while (continuationToken && items.length <= query.limit)
      return pageOf(declaration, pk, query, items)
    },
    async batch(pk, ops) {
      checkKeys(pk, ...ops.map(({ id }) => id))
      checkOps(ops, declaration)
      return batch(pk, ops, { container: await container(), read, declaration, patience, soon })
    },
  }
  return { collection, container }
}

function pageOf(declaration: Declaration, pk: string, query: Query, found: readonly (Item & Resource)[]) {
  const items = found.slice(0, query.limit).map(stored)
  const last = items.at(-1)
  if (found.length <= query.limit || !last) return { items }
  const sort = query.order ? ((last.doc as Record<string, string | number>)[query.order.f] ?? null) : null
  return { items, cursor: writeCursor(declaration.name, pk, query, { sort, id: last.id }) }
}

type Batching = {
  readonly container: Container
  readonly read: (at: Container, pk: string, id: string) => Promise<(Item & Resource) | null>
  readonly declaration: Declaration
  readonly patience: Patience
  readonly soon: Soon
}

/** All operations carry one mark: where one of them is found, all were carried out. */
async function batch(pk: string, ops: readonly Op<Doc>[], { container, read, declaration, patience, soon }: Batching) {
  const o = freshMark()
  const items = ops.map((op) =>
    op.op === 'remove' ? null : { id: op.id, pk, b: JSON.parse(checkDoc(op.doc, declaration)) as Doc, o },
  ) satisfies (Item | null)[]
  const operations = ops.map((op, at): OperationInput => {
    const resourceBody = items[at] as never
    if (op.op === 'insert') return { operationType: 'Create', resourceBody }
    if (op.op === 'replace') return { operationType: 'Replace', id: op.id, resourceBody, ifMatch: op.ifMatch }
    // The service heeds it for a removal as for all others; the type of the SDK leaves it out.
    return { operationType: 'Delete', id: op.id, ifMatch: op.ifMatch } as OperationInput
  })
  return writePatiently<(Stored<Doc> | null)[]>(patience, {
    send: async () => {
      const { result = [] } = await soon((limits) => container.items.batch(operations, pk, limits))
      // 424: refused because of another operation, which says why.
      const refused = result.find(({ statusCode }) => statusCode >= 400 && statusCode !== 424)
      if (refused) throw Object.assign(new Error('refused'), { code: refused.statusCode })
      if (result.length !== ops.length) throw new StoreError('OutcomeUnknown', 'the store answered a batch with something else')
      return items.map((item, at) => item && { id: item.id, etag: result[at]?.eTag ?? '', doc: item.b })
    },
    readBack: async () => {
      const found = await Promise.all(items.map((item) => item && read(container, pk, item.id)))
      if (!found.some((one) => one?.o === o)) return null
      // What somebody else has changed since gets an etag that matches nothing.
      return items.map((item, at) => item && { id: item.id, etag: found[at]?.o === o ? found[at]._etag : 'superseded', doc: item.b })
    },
  })
}

function resourceOf({ resource }: { readonly resource?: (Item & Resource) | undefined }): Item & Resource {
  if (!resource) throw new StoreError('OutcomeUnknown', 'the store answered without the document')
  return resource
}

function stored({ id, _etag, b }: Item & Resource): Stored<Doc> {
  return { id, etag: _etag, doc: b }
}

function freshMark(): string {
  return randomBytes(12).toString('base64url')
}

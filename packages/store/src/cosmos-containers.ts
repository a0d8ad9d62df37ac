import type { Container, ContainerDefinition, CosmosClient } from '@azure/cosmos'
import { type Declaration, StoreError } from './port.ts'

/**
 * A collection as a container: partition by `pk`, an index for what is asked for and nothing else, one composite index for each order, unique
 * sets for good. https://learn.microsoft.com/azure/cosmos-db/index-policy and https://learn.microsoft.com/azure/cosmos-db/unique-keys
 */
export function containerOf({ name, fields, sort = [], unique = [] }: Declaration): ContainerDefinition {
  return {
    id: name,
    partitionKey: { paths: ['/pk'] },
    indexingPolicy: {
      indexingMode: 'consistent',
      automatic: true,
      includedPaths: [
        { path: '/pk/?' },
        ...Object.entries(fields).map(([field, kind]) => ({ path: kind === 'string[]' ? `/b/${field}/[]/?` : `/b/${field}/?` })),
      ],
      excludedPaths: [{ path: '/*' }],
      // The reversed order is served by the same index.
      compositeIndexes: sort.map((field) => [
        { path: `/b/${field}`, order: 'ascending' },
        { path: '/id', order: 'ascending' },
      ]),
    },
    ...(unique.length > 0 && { uniqueKeyPolicy: { uniqueKeys: unique.map((set) => ({ paths: set.map((field) => `/b/${field}`) })) } }),
  }
}

/** Asks until there is an answer, or gives up with a `StoreError`. */
type Ask = <R>(ask: () => Promise<R>) => Promise<R>

/**
 * The container of a collection, made where it is missing and the account may do so, and refused where it is another than declared: what is unique
 * and how it is partitioned cannot be changed afterwards, and an order without its index fails only when it is asked for.
 * @throws StoreError Unavailable, with what is to be done
 */
export async function provision(client: CosmosClient, { name, declaration, ask }: { name: string; declaration: Declaration; ask: Ask }) {
  const wanted = containerOf(declaration)
  const database = client.database(name)
  const container = database.container(declaration.name)
  const found = await read(container, ask)
  if (!found) {
    await make(`database ${name}`, ask, () => client.databases.create({ id: name }))
    await make(`container ${declaration.name}`, ask, () => database.containers.create(wanted))
  }
  const drift = driftOf(wanted, found ?? (await read(container, ask)) ?? wanted)
  if (drift.length > 0) throw new StoreError('Unavailable', `the container ${declaration.name} is not as declared: ${drift.join('; ')}`)
  return container
}

async function read(container: Container, ask: Ask): Promise<ContainerDefinition | null> {
  const { resource = null } = await ask(() =>
    container.read().catch((error: unknown) => {
      if ((error as { code?: unknown }).code === 404) return { resource: null }
      throw error
    }),
  )
  return resource
}

/** What is there already was made before, or just now by another part, or by this one when the answer was lost. */
async function make(what: string, ask: Ask, create: () => Promise<unknown>): Promise<void> {
  try {
    await ask(create)
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    if (error.code === 'Conflict') return
    throw new StoreError('Unavailable', `the ${what} is missing and cannot be made: ${error.message}`, { cause: error })
  }
}

/** Paths that the service adds by itself (`/_etag/?` is excluded by default) are no drift. */
function driftOf(wanted: ContainerDefinition, found: ContainerDefinition): string[] {
  const problems: string[] = []
  const compare = (what: string, of: (definition: ContainerDefinition) => string[]) => {
    const [want, have] = [of(wanted), of(found)]
    const missing = want.filter((one) => !have.includes(one))
    if (missing.length > 0) problems.push(`${what} ${missing.join(', ')} missing`)
  }
  const partitions = (definition: ContainerDefinition) => (definition.partitionKey?.paths ?? []).join()
  if (partitions(wanted) !== partitions(found)) problems.push(`it is partitioned by ${partitions(found)}, not by ${partitions(wanted)}`)
  const everything = found.indexingPolicy?.includedPaths?.some(({ path }) => path === '/*')
  if (!everything) compare('index', ({ indexingPolicy }) => (indexingPolicy?.includedPaths ?? []).map(({ path = '' }) => path))
  compare('composite index', ({ indexingPolicy }) =>
    (indexingPolicy?.compositeIndexes ?? []).map((set) => set.map(({ path, order }) => `${path} ${order}`).join(' + ')),
  )
  const unique = ({ uniqueKeyPolicy }: ContainerDefinition) => (uniqueKeyPolicy?.uniqueKeys ?? []).map(({ paths }) => paths.join(' + '))
  compare('unique key', unique)
  const extra = unique(found).filter((one) => !unique(wanted).includes(one))
  if (extra.length > 0) problems.push(`unique key ${extra.join(', ')} too many`)
  if ((found.defaultTtl ?? -1) > 0) problems.push('it removes documents by itself (defaultTtl)')
  return problems
}

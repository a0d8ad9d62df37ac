import { createHash } from 'node:crypto'
import { type Declaration, type Doc, type DocStore, StoreError } from './port.ts'

/** How many documents a collection has, and a hash of all of them that does not depend on the order in which they are read. */
export type Sum = { readonly collection: string; readonly documents: number; readonly sha256: string }

export async function sumOf(store: DocStore, declaration: Declaration): Promise<Sum> {
  let documents = 0
  let total = 0n
  for await (const { pk, id, doc } of store.everything(declaration)) {
    documents += 1
    total = (total + BigInt(`0x${lineHash(pk, id, doc)}`)) % 2n ** 256n
  }
  return { collection: declaration.name, documents, sha256: total.toString(16).padStart(64, '0') }
}

/**
 * Copies collections from one store into another that is empty, or holds what an earlier, interrupted copy put there: a document that is there already
 * must be the same. Afterwards both are counted and hashed. Both must be still: nobody else may write them.
 * @throws StoreError Conflict where the target holds something else, before anything is written
 */
export async function copyStore(from: DocStore, to: DocStore, declarations: readonly Declaration[]): Promise<Sum[]> {
  await assertTakes(from, to, declarations)
  const sums: Sum[] = []
  for (const declaration of declarations) {
    const target = to.collection<Doc>(declaration)
    await to.ready()
    for await (const { pk, id, doc } of from.everything(declaration)) {
      const there = await target.insert(pk, id, doc).catch(async (error: unknown) => {
        if (!(error instanceof StoreError) || !['Conflict', 'OutcomeUnknown'].includes(error.code)) throw error
        return target.get(pk, id)
      })
      if (!there || lineHash(pk, id, there.doc) !== lineHash(pk, id, doc))
        throw new StoreError('Conflict', `${declaration.name} of the target holds another document ${id}. Copy into an empty store.`)
    }
    const [source, copied] = [await sumOf(from, declaration), await sumOf(to, declaration)]
    if (source.documents !== copied.documents || source.sha256 !== copied.sha256)
      throw new StoreError(
        'Conflict',
        `${declaration.name} differs after the copy: ${source.documents} documents there, ${copied.documents} here. Copy into an empty store.`,
      )
    sums.push(copied)
  }
  return sums
}

/** That nothing is in the way of a copy; writes nothing. @throws StoreError Conflict where the target holds what the source does not */
export async function assertTakes(from: DocStore, to: DocStore, declarations: readonly Declaration[]): Promise<void> {
  for (const declaration of declarations) {
    const source = from.collection<Doc>(declaration)
    for await (const { pk, id, doc } of to.everything(declaration)) {
      const here = await source.get(pk, id)
      if (here && lineHash(pk, id, here.doc) === lineHash(pk, id, doc)) continue
      const what = here ? 'another document' : 'a document that is not here,'
      throw new StoreError('Conflict', `${declaration.name} of the target holds ${what} ${id}. Copy into an empty store.`)
    }
  }
}

function lineHash(pk: string, id: string, doc: Doc): string {
  return createHash('sha256')
    .update(JSON.stringify([pk, id, sorted(doc)]))
    .digest('hex')
}

/** A store may keep the names of a document in another order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, item]) => [name, sorted(item)]),
  )
}

import { type Collection, type Doc, StoreError } from '@console/store/port'

/** What becomes of the answer of a write that was carried out: it comes, comes some turns later, or is lost. */
export type Answering = 'at once' | 'later' | 'lost'

/** A collection whose writes all reach the store, while their answers come as the test says, in another order or not at all. */
export function unsure<T extends Doc>(inner: Collection<T>, next: () => Answering): Collection<T> {
  const answer = async <R>(result: R): Promise<R> => {
    const how = next()
    if (how === 'lost') throw new StoreError('OutcomeUnknown', 'the answer was lost')
    if (how === 'later') for (let turns = 0; turns < 5; turns += 1) await new Promise((resolve) => setImmediate(resolve))
    return result
  }
  return {
    ...inner,
    insert: (pk, id, doc) => inner.insert(pk, id, doc).then(answer),
    replace: (pk, id, doc, ifMatch) => inner.replace(pk, id, doc, ifMatch).then(answer),
    remove: (pk, id, ifMatch) => inner.remove(pk, id, ifMatch).then(answer),
    batch: (pk, ops) => inner.batch(pk, ops).then(answer),
  }
}

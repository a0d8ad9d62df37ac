import { setTimeout as wait } from 'node:timers/promises'
import { type Collection, type Doc, type DocStore, StoreError } from './port.ts'

type LeaseDoc = { readonly holder: string; readonly until: string }
export type LeaseOptions = {
  /** Collection in which the lease lies, one for each service. */
  readonly collection: string
  readonly holder: string
  /** For how long it holds without being renewed. */
  readonly ttlMs?: number
  /** How long to wait for the one before, whose lease ends by itself. */
  readonly waitMs?: number
  readonly now?: () => number
}
/** Where the lease lies, beside the notes on migrations. */
export const leaseAt = { pk: 'schema', id: 'lease' }

/**
 * A store that one process may write, where nothing else holds a second one off: a document names the holder and until when. It is renewed, and given
 * back when the store is closed; when it could not be renewed in time, nothing is written any more.
 * @throws StoreError Unavailable where another process holds it
 */
export async function withLease(store: DocStore, { collection, holder, ttlMs = 30_000, waitMs = 45_000, now = Date.now }: LeaseOptions) {
  const leases = store.collection<LeaseDoc>({ name: collection, fields: {} })
  const untilText = (ms: number) => new Date(ms).toISOString()
  let untilMs = now() + ttlMs
  let etag = await take(leases, { doc: () => ({ holder, until: untilText(now() + ttlMs) }), waitMs, now })
  let lost = false
  let renewing: Promise<void> = Promise.resolve()
  const renew = async (): Promise<void> => {
    const nextMs = now() + ttlMs
    try {
      etag = (await leases.replace(leaseAt.pk, leaseAt.id, { holder, until: untilText(nextMs) }, etag)).etag
      untilMs = nextMs
    } catch (error) {
      const code = error instanceof StoreError ? error.code : ''
      if (code === 'OutcomeUnknown') {
        const found = await leases.get(leaseAt.pk, leaseAt.id).catch(() => null)
        if (found?.doc.holder === holder) etag = found.etag
      } else if (code === 'Precondition' || code === 'NotFound') lost = true
    }
  }
  const timer = setInterval(() => {
    renewing = renewing.then(renew)
  }, ttlMs / 3)
  timer.unref()
  const assertHeld = (): void => {
    if (lost || now() >= untilMs)
      throw new StoreError(
        'Unavailable',
        'another process may have the store by now: its lease could not be renewed. Start this one again.',
      )
  }
  return {
    ...store,
    collection: <T extends Doc>(declaration: Parameters<DocStore['collection']>[0]) =>
      guarded(store.collection<T>(declaration), assertHeld),
    async close() {
      clearInterval(timer)
      await renewing
      await leases.remove(leaseAt.pk, leaseAt.id, etag).catch(() => undefined)
      await store.close()
    },
  } satisfies DocStore
}

function guarded<T extends Doc>(inner: Collection<T>, assertHeld: () => void): Collection<T> {
  return {
    get: (pk, id) => inner.get(pk, id),
    find: (pk, query) => inner.find(pk, query),
    async insert(pk, id, doc) {
      assertHeld()
      return inner.insert(pk, id, doc)
    },
    async replace(pk, id, doc, ifMatch) {
      assertHeld()
      return inner.replace(pk, id, doc, ifMatch)
    },
    async remove(pk, id, ifMatch) {
      assertHeld()
      return inner.remove(pk, id, ifMatch)
    },
    async batch(pk, ops) {
      assertHeld()
      return inner.batch(pk, ops)
    },
  }
}

type Taking = { readonly doc: () => LeaseDoc; readonly waitMs: number; readonly now: () => number }

/** @returns the etag of the lease that was taken */
async function take(leases: Collection<LeaseDoc>, { doc, waitMs, now }: Taking): Promise<string> {
  const startMs = performance.now()
  while (true) {
    const found = await leases.get(leaseAt.pk, leaseAt.id)
    if (!found || Date.parse(found.doc.until) <= now()) {
      const mine = doc()
      try {
        const taken = found
          ? await leases.replace(leaseAt.pk, leaseAt.id, mine, found.etag)
          : await leases.insert(leaseAt.pk, leaseAt.id, mine)
        return taken.etag
      } catch (error) {
        if (!(error instanceof StoreError) || !['Conflict', 'Precondition', 'NotFound', 'OutcomeUnknown'].includes(error.code)) throw error
        // Another one was faster, or nobody knows: the next look tells.
      }
    } else if (performance.now() - startMs >= waitMs)
      throw new StoreError(
        'Unavailable',
        `the store is open in another process (${found.doc.holder}, until ${found.doc.until}). One process may have it.`,
      )
    await wait(Math.min(1_000, waitMs / 4 + 1))
  }
}

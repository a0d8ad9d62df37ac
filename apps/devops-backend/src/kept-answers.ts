import type { IdempotencyStore, KeptAnswer } from '@console/http-kit/idempotency'
import type { Collection } from '@console/store/port'

type Doc = KeptAnswer & { v: 1; expiresAt: string }
const partition = 'local'
const keepMs = 24 * 3_600_000
const sweepEvery = 50

/** First answers of changes, kept for a day on disk, so that a repeat after a restart still gets them. */
export function keptAnswers(docs: Collection<Doc>, now: () => Date): IdempotencyStore {
  let puts = 0
  const sweep = async (): Promise<void> => {
    const { items } = await docs.find(partition, {
      where: [{ f: 'expiresAt', op: 'lt', v: now().toISOString() }],
      order: { f: 'expiresAt', dir: 'asc' },
      limit: 200,
    })
    for (const { id, etag } of items) await docs.remove(partition, id, etag).catch(() => undefined)
  }
  return {
    async get(key) {
      const stored = await docs.get(partition, key)
      return stored && stored.doc.expiresAt > now().toISOString() ? stored.doc : null
    },
    async put(key, answer) {
      const doc: Doc = { ...answer, v: 1, expiresAt: new Date(now().getTime() + keepMs).toISOString() }
      await docs.insert(partition, key, doc).catch((error: { code?: string }) => {
        if (error.code !== 'Conflict') throw error
      })
      puts += 1
      if (puts % sweepEvery === 0) await sweep()
    },
  }
}

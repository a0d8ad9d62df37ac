import { expect, it, vi } from 'vitest'
import { leaseAt, withLease } from './lease.ts'
import { type DocStore, StoreError } from './port.ts'
import { openSqliteStore } from './sqlite.ts'

const things = { name: 'things', fields: {} } as const
function rig() {
  const inner = openSqliteStore(':memory:')
  // Both hold the same store, as two processes hold one account.
  const shared = { ...inner, close: async () => undefined }
  const clock = { ms: 1_800_000_000_000 }
  const take = (holder: string, waitMs = 0) => withLease(shared, { collection: 'meta', holder, ttlMs: 30_000, waitMs, now: () => clock.ms })
  return { inner, clock, take }
}

it('refuses a second process, and takes it when the first has given it back', async () => {
  const { inner, clock, take } = rig()
  const first = await take('first')
  clock.ms += 1
  await expect(take('second')).rejects.toThrow(/open in another process \(first, until 2027/)
  await first.collection(things).insert('p', 'a', {})
  await first.close()
  const second = await take('second')
  await second.collection(things).insert('p', 'b', {})
  await second.close()
  await inner.close()
})

it('takes it when the first has not renewed it, and the first writes no more', async () => {
  const { inner, clock, take } = rig()
  const first = await take('first')
  clock.ms += 30_000
  const second = await take('second')
  await expect(first.collection(things).insert('p', 'a', {})).rejects.toMatchObject({ code: 'Unavailable' })
  expect(await first.collection(things).get('p', 'a')).toBeNull()
  await second.collection(things).insert('p', 'a', {})
  // What the first gives back is not its own any more.
  await first.close()
  clock.ms += 1
  await expect(take('third')).rejects.toThrow('second')
  await second.close()
  await inner.close()
})

it('lets one of two have it that start at the same time', async () => {
  const { inner, take } = rig()
  const both = await Promise.allSettled([take('first'), take('second')])
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  for (const one of both) if (one.status === 'fulfilled') await one.value.close()
  await inner.close()
})

it('writes no more once its lease is another’s, although its time is not over', async () => {
  const { inner, take } = rig()
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const first = await take('first')
  const leases = inner.collection<{ holder: string; until: string }>({ name: 'meta', fields: {} })
  const found = await leases.get(leaseAt.pk, leaseAt.id)
  await leases.replace(leaseAt.pk, leaseAt.id, { holder: 'another', until: found?.doc.until ?? '' }, found?.etag ?? '')
  await first.collection(things).insert('p', 'a', {})
  await vi.advanceTimersByTimeAsync(10_000)
  await expect(first.collection(things).insert('p', 'b', {})).rejects.toMatchObject({ code: 'Unavailable' })
  await first.close()
  expect((await leases.get(leaseAt.pk, leaseAt.id))?.doc.holder).toBe('another')
  vi.useRealTimers()
  await inner.close()
})

it('does not take the lease of another for its own where it is not known what became of a renewal', async () => {
  const inner = openSqliteStore(':memory:')
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const leases = inner.collection<{ holder: string; until: string }>({ name: 'meta', fields: {} })
  let lost = false
  const unsure: DocStore = {
    ...inner,
    close: async () => undefined,
    collection: (declaration) => ({
      ...inner.collection(declaration),
      replace: async (pk, id, doc, ifMatch) => {
        if (lost) throw new StoreError('OutcomeUnknown', 'no answer')
        return inner.collection<typeof doc>(declaration).replace(pk, id, doc, ifMatch)
      },
    }),
  }
  const first = await withLease(unsure, { collection: 'meta', holder: 'first' })
  const found = await leases.get(leaseAt.pk, leaseAt.id)
  await leases.replace(leaseAt.pk, leaseAt.id, { holder: 'another', until: found?.doc.until ?? '' }, found?.etag ?? '')
  lost = true
  await vi.advanceTimersByTimeAsync(10_000)
  // What it gives back would be the other one's.
  await first.close()
  expect((await leases.get(leaseAt.pk, leaseAt.id))?.doc.holder).toBe('another')
  vi.useRealTimers()
  await inner.close()
})

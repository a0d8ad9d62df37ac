import { openSqliteStore } from '@console/store/sqlite'
import { describe, expect, it } from 'vitest'
import { openCollections } from '../collections.ts'
import { createAdminGuard } from './admin-guard.ts'

const newGuard = () => createAdminGuard(openCollections(openSqliteStore(':memory:')).system)

describe('the guard of the last admin', () => {
  it('lets all but one go, however many go at once', async () => {
    const guard = newGuard()
    const admins = ['a', 'b', 'c', 'd', 'e']
    await guard.reconcile(admins)
    const released = await Promise.allSettled(admins.map((id) => guard.release(id)))
    const refused = released.filter(({ status }) => status === 'rejected')
    expect(refused).toMatchObject([{ reason: { code: 'USER_LAST_ADMIN', status: 409 } }])
  })

  it('lets the last one go once another was entered', async () => {
    const guard = newGuard()
    await guard.hold('a')
    await expect(guard.release('a')).rejects.toMatchObject({ code: 'USER_LAST_ADMIN' })
    await guard.hold('b')
    await guard.release('a')
    await expect(guard.release('b')).rejects.toMatchObject({ code: 'USER_LAST_ADMIN' })
  })

  it('says after a start what the people say', async () => {
    const guard = newGuard()
    await guard.reconcile(['a', 'b'])
    await guard.reconcile(['b'])
    await expect(guard.release('b')).rejects.toMatchObject({ code: 'USER_LAST_ADMIN' })
  })

  it('carries out one change of access at a time', async () => {
    const guard = newGuard()
    const order: string[] = []
    const slow = async (name: string) => {
      order.push(`${name} begins`)
      await new Promise((resolve) => setImmediate(resolve))
      order.push(`${name} ends`)
    }
    await Promise.all([guard.alone(() => slow('one')), guard.alone(() => slow('two'))])
    expect(order).toEqual(['one begins', 'one ends', 'two begins', 'two ends'])
  })
})

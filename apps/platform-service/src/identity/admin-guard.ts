import { AppError } from '@console/http-kit/problem'
import type { Collection, Stored } from '@console/store/port'
import { partition } from '../collections.ts'
import type { AdminsDoc, SystemDoc } from '../documents.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { retrying } from './store-errors.ts'

/**
 * Keeps the last active platform admin. Who is one stands in a single document that changes by compare-and-swap, so that two admins who
 * take each other away at the same moment do not both succeed. It may name too few for a moment, never too many: a person is struck off
 * before the change and entered after it.
 */
export type AdminGuard = {
  /** Strikes a person off. @throws AppError USER_LAST_ADMIN when nobody would be left */
  release(userId: string): Promise<void>
  /** Enters a person who is one now. */
  hold(userId: string): Promise<void>
  /** Makes the document say what the people say, after a crash in between. */
  reconcile(userIds: readonly string[]): Promise<void>
  /** One change of access at a time: what was read of a person still holds when it is written. */
  alone<R>(work: () => Promise<R>): Promise<R>
}

const id = 'platform-admins'

export function createAdminGuard(system: Collection<SystemDoc>): AdminGuard {
  const read = async (): Promise<{ userIds: string[]; found: Stored<SystemDoc> | null }> => {
    const found = await system.get(partition, id)
    return { userIds: found?.doc.kind === 'admins' ? found.doc.userIds : [], found }
  }
  const write = async (userIds: readonly string[], found: Stored<SystemDoc> | null): Promise<void> => {
    const doc: AdminsDoc = { v: 1, kind: 'admins', userIds: [...new Set(userIds)].sort() }
    await (found ? system.replace(partition, id, doc, found.etag) : system.insert(partition, id, doc))
  }
  const turn = oneAtATime()
  return {
    alone: (work) => turn(id, work),
    release: (userId) =>
      retrying(async () => {
        const { userIds, found } = await read()
        const left = userIds.filter((other) => other !== userId)
        if (left.length === 0)
          throw new AppError(
            'USER_LAST_ADMIN',
            409,
            'This is the last active platform admin. Make somebody else one first, without an end.',
          )
        if (left.length < userIds.length) await write(left, found)
      }),
    hold: (userId) =>
      retrying(async () => {
        const { userIds, found } = await read()
        if (!userIds.includes(userId)) await write([...userIds, userId], found)
      }),
    reconcile: (wanted) =>
      retrying(async () => {
        const { userIds, found } = await read()
        const same = userIds.length === wanted.length && wanted.every((userId) => userIds.includes(userId))
        if (!same) await write(wanted, found)
      }),
  }
}

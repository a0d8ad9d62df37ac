import type { AuditLog } from '@console/audit-chain/log'
import type { AuditDesk } from './audit-desk.ts'
import { type Collections, partition } from './collections.ts'
import type { SessionDoc } from './documents.ts'
import type { Identity } from './identity/identity.ts'
import { removeExpired } from './sweeper.ts'

type Deps = {
  readonly collections: Collections
  readonly identity: Pick<Identity, 'people' | 'invites' | 'sessions'>
  readonly log: Pick<AuditLog, 'closeStaleIntents'>
  readonly desk: Pick<AuditDesk, 'flush'>
  readonly now: () => number
}

/** No request takes this long: an intent without outcome by then was lost with its request. */
const staleIntentMs = 600_000

/** What is done once a minute. */
export function sweepWork({ collections, identity, log, desk, now }: Deps): (() => Promise<void>)[] {
  const iso = () => new Date(now()).toISOString()
  const { users } = collections
  /** What is shown of a session stays, and when somebody was last here goes to the person, before the session goes. */
  const keepTraces = async (session: SessionDoc) => {
    await identity.sessions.keep(session)
    const { userId, lastUsedAt } = session
    const user = await users.get(partition, userId)
    if (user && (user.doc.lastSeenAt ?? '') < lastUsedAt)
      await identity.people.update(userId, (doc) => ({
        ...doc,
        lastSeenAt: (doc.lastSeenAt ?? '') < lastUsedAt ? lastUsedAt : doc.lastSeenAt,
      }))
  }
  return [
    () => desk.flush(),
    () => identity.sessions.sweep(),
    () => removeExpired(collections.sessions, iso(), keepTraces),
    () => removeExpired(collections.pastSessions, iso()),
    () => removeExpired(collections.references, iso()),
    () => removeExpired(collections.throttles, iso()),
    async () => {
      await removeExpired(collections.invites, iso())
      await identity.invites.reload()
    },
    () => identity.people.sweep(iso()),
    async () => void (await log.closeStaleIntents({ olderThanMs: staleIntentMs })),
  ]
}

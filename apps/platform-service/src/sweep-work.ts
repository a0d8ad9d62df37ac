import type { AuditLog, NewRow } from '@console/audit-chain/log'
import type { AuditDesk } from './audit-desk.ts'
import { type Collections, partition } from './collections.ts'
import type { SessionDoc } from './documents.ts'
import type { Identity } from './identity/identity.ts'
import { isLastingAdmin, type Person } from './identity/people-book.ts'
import { enableDue } from './modules/people/people.ts'
import { removeExpired } from './sweeper.ts'

type Deps = {
  readonly collections: Collections
  readonly identity: Pick<Identity, 'people' | 'invites' | 'sessions' | 'admins'>
  readonly log: Pick<AuditLog, 'closeStaleIntents'>
  readonly desk: Pick<AuditDesk, 'flush' | 'append'>
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
  /** In the name of this service; the admin who chose the time stands in the row of the disabling. */
  const recorded = async ({ id, doc }: Person, enable: () => Promise<void>) => {
    const row: NewRow = {
      action: 'users.user.enable',
      actor: { kind: 'service', id: 'platform-service' },
      requestId: 'sweep',
      target: id,
      outcome: 'started',
      risk: 'change',
      details: { until: doc.disabledUntil, reason: doc.disabledReason },
    }
    const { seq: of } = await desk.append(row)
    await enable()
    await desk.append({ ...row, outcome: 'done', of })
  }
  const lastingAdmins = () => [...identity.people.all()].filter(isLastingAdmin).map(({ id }) => id)
  return [
    () => desk.flush(),
    () => enableDue({ ...identity, now }, recorded),
    // Whoever got their first password by a link is one from then on.
    () => identity.admins.alone(() => identity.admins.reconcile(lastingAdmins())),
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

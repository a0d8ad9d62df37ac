import type { Collection, Stored } from '@console/store/port'
import { partition } from '../collections.ts'
import type { PastSessionDoc, SessionDoc } from '../documents.ts'
import { allOf } from './all-of.ts'
import { absoluteEndOf, idleEndOf, isNewest, type SessionRules } from './judge-session.ts'
import { lostRace } from './store-errors.ts'

type Deps = {
  readonly sessions: Collection<SessionDoc>
  readonly pastSessions: Collection<PastSessionDoc>
  readonly now: () => number
  readonly rules: SessionRules
}
export type Ending = { readonly by: string; readonly why: string; readonly exceptSid?: string | undefined }

/** Every value of a session, or of all sessions of a person, that has not been ended. */
export async function valuesOf(sessions: Collection<SessionDoc>, field: 'sid' | 'userId', value: string): Promise<Stored<SessionDoc>[]> {
  const found = await allOf(sessions, [{ f: field, op: 'eq', v: value }])
  return found.filter(({ doc }) => doc.endedAt === null)
}

/** Ends every value that is left, and looks again until none was made meanwhile. Answers how many sessions were live until then. */
export async function endValues(deps: Deps, field: 'sid' | 'userId', value: string, { by, why, exceptSid }: Ending): Promise<number> {
  const { sessions, now, rules } = deps
  const ended = new Set<string>()
  for (;;) {
    const left = (await valuesOf(sessions, field, value)).filter(({ doc }) => doc.sid !== exceptSid)
    if (left.length === 0) return ended.size
    for (const { id, etag, doc } of left) {
      try {
        const over = { ...doc, endedAt: new Date(now()).toISOString(), endedBy: by, endedWhy: why }
        await sessions.replace(partition, id, over, etag)
        if (isNewest(doc, now(), rules)) ended.add(doc.sid)
        await keepPast(deps, over)
      } catch (error) {
        if (!lostRace(error)) throw error
      }
    }
  }
}

/** Who ends what nobody ends: what was left alone, or is too old. */
const byItself = 'platform-service'

/** Keeps what an admin is shown of a session that is over; only its newest value counts. What was over already when somebody ended it says so. */
export async function keepPast({ pastSessions, rules }: Pick<Deps, 'pastSessions' | 'rules'>, doc: SessionDoc): Promise<void> {
  if (doc.supersededAt !== null) return
  const { sid, userId, createdAt, lastUsedAt, amr, address, device, products } = doc
  const [byTime, byHand] = [endByTime(doc, rules), doc.endedAt]
  const over =
    byHand !== null && byHand < byTime.at ? { at: byHand, by: doc.endedBy ?? byItself, why: doc.endedWhy ?? 'not known' } : byTime
  const past: PastSessionDoc = {
    v: 1,
    userId,
    createdAt,
    lastUsedAt,
    amr,
    address,
    device,
    products,
    endedAt: over.at,
    endedBy: over.by,
    endedWhy: over.why,
    expiresAt: new Date(Date.parse(over.at) + rules.keptMs).toISOString(),
  }
  await pastSessions.insert(partition, sid, past).catch((error: unknown) => {
    if (!lostRace(error)) throw error
  })
}

/** Ends what was left alone, so that it is listed among the ended ones; it was worth nothing before. */
export async function endIdle(deps: Deps): Promise<void> {
  const { sessions, now, rules } = deps
  const alone = await allOf(sessions, [
    { f: 'lastUsedAt', op: 'lte', v: new Date(now() - rules.idleMs).toISOString() },
    { f: 'endedAt', op: 'absent' },
  ])
  for (const { doc } of alone) if (doc.supersededAt === null) await endValues(deps, 'sid', doc.sid, endByTime(doc, rules))
}

function endByTime(doc: SessionDoc, rules: SessionRules) {
  const endMs = idleEndOf(doc, rules)
  const why = endMs === absoluteEndOf(doc, rules) ? 'was as old as a session may be' : 'was left alone for too long'
  return { at: new Date(endMs).toISOString(), by: byItself, why }
}

import type { Collection, Stored } from '@console/store/port'
import { partition } from '../collections.ts'
import type { SessionDoc } from '../documents.ts'
import { allOf } from './all-of.ts'
import { isNewest, type SessionRules } from './judge-session.ts'
import { lostRace } from './store-errors.ts'

type Deps = { readonly sessions: Collection<SessionDoc>; readonly now: () => number; readonly rules: SessionRules }
export type Ending = { readonly by: string; readonly why: string; readonly exceptSid?: string | undefined }

/** Every value of a session, or of all sessions of a person, that has not been ended. */
export async function valuesOf(sessions: Collection<SessionDoc>, field: 'sid' | 'userId', value: string): Promise<Stored<SessionDoc>[]> {
  const found = await allOf(sessions, [{ f: field, op: 'eq', v: value }])
  return found.filter(({ doc }) => doc.endedAt === null)
}

/** Ends every value that is left, and looks again until none was made meanwhile. Answers how many sessions were live until then. */
export async function endValues(
  { sessions, now, rules }: Deps,
  field: 'sid' | 'userId',
  value: string,
  { by, why, exceptSid }: Ending,
): Promise<number> {
  const ended = new Set<string>()
  for (;;) {
    const left = (await valuesOf(sessions, field, value)).filter(({ doc }) => doc.sid !== exceptSid)
    if (left.length === 0) return ended.size
    for (const { id, etag, doc } of left) {
      try {
        await sessions.replace(partition, id, { ...doc, endedAt: new Date(now()).toISOString(), endedBy: by, endedWhy: why }, etag)
        if (isNewest(doc, now(), rules)) ended.add(doc.sid)
      } catch (error) {
        if (!lostRace(error)) throw error
      }
    }
  }
}

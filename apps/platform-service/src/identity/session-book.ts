import type { Collection, Stored } from '@console/store/port'
import { partition } from '../collections.ts'
import type { PastSessionDoc, ReferenceDoc, SessionDoc } from '../documents.ts'
import type { Watched } from '../watched-collection.ts'
import type { CookieValues } from './cookies.ts'
import {
  absoluteEndOf,
  type Found,
  idleEndOf,
  isNewest,
  judgeSession,
  type LiveSession,
  type SessionRules,
  sessionRules,
} from './judge-session.ts'
import { hashOf, newSecret } from './secret-value.ts'
import { type Ending, endIdle, endValues, keepPast, valuesOf } from './session-ends.ts'
import { openSessionList, type SessionList } from './session-list.ts'
import { lostRace, retrying } from './store-errors.ts'

export type ProductPath = { readonly productId: string; readonly apiPath: string }
export type Opened = { readonly session: LiveSession; readonly values: CookieValues }
type NewSession = {
  readonly userId: string
  readonly amr: string[]
  readonly address: string
  readonly device: string
  readonly paths: readonly ProductPath[]
  /** A second factor is to be made first. */
  readonly enrol: boolean
}

export type SessionBook = {
  find(value: string, tie: string): Promise<Found>
  reference(value: string): Promise<ReferenceDoc | null>
  /** The session that a reference was made with. */
  behind(reference: ReferenceDoc, tie: string): Promise<Found>
  open(session: NewSession): Promise<Opened>
  /** New values for the same session; null when somebody else was faster. */
  renew(session: LiveSession, change: { factor: boolean; paths: readonly ProductPath[] }): Promise<Opened | null>
  /** A person did something; written at most once a minute. */
  touch(session: LiveSession): Promise<void>
  /** The newest value of a session. */
  current(sid: string): Promise<LiveSession | null>
  list(userId: string): Promise<LiveSession[]>
  end(sid: string, ending: Ending): Promise<void>
  /** How many sessions ended. */
  endAll(userId: string, ending: Ending): Promise<number>
  /** Everybody's. */
  readonly everybodys: SessionList
  /** Ends what was left alone. */
  sweep(): Promise<void>
  /** What is shown of a session stays when its document goes. */
  keep(doc: SessionDoc): Promise<void>
  /** A role changed: new values at the next occasion. */
  markRenew(userId: string): Promise<void>
  /** When it ends if nobody uses it. */
  idleEnd(session: LiveSession): number
  /** When it ends in any case. */
  absoluteEnd(session: LiveSession): number
}
type Deps = {
  readonly sessions: Watched<SessionDoc>
  readonly pastSessions: Watched<PastSessionDoc>
  readonly references: Collection<ReferenceDoc>
  readonly now: () => number
  readonly newId: () => string
  readonly rules?: SessionRules
}

/** Sessions and references. Values are 256 bits and kept as SHA-256 only; nothing rotates by time, so tabs have nothing to race for. */
export async function openSessionBook(deps: Deps): Promise<SessionBook> {
  const { sessions, pastSessions, references, now, newId, rules = sessionRules } = deps
  const iso = (ms = now()) => new Date(ms).toISOString()
  const ends = { sessions, pastSessions, now, rules }
  const newest = (found: readonly Stored<SessionDoc>[]): LiveSession[] =>
    found.filter(({ doc }) => isNewest(doc, now(), rules)).map((one) => ({ ...one, superseded: false }))
  const made = (stored: Stored<SessionDoc>, values: CookieValues): Opened => ({ session: { ...stored, superseded: false }, values })

  return {
    find: async (value, tie) => judgeSession(await sessions.get(partition, hashOf(value)), tie, now(), rules),
    reference: async (value) => (await references.get(partition, hashOf(value)))?.doc ?? null,
    behind: async ({ session }, tie) => judgeSession(await sessions.get(partition, session), tie, now(), rules),
    async open(person) {
      const { id, doc, values } = await draft(
        references,
        newSession(person, { sid: newId(), at: iso(), end: iso(now() + rules.absoluteMs) }),
        person.paths,
      )
      return made(await sessions.insert(partition, id, doc), values)
    },
    async renew(session, { factor, paths }) {
      if (session.superseded) return null
      const change = { lastUsedAt: iso(), renew: false, ...(factor && { factorAt: iso() }) }
      const { id, doc, values } = await draft(references, { ...session.doc, ...change }, paths)
      try {
        const [stored] = await sessions.batch(partition, [
          { op: 'insert', id, doc },
          { op: 'replace', id: session.id, doc: { ...session.doc, renew: false, supersededAt: iso() }, ifMatch: session.etag },
        ])
        return stored ? made(stored, values) : null
      } catch (error) {
        if (lostRace(error)) return null
        throw error
      }
    },
    async touch({ id, etag, doc, superseded }) {
      if (superseded || now() - Date.parse(doc.lastUsedAt) < rules.touchMs) return
      const at = iso()
      await sessions.replace(partition, id, { ...doc, lastUsedAt: at }, etag).catch((error: unknown) => {
        if (!lostRace(error)) throw error
      })
    },
    current: async (sid) => newest(await valuesOf(sessions, 'sid', sid))[0] ?? null,
    list: async (userId) => newest(await valuesOf(sessions, 'userId', userId)),
    end: async (sid, ending) => void (await endValues(ends, 'sid', sid, ending)),
    endAll: (userId, ending) => endValues(ends, 'userId', userId, ending),
    everybodys: await openSessionList(ends),
    sweep: () => endIdle(ends),
    keep: (doc) => keepPast(ends, doc),
    async markRenew(userId) {
      for (const { id } of await valuesOf(sessions, 'userId', userId))
        await retrying(async () => {
          const stored = await sessions.get(partition, id)
          if (stored && stored.doc.supersededAt === null && !stored.doc.renew)
            await sessions.replace(partition, id, { ...stored.doc, renew: true }, stored.etag)
        })
    },
    idleEnd: ({ doc }) => idleEndOf(doc, rules),
    absoluteEnd: ({ doc }) => absoluteEndOf(doc, rules),
  }
}

function newSession(
  { userId, amr, address, device, enrol }: NewSession,
  { sid, at, end }: { sid: string; at: string; end: string },
): Omit<SessionDoc, 'tie' | 'products'> {
  return {
    v: 1,
    sid,
    userId,
    createdAt: at,
    lastUsedAt: at,
    expiresAt: end,
    factorAt: at,
    amr,
    address,
    device,
    renew: false,
    supersededAt: null,
    endedAt: null,
    endedBy: null,
    endedWhy: null,
    ...(enrol && { enrol }),
  }
}

/**
 * New values for a session about to be written, its references written already: one without its session is worth nothing, a session without
 * them would look whole.
 */
async function draft(
  references: Collection<ReferenceDoc>,
  session: Omit<SessionDoc, 'tie' | 'products'>,
  paths: readonly ProductPath[],
): Promise<{ id: string; doc: SessionDoc; values: CookieValues }> {
  const [value, tie] = [newSecret(), newSecret()]
  const id = hashOf(value)
  const made = paths.map(({ productId, apiPath }) => ({ productId, apiPath, value: newSecret() }))
  const { sid, userId, expiresAt } = session
  for (const { productId, value: reference } of made)
    await references.insert(partition, hashOf(reference), { v: 1, session: id, sid, userId, productId, expiresAt })
  return {
    id,
    doc: { ...session, tie: hashOf(tie), products: paths.map(({ productId }) => productId) },
    values: { session: value, tie, references: made.map(({ apiPath, value: reference }) => ({ apiPath, value: reference })) },
  }
}

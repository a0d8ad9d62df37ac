import type { Collection, Stored } from '@console/store/port'
import { partition } from '../collections.ts'
import type { ReferenceDoc, SessionDoc } from '../documents.ts'
import type { CookieValues } from './cookies.ts'
import { hashOf, newSecret, sameHash } from './secret-value.ts'
import { lostRace, retrying } from './store-errors.ts'

/** `id` is the hash of the value; `superseded` is one that was replaced less than ten seconds ago. */
export type LiveSession = Stored<SessionDoc> & { readonly superseded: boolean }
export type Found =
  | { readonly is: 'live'; readonly session: LiveSession }
  /** Replaced too long ago, or sent with a tie that it was not made with: somebody else may have it. */
  | { readonly is: 'superseded' | 'foreign'; readonly doc: SessionDoc }
  | { readonly is: 'none' }
export type ProductPath = { readonly productId: string; readonly apiPath: string }
export type Opened = { readonly session: LiveSession; readonly values: CookieValues }

export type SessionBook = {
  find(value: string, tie: string): Promise<Found>
  reference(value: string): Promise<ReferenceDoc | null>
  /** The session that a reference was made with. */
  behind(reference: ReferenceDoc, tie: string): Promise<Found>
  open(person: { userId: string; amr: string[]; address: string; device: string; paths: readonly ProductPath[] }): Promise<Opened>
  /** New values for the same session; null when somebody else was faster. */
  renew(session: LiveSession, change: { factor: boolean; paths: readonly ProductPath[] }): Promise<Opened | null>
  /** A person did something; written at most once a minute. */
  touch(session: LiveSession): Promise<void>
  /** The newest value of a session. */
  current(sid: string): Promise<LiveSession | null>
  list(userId: string): Promise<LiveSession[]>
  end(sid: string, by: string, why: string): Promise<boolean>
  /** How many sessions ended. */
  endAll(userId: string, by: string, why: string, exceptSid?: string): Promise<number>
  /** A role changed: new values at the next occasion. */
  markRenew(userId: string): Promise<void>
  /** When nobody uses it. */
  idleEnd(session: Stored<SessionDoc>): number
}
export type SessionRules = { readonly idleMs: number; readonly absoluteMs: number; readonly graceMs: number; readonly touchMs: number }
export const sessionRules: SessionRules = { idleMs: 8 * 3_600_000, absoluteMs: 7 * 86_400_000, graceMs: 10_000, touchMs: 60_000 }

type Deps = {
  readonly sessions: Collection<SessionDoc>
  readonly references: Collection<ReferenceDoc>
  readonly now: () => number
  readonly newId: () => string
  readonly onSeen: (userId: string, at: string) => void
  readonly rules?: SessionRules
}

/** Sessions and references. Values are 256 bits and kept as SHA-256 only; nothing rotates by time, so tabs have nothing to race for. */
export function createSessionBook({ sessions, references, now, newId, onSeen, rules = sessionRules }: Deps): SessionBook {
  const iso = (ms = now()) => new Date(ms).toISOString()
  const idleEnd = ({ doc }: Stored<SessionDoc>) => Math.min(Date.parse(doc.lastUsedAt) + rules.idleMs, Date.parse(doc.expiresAt))

  function judge(stored: Stored<SessionDoc> | null, tie: string): Found {
    if (!stored || stored.doc.endedAt !== null || now() >= idleEnd(stored)) return { is: 'none' }
    const { doc } = stored
    if (!sameHash(doc.tie, hashOf(tie))) return { is: 'foreign', doc }
    const superseded = doc.supersededAt !== null
    if (superseded && now() >= Date.parse(doc.supersededAt ?? '') + rules.graceMs) return { is: 'superseded', doc }
    return { is: 'live', session: { ...stored, superseded } }
  }

  /** References first: one without its session is worth nothing, a session without them would look whole. */
  async function refer(id: string, doc: SessionDoc, paths: readonly ProductPath[]): Promise<CookieValues['references']> {
    const made = paths.map(({ productId, apiPath }) => ({ productId, apiPath, value: newSecret() }))
    for (const { productId, value } of made) {
      const { sid, userId, expiresAt } = doc
      await references.insert(partition, hashOf(value), { v: 1, session: id, sid, userId, productId, expiresAt })
    }
    return made.map(({ apiPath, value }) => ({ apiPath, value }))
  }

  async function each(field: 'sid' | 'userId', value: string): Promise<Stored<SessionDoc>[]> {
    const found: Stored<SessionDoc>[] = []
    let after: string | undefined
    do {
      const page = await sessions.find(partition, {
        where: [{ f: field, op: 'eq', v: value }],
        limit: 1_000,
        ...(after !== undefined && { after }),
      })
      found.push(...page.items)
      after = page.cursor
    } while (after !== undefined)
    return found.filter(({ doc }) => doc.endedAt === null)
  }

  /** Changes every value that is left, and looks again until none was made meanwhile. Answers the sessions that were still live. */
  async function endEach(pick: () => Promise<Stored<SessionDoc>[]>, by: string, why: string): Promise<number> {
    const ended = new Set<string>()
    for (;;) {
      const left = await pick()
      if (left.length === 0) return ended.size
      for (const stored of left) {
        try {
          await sessions.replace(partition, stored.id, { ...stored.doc, endedAt: iso(), endedBy: by, endedWhy: why }, stored.etag)
          if (stored.doc.supersededAt === null && now() < idleEnd(stored)) ended.add(stored.doc.sid)
        } catch (error) {
          if (!lostRace(error)) throw error
        }
      }
    }
  }

  return {
    find: async (value, tie) => judge(await sessions.get(partition, hashOf(value)), tie),
    reference: async (value) => (await references.get(partition, hashOf(value)))?.doc ?? null,
    behind: async (reference, tie) => judge(await sessions.get(partition, reference.session), tie),
    async open({ userId, amr, address, device, paths }) {
      const [value, tie] = [newSecret(), newSecret()]
      const at = iso()
      const doc: SessionDoc = {
        v: 1,
        sid: newId(),
        userId,
        tie: hashOf(tie),
        createdAt: at,
        lastUsedAt: at,
        expiresAt: iso(now() + rules.absoluteMs),
        factorAt: at,
        amr,
        address,
        device,
        products: paths.map(({ productId }) => productId),
        renew: false,
        supersededAt: null,
        endedAt: null,
        endedBy: null,
        endedWhy: null,
      }
      const id = hashOf(value)
      const made = await refer(id, doc, paths)
      const stored = await sessions.insert(partition, id, doc)
      onSeen(userId, at)
      return { session: { ...stored, superseded: false }, values: { session: value, tie, references: made } }
    },
    async renew(session, { factor, paths }) {
      if (session.superseded) return null
      const [value, tie] = [newSecret(), newSecret()]
      const id = hashOf(value)
      const doc: SessionDoc = {
        ...session.doc,
        tie: hashOf(tie),
        lastUsedAt: iso(),
        products: paths.map(({ productId }) => productId),
        renew: false,
        ...(factor && { factorAt: iso() }),
      }
      const made = await refer(id, doc, paths)
      try {
        const [stored] = await sessions.batch(partition, [
          { op: 'insert', id, doc },
          { op: 'replace', id: session.id, doc: { ...session.doc, renew: false, supersededAt: iso() }, ifMatch: session.etag },
        ])
        if (!stored) return null
        return { session: { ...stored, superseded: false }, values: { session: value, tie, references: made } }
      } catch (error) {
        if (lostRace(error)) return null
        throw error
      }
    },
    async touch({ id, etag, doc, superseded }) {
      if (superseded || now() - Date.parse(doc.lastUsedAt) < rules.touchMs) return
      const at = iso()
      onSeen(doc.userId, at)
      await sessions.replace(partition, id, { ...doc, lastUsedAt: at }, etag).catch((error: unknown) => {
        if (!lostRace(error)) throw error
      })
    },
    async current(sid) {
      const stored = (await each('sid', sid)).find((one) => one.doc.supersededAt === null && now() < idleEnd(one))
      return stored ? { ...stored, superseded: false } : null
    },
    list: async (userId) =>
      (await each('userId', userId))
        .filter((one) => one.doc.supersededAt === null && now() < idleEnd(one))
        .map((one) => ({ ...one, superseded: false })),
    end: async (sid, by, why) => (await endEach(() => each('sid', sid), by, why)) > 0,
    endAll: (userId, by, why, exceptSid) =>
      endEach(async () => (await each('userId', userId)).filter(({ doc }) => doc.sid !== exceptSid), by, why),
    async markRenew(userId) {
      for (const { id } of await each('userId', userId))
        await retrying(async () => {
          const stored = await sessions.get(partition, id)
          if (stored && stored.doc.supersededAt === null && !stored.doc.renew)
            await sessions.replace(partition, id, { ...stored.doc, renew: true }, stored.etag)
        })
    },
    idleEnd,
  }
}

import { AppError } from '@console/http-kit/problem'
import type { Stored } from '@console/store/port'
import { type Collections, partition } from '../collections.ts'
import type { InviteDoc } from '../documents.ts'
import { allOf } from './all-of.ts'
import { holdEmail, identifierId, releaseEmail } from './email-claims.ts'
import { hashOf, newSecret } from './secret-value.ts'
import { lostRace, retrying } from './store-errors.ts'

export type InviteState = 'open' | 'accepted' | 'revoked' | 'expired'
type NewInvite = Pick<InviteDoc, 'email' | 'name' | 'memberships' | 'createdBy' | 'hours'> & { readonly inviteId: string }
export type InviteBook = {
  /** From memory, newest first. */
  all(): readonly InviteDoc[]
  find(inviteId: string): InviteDoc | undefined
  /** The open invite of a link's token. @throws AppError INVITE_NOT_FOUND */
  byToken(token: string): Promise<InviteDoc>
  /** The same, where only the hash of its token is known. @throws AppError INVITE_NOT_FOUND */
  byHash(hash: string): Promise<InviteDoc>
  /** The token is answered once and kept as its hash. @throws AppError USER_EXISTS */
  create(invite: NewInvite): Promise<{ invite: InviteDoc; token: string }>
  /** A new token; the old one ends. @throws AppError INVITE_NOT_FOUND */
  renew(inviteId: string, mostHours: number): Promise<{ invite: InviteDoc; token: string }>
  /** @throws AppError INVITE_NOT_FOUND */
  revoke(inviteId: string, by: string): Promise<void>
  /** Keeps what became of the mail. */
  mailed(inviteId: string, outcome: 'sent' | 'failed'): Promise<InviteDoc>
  /** The person is written: the link is used up. */
  accepted(inviteId: string): Promise<void>
  /** Reads again what changed without us, and forgets what was swept. */
  reload(): Promise<void>
}

/** Ended invites stay listed this long. */
const keptMs = 90 * 86_400_000
const prefix = 'bli_'

export const inviteState = ({ state, endsAt }: InviteDoc, nowMs: number): InviteState =>
  state === 'open' && Date.parse(endsAt) <= nowMs ? 'expired' : state

type Deps = { readonly collections: Pick<Collections, 'invites' | 'identifiers'>; readonly now: () => number }

/** Invites by link. An open one holds its e-mail, so that there are never two for one person. */
export async function openInviteBook({ collections, now }: Deps): Promise<InviteBook> {
  const { invites: tokens, identifiers } = collections
  const invites = new Map<string, Stored<InviteDoc>>()
  const show = (stored: Stored<InviteDoc>): InviteDoc => {
    invites.set(stored.doc.inviteId, stored)
    return stored.doc
  }
  const load = async () => {
    const found = await allOf(tokens, [{ f: 'kind', op: 'eq', v: 'invite' }])
    const ids = new Set(found.map(({ doc }) => doc.inviteId))
    for (const stored of found) show(await settled(collections, stored))
    for (const inviteId of invites.keys()) if (!ids.has(inviteId)) invites.delete(inviteId)
  }
  await load()

  const fresh = async (inviteId: string): Promise<Stored<InviteDoc>> => {
    const known = invites.get(inviteId)
    const stored = known && (await tokens.get(partition, known.id))
    if (!stored) throw notFound()
    return stored
  }
  const change = (inviteId: string, decide: (doc: InviteDoc) => InviteDoc) =>
    retrying(async () => {
      const stored = await fresh(inviteId)
      return show(await tokens.replace(partition, stored.id, decide(stored.doc), stored.etag))
    })
  const setState = (inviteId: string, state: 'accepted' | 'revoked', by?: string) =>
    change(inviteId, (doc) => {
      if (doc.state !== 'open') throw notFound()
      return { ...doc, state, settledAt: new Date(now()).toISOString(), ...(by !== undefined && { settledBy: by }) }
    })
  const byHash = async (hash: string): Promise<InviteDoc> => {
    const stored = await tokens.get(partition, hash)
    if (stored?.doc.kind !== 'invite' || inviteState(stored.doc, now()) !== 'open') throw notFound()
    return stored.doc
  }
  const until = (hours: number) => {
    const endsMs = now() + hours * 3_600_000
    return { endsAt: new Date(endsMs).toISOString(), expiresAt: new Date(endsMs + keptMs).toISOString() }
  }

  return {
    all: () => [...invites.values()].map(({ doc }) => doc).sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1)),
    find: (inviteId) => invites.get(inviteId)?.doc,
    byToken: (token) => byHash(hashOf(token)),
    byHash,
    async create(invite) {
      const token = newSecret(prefix)
      const doc: InviteDoc = {
        v: 1,
        kind: 'invite',
        ...invite,
        createdAt: new Date(now()).toISOString(),
        ...until(invite.hours),
        state: 'open',
      }
      await holdEmail(identifiers, doc, now())
      return { invite: show(await tokens.insert(partition, hashOf(token), doc)), token }
    },
    async renew(inviteId, mostHours) {
      const stored = await fresh(inviteId)
      if (stored.doc.state !== 'open') throw notFound()
      const token = newSecret(prefix)
      const id = hashOf(token)
      const { mail: _mail, ...rest } = stored.doc
      const doc: InviteDoc = { ...rest, ...until(Math.min(stored.doc.hours, mostHours)) }
      try {
        await holdEmail(identifiers, doc, now())
        const [made] = await tokens.batch(partition, [
          { op: 'insert', id, doc },
          { op: 'remove', id: stored.id, ifMatch: stored.etag },
        ])
        if (!made) throw notFound()
        return { invite: show(made), token }
      } catch (error) {
        // Used, revoked or renewed by somebody else meanwhile, or the person came in another way.
        if (lostRace(error) || (error instanceof AppError && error.code === 'USER_EXISTS')) throw notFound()
        throw error
      }
    },
    mailed: (inviteId, outcome) => change(inviteId, (doc) => ({ ...doc, mail: { outcome, at: new Date(now()).toISOString() } })),
    async revoke(inviteId, by) {
      // The e-mail first: whoever is accepting at this moment needs it, so only one of the two goes on.
      const { doc } = await fresh(inviteId)
      if (doc.state !== 'open' || !(await releaseEmail(identifiers, doc.email, inviteId))) throw notFound()
      await setState(inviteId, 'revoked', by)
    },
    accepted: async (inviteId) => void (await setState(inviteId, 'accepted')),
    reload: load,
  }
}

/** An invite whose person was written just before a crash is accepted. */
async function settled(
  { invites: tokens, identifiers }: Pick<Collections, 'invites' | 'identifiers'>,
  stored: Stored<InviteDoc>,
): Promise<Stored<InviteDoc>> {
  const { id, etag, doc } = stored
  if (doc.state !== 'open') return stored
  const holder = await identifiers.get(partition, identifierId(doc.email))
  const done = holder?.doc.inviteId === doc.inviteId && holder.doc.userId !== null && holder.doc.expiresAt === null
  return done ? tokens.replace(partition, id, { ...doc, state: 'accepted' }, etag).catch(() => stored) : stored
}

function notFound(): AppError {
  return new AppError('INVITE_NOT_FOUND', 404, 'This invite is unknown, used, revoked or has ended. Ask for a new one.')
}

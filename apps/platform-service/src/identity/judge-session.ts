import type { Stored } from '@console/store/port'
import type { SessionDoc } from '../documents.ts'
import { hashOf, sameHash } from './secret-value.ts'

/** `id` is the hash of the value; `superseded` is one that was replaced less than ten seconds ago. */
export type LiveSession = Stored<SessionDoc> & { readonly superseded: boolean }
export type Found =
  | { readonly is: 'live'; readonly session: LiveSession }
  /** Replaced too long ago, or sent with a tie that it was not made with: somebody else may have it. */
  | { readonly is: 'superseded' | 'foreign'; readonly doc: SessionDoc }
  | { readonly is: 'none' }
/** Milliseconds: without use, in all, how long a replaced value works on, how often a use is written, and how long an ended one is shown. */
export type SessionRules = Readonly<Record<'idleMs' | 'absoluteMs' | 'graceMs' | 'touchMs' | 'keptMs', number>>
export const sessionRules: SessionRules = {
  idleMs: 8 * 3_600_000,
  absoluteMs: 7 * 86_400_000,
  graceMs: 10_000,
  touchMs: 60_000,
  keptMs: 30 * 86_400_000,
}

/** When a session ends if nobody uses it again, milliseconds since 1970. */
export function idleEndOf(doc: EndsBy, rules: Pick<SessionRules, 'idleMs' | 'absoluteMs'>): number {
  return Math.min(Date.parse(doc.lastUsedAt) + rules.idleMs, absoluteEndOf(doc, rules))
}

/** When it ends in any case. A shorter life counts for sessions that are there already, a longer one only for new ones. */
export function absoluteEndOf(
  { createdAt, expiresAt }: Omit<EndsBy, 'lastUsedAt'>,
  { absoluteMs }: Pick<SessionRules, 'absoluteMs'>,
): number {
  return Math.min(Date.parse(createdAt) + absoluteMs, Date.parse(expiresAt))
}
type EndsBy = Pick<SessionDoc, 'createdAt' | 'lastUsedAt' | 'expiresAt'>

/** Whether this is the value that a session goes by now: not replaced, not ended, not left alone too long. */
export function isNewest(doc: SessionDoc, nowMs: number, rules: SessionRules): boolean {
  return doc.supersededAt === null && doc.endedAt === null && nowMs < idleEndOf(doc, rules)
}

/** What a value that was sent with a tie is worth. */
export function judgeSession(stored: Stored<SessionDoc> | null, tie: string, nowMs: number, rules: SessionRules): Found {
  if (!stored || stored.doc.endedAt !== null || nowMs >= idleEndOf(stored.doc, rules)) return { is: 'none' }
  const { doc } = stored
  if (!sameHash(doc.tie, hashOf(tie))) return { is: 'foreign', doc }
  const superseded = doc.supersededAt !== null
  if (superseded && nowMs >= Date.parse(doc.supersededAt ?? '') + rules.graceMs) return { is: 'superseded', doc }
  return { is: 'live', session: { ...stored, superseded } }
}

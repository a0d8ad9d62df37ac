import type { Introspection } from '@console/contracts/internal/actions'
import type { Role } from '@console/contracts/shapes'
import type { Context } from '@console/http-kit/context'
import { AppError } from '@console/http-kit/problem'
import type { PeopleBook } from '../../identity/people-book.ts'
import type { Products } from '../../identity/products.ts'
import type { SessionBook } from '../../identity/session-book.ts'

export type IntrospectDeps = {
  readonly sessions: SessionBook
  readonly people: PeopleBook
  readonly products: Products
  /** An access token for one product; at most five minutes. */
  readonly sign: (
    claims: {
      sub: string
      sid: string
      aud: string
      auth_time: number
      amr: readonly string[]
      role: 'viewer' | 'operator' | 'admin'
      plan: string
    },
    lifetimeSec: number,
  ) => string
  readonly now: () => number
}

const longestSec = 300
const inactive = { active: false } as const

/**
 * Who a reference stands for at the caller's own product: four point reads (reference, session, user, membership). Whatever is wrong with
 * it, the answer is the same. @throws AppError INTROSPECT_FORBIDDEN for a reference of another product, with nothing about it
 */
export async function introspect(
  deps: IntrospectDeps,
  ctx: Context,
  { token, tie, activity }: { token: string; tie: string | null; activity: boolean },
): Promise<Introspection> {
  const { sessions, people, sign, now } = deps
  const productId = await productOf(deps, ctx)
  const reference = await sessions.reference(token)
  if (reference && reference.productId !== productId)
    throw new AppError('INTROSPECT_FORBIDDEN', 403, 'A service may ask about references of its own product only.')
  if (!reference || tie === null) return inactive
  const found = await sessions.behind(reference, tie)
  if (found.is !== 'live') return inactive
  const { session } = found
  const user = await people.read(session.doc.userId)
  const membership = await people.membership(session.doc.userId, productId)
  if (user?.doc.status !== 'active' || !membership) return inactive
  const notAfterMs = membership.expiresAt === null ? null : Date.parse(membership.expiresAt)
  const lifetimeSec = notAfterMs === null ? longestSec : Math.min(longestSec, Math.floor((notAfterMs - now()) / 1_000))
  // No token of no length: a membership that has ended, or does within the second.
  if (lifetimeSec < 1) return inactive
  if (activity) await sessions.touch(session)
  const { role, plan } = membership
  const { sid, amr, factorAt } = session.doc
  const authTime = Math.floor(Date.parse(factorAt) / 1_000)
  return {
    active: true,
    kind: 'session',
    user: { id: user.id, name: user.doc.name },
    sid,
    role,
    plan,
    accessToken: sign({ sub: user.id, sid, aud: productId, auth_time: authTime, amr, role, plan }, lifetimeSec),
    notAfterMs,
  }
}

/** The roles of people at the caller's own product, as they stand now. @throws AppError INTROSPECT_FORBIDDEN */
export async function standingOf(
  deps: Pick<IntrospectDeps, 'people' | 'products' | 'now'>,
  ctx: Context,
  userIds: readonly string[],
): Promise<{ items: { userId: string; role: Role | null }[] }> {
  const productId = await productOf(deps, ctx)
  const roleOf = async (userId: string): Promise<Role | null> => {
    const user = await deps.people.read(userId)
    const membership = user?.doc.status === 'active' ? await deps.people.membership(userId, productId) : null
    if (!membership || (membership.expiresAt !== null && Date.parse(membership.expiresAt) <= deps.now())) return null
    return membership.role
  }
  return { items: await Promise.all(userIds.map(async (userId) => ({ userId, role: await roleOf(userId) }))) }
}

/** The product that the asking service serves. */
async function productOf({ products }: Pick<IntrospectDeps, 'products'>, ctx: Context): Promise<string> {
  const productId = await products.servedBy(ctx.actor.name)
  if (productId === null) throw new AppError('INTROSPECT_FORBIDDEN', 403, 'This service serves no product.')
  return productId
}

import type { Introspection } from '@console/contracts/internal/actions'
import type { Role } from '@console/contracts/shapes'
import type { Context } from '@console/http-kit/context'
import { AppError } from '@console/http-kit/problem'
import { type ApiTokenBook, apiTokenPrefix } from '../../identity/api-token-book.ts'
import { liveMember, type PeopleBook } from '../../identity/people-book.ts'
import type { Products } from '../../identity/products.ts'
import { mayOnlyEnrol, mustEnrol } from '../../identity/second-factor-rule.ts'
import type { SessionBook } from '../../identity/session-book.ts'
import type { SignInSettingsBook } from '../../identity/sign-in-settings.ts'

export type IntrospectDeps = {
  readonly sessions: SessionBook
  readonly apiTokens: ApiTokenBook
  readonly people: PeopleBook
  readonly products: Products
  readonly settings: SignInSettingsBook
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

type Question = { readonly token: string; readonly tie: string | null; readonly activity: boolean; readonly address?: string | undefined }

const longestSec = 300
const inactive = { active: false } as const

/**
 * Who a reference stands for at the caller's own product: four point reads (reference, session, user, membership). Whatever is wrong with
 * it, the answer is the same. @throws AppError INTROSPECT_FORBIDDEN for a reference of another product, with nothing about it
 */
export async function introspect(deps: IntrospectDeps, ctx: Context, { token, tie, activity, address }: Question): Promise<Introspection> {
  const { sessions, people, sign, now } = deps
  const productId = productOf(deps, ctx)
  deps.products.asked(productId, new Date(now()).toISOString())
  if (deps.products.get(productId)?.status === 'retired') return inactive
  if (token.startsWith(apiTokenPrefix)) return introspectApiToken(deps, productId, { token, tie, address: address ?? null })
  const reference = await sessions.reference(token)
  if (reference && reference.productId !== productId)
    throw new AppError('INTROSPECT_FORBIDDEN', 403, 'A service may ask about references of its own product only.')
  if (!reference || tie === null) return inactive
  const found = await sessions.behind(reference, tie)
  if (found.is !== 'live') return inactive
  const { session } = found
  const member = await liveMember(people, { userId: session.doc.userId, productId, nowMs: now() })
  if (!member) return inactive
  const { user, membership } = member
  if (mayOnlyEnrol(session, user)) return inactive
  const { role, plan } = membership
  const notAfterMs = endOf(membership)
  const lifetimeSec = lifetimeUntil(notAfterMs, now())
  if (lifetimeSec < 1) return inactive
  if (activity) await sessions.touch(session)
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

/** Who an API token stands for: its person, with the actions that it lists. It confirms nothing, so its access token is marked. */
async function introspectApiToken(
  deps: IntrospectDeps,
  productId: string,
  { token, tie, address }: { token: string; tie: string | null; address: string | null },
): Promise<Introspection> {
  const { apiTokens, people, sign, now } = deps
  const stored = await apiTokens.find(token)
  if (stored && stored.doc.productId !== productId)
    throw new AppError('INTROSPECT_FORBIDDEN', 403, 'A service may ask about API tokens of its own product only.')
  // A token that comes as a cookie was planted there.
  if (!stored || tie !== null) return inactive
  const { tokenId, userId, name, actions, endsAt, createdAt } = stored.doc
  const member = await liveMember(people, { userId, productId, nowMs: now() })
  if (!member) return inactive
  const { user, membership } = member
  if (await mustEnrol(deps, user)) return inactive
  const { role, plan } = membership
  const notAfterMs = Math.min(Date.parse(endsAt), endOf(membership) ?? Number.POSITIVE_INFINITY)
  const lifetimeSec = lifetimeUntil(notAfterMs, now())
  if (lifetimeSec < 1) return inactive
  await apiTokens.touch(stored, address)
  const authTime = Math.floor(Date.parse(createdAt) / 1_000)
  const claims = { sub: userId, sid: tokenId, aud: productId, auth_time: authTime, amr: ['api'], role, plan }
  return {
    active: true,
    kind: 'api',
    user: { id: userId, name: user.doc.name },
    sid: tokenId,
    role,
    plan,
    tokenName: name,
    actions,
    accessToken: sign(claims, lifetimeSec),
    notAfterMs,
  }
}

/** Milliseconds since 1970; null for a membership without an end. */
function endOf({ expiresAt }: { readonly expiresAt: string | null }): number | null {
  return expiresAt === null ? null : Date.parse(expiresAt)
}

/** Under one second is nothing: no token of no length. */
function lifetimeUntil(notAfterMs: number | null, nowMs: number): number {
  return notAfterMs === null ? longestSec : Math.min(longestSec, Math.floor((notAfterMs - nowMs) / 1_000))
}

/** The roles of people at the caller's own product, as they stand now. @throws AppError INTROSPECT_FORBIDDEN */
export async function standingOf(
  deps: Pick<IntrospectDeps, 'people' | 'products' | 'now'>,
  ctx: Context,
  userIds: readonly string[],
): Promise<{ items: { userId: string; role: Role | null }[] }> {
  const productId = productOf(deps, ctx)
  const isRetired = deps.products.get(productId)?.status === 'retired'
  const roleOf = async (userId: string): Promise<Role | null> =>
    isRetired ? null : ((await liveMember(deps.people, { userId, productId, nowMs: deps.now() }))?.membership.role ?? null)
  return { items: await Promise.all(userIds.map(async (userId) => ({ userId, role: await roleOf(userId) }))) }
}

/** The product that the asking service serves. */
function productOf({ products }: Pick<IntrospectDeps, 'products'>, ctx: Context): string {
  const productId = products.servedBy(ctx.actor.name)
  if (productId === null) throw new AppError('INTROSPECT_FORBIDDEN', 403, 'This service serves no product.')
  return productId
}

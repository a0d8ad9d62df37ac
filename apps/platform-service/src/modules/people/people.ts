import type { User, UserFactors } from '@console/contracts/people/schemas'
import type { Role } from '@console/contracts/shapes'
import type { Context } from '@console/http-kit/context'
import { AppError } from '@console/http-kit/problem'
import type { MembershipDoc, UserDoc } from '../../documents.ts'
import type { AdminGuard } from '../../identity/admin-guard.ts'
import type { ApiTokenBook } from '../../identity/api-token-book.ts'
import { type InviteBook, inviteState } from '../../identity/invite-book.ts'
import { isLastingAdmin, type Person } from '../../identity/people-book.ts'
import { type Products, platformProduct } from '../../identity/products.ts'
import { assertFreshFactor } from '../../identity/proof.ts'
import type { SignedIn } from '../../identity/recognition.ts'
import type { ResetBook } from '../../identity/reset-book.ts'
import type { SecondFactors } from '../../identity/second-factor.ts'
import type { Notify } from '../../mail/notices.ts'
import { type PeopleQuery, pageOfPeople } from './people-list.ts'
import { entriesOf, invitedUser, lastAdminOf, userOf, type ViewDeps } from './user-view.ts'

export type PeopleDeps = ViewDeps & {
  readonly invites: InviteBook
  readonly products: Products
  readonly admins: AdminGuard
  readonly resets: ResetBook
  readonly secondFactors: SecondFactors
  readonly apiTokens: ApiTokenBook
  readonly notify: Notify
  readonly signedIn: (actor: Context['actor']) => SignedIn
}

export async function listUsers(deps: PeopleDeps, query: PeopleQuery) {
  const lastAdmin = lastAdminOf(deps.people)
  const { items, ...page } = pageOfPeople(entriesOf(deps), query, deps.now())
  return { items: await Promise.all(items.map(({ show }) => show(lastAdmin))), ...page }
}

export async function getUser(deps: PeopleDeps, id: string): Promise<User> {
  const invite = deps.invites.find(id)
  if (invite && inviteState(invite, deps.now()) === 'open') return invitedUser(invite)
  return userOf(deps, personOf(deps, id))
}

/** The sessions end with it; a person without any is refused at the next request in any case. */
export async function disableUser(
  deps: PeopleDeps,
  ctx: Context,
  id: string,
  { reason, until = null }: { readonly reason: string; readonly until?: string | null | undefined },
): Promise<User> {
  assertFreshFactor(deps.signedIn(ctx.actor), deps.now())
  if (until !== null && Date.parse(until) <= deps.now()) throw new AppError('INPUT_INVALID', 400, 'body.until: must lie in the future.')
  const person = await keepingAnAdmin(deps, id, true, () =>
    deps.people.update(id, (doc) => ({ ...doc, status: 'disabled', disabledReason: reason, disabledUntil: until })),
  )
  await deps.sessions.endAll(id, { by: ctx.actor.id, why: 'person disabled' })
  await deps.resets.endAll(id)
  return userOf(deps, person)
}

/** The grant is the confirmation. Who is gone is refused at the next request in any case; sessions and tokens are ended so that lists say so. */
export async function removeUser(deps: PeopleDeps, ctx: Context, id: string): Promise<void> {
  await deps.admins.alone(async () => {
    const person = personOf(deps, id)
    const { doc, memberships } = person
    ctx.tell({ name: doc.name, email: doc.email, memberships: memberships.map(shortly) })
    if (isLastingAdmin(person)) await deps.admins.release(id)
    try {
      await deps.people.remove(id)
    } catch (error) {
      if (deps.people.find(id)) await deps.admins.hold(id)
      throw error
    }
  })
  await deps.sessions.endAll(id, { by: ctx.actor.id, why: 'person deleted' })
  for (const { tokenId } of await deps.apiTokens.list(id)) await deps.apiTokens.revoke(tokenId, ctx.actor.id)
}

/** Signing in again is all that comes back: no session of before does. */
export async function enableUser(deps: PeopleDeps, ctx: Context, id: string): Promise<User> {
  assertFreshFactor(deps.signedIn(ctx.actor), deps.now())
  const before = personOf(deps, id)
  ctx.tell({
    before: { status: before.doc.status, disabledReason: before.doc.disabledReason, disabledUntil: before.doc.disabledUntil ?? null },
  })
  if (before.doc.status === 'disabled') await deps.sessions.endAll(id, { by: ctx.actor.id, why: 'person disabled' })
  const person = await keepingAnAdmin(deps, id, false, () => deps.people.update(id, enabled))
  return userOf(deps, person)
}

/**
 * Carries out what was decided when they were disabled, once its time has come; `lets` puts it on record before and after. Whoever was
 * disabled anew meanwhile, or for good, stays so. Sessions of before stay ended.
 */
export async function enableDue(
  deps: Pick<PeopleDeps, 'people' | 'admins' | 'sessions' | 'now'>,
  lets: (person: Person, enable: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const isDue = ({ status, disabledUntil = null }: UserDoc) =>
    status === 'disabled' && disabledUntil !== null && Date.parse(disabledUntil) <= deps.now()
  for (const person of [...deps.people.all()].filter(({ doc }) => isDue(doc)))
    await lets(person, async () => {
      await deps.sessions.endAll(person.id, { by: 'platform-service', why: 'person disabled' })
      await keepingAnAdmin(deps, person.id, false, () => deps.people.update(person.id, (doc) => (isDue(doc) ? enabled(doc) : doc)))
    })
}

function enabled(doc: UserDoc): UserDoc {
  return { ...doc, status: 'active', disabledReason: null, disabledUntil: null }
}

export async function endUserSessions(deps: PeopleDeps, ctx: Context, id: string, reason: string): Promise<{ ended: number }> {
  assertFreshFactor(deps.signedIn(ctx.actor), deps.now())
  personOf(deps, id)
  return { ended: await deps.sessions.endAll(id, { by: ctx.actor.id, why: reason }) }
}

/** Names and times alone: neither seed nor key nor hash. */
export function listUserFactors(deps: PeopleDeps, id: string): UserFactors {
  const { passwordAt, totp, recovery = [], passkeys = [] } = personOf(deps, id).doc
  return {
    passwordSince: passwordAt,
    totpSince: totp?.at ?? null,
    recoveryLeft: recovery.length,
    passkeys: passkeys.map(({ id: passkeyId, name, at, usedAt }) => ({ id: passkeyId, name, createdAt: at, lastUsedAt: usedAt })),
  }
}

/** For whoever lost their second factor: the password is enough again, and whoever has an old session has it no more. */
export async function resetUserFactors(deps: PeopleDeps, ctx: Context, id: string, reason: string): Promise<User> {
  assertFreshFactor(deps.signedIn(ctx.actor), deps.now())
  personOf(deps, id)
  await deps.secondFactors.reset(id)
  await deps.sessions.endAll(id, { by: ctx.actor.id, why: `second factors reset: ${reason}` })
  deps.notify(personOf(deps, id), 'factors reset', ctx)
  return userOf(deps, personOf(deps, id))
}

export async function setMembership(
  deps: PeopleDeps,
  ctx: Context,
  { userId, productId }: { userId: string; productId: string },
  wish: { role: Role; plan?: string | undefined; expiresAt?: string | null | undefined },
): Promise<User> {
  assertFreshFactor(deps.signedIn(ctx.actor), deps.now())
  const before = personOf(deps, userId)
  const old = before.memberships.find((membership) => membership.productId === productId)
  ctx.tell({ productId, before: old ? shortly(old) : null })
  const { plan, expiresAt } = await (old ? checkedWish : newAccess)(deps, productId, { ...wish, plan: wish.plan ?? old?.plan })
  const doc = {
    v: 1,
    userId,
    productId,
    role: wish.role,
    plan,
    expiresAt: wish.expiresAt === undefined ? (old?.expiresAt ?? null) : expiresAt,
  } as const
  const takesAway = productId === platformProduct && (doc.role !== 'admin' || doc.expiresAt !== null)
  const person = await keepingAnAdmin(deps, userId, takesAway, () => deps.people.setMembership(doc))
  if (old?.role !== doc.role) await deps.sessions.markRenew(userId)
  return userOf(deps, person)
}

export async function removeMembership(deps: PeopleDeps, ctx: Context, userId: string, productId: string): Promise<User> {
  assertFreshFactor(deps.signedIn(ctx.actor), deps.now())
  const before = personOf(deps, userId)
  const missing = () => new AppError('MEMBERSHIP_NOT_FOUND', 404, 'The person has no membership in this product.')
  const old = before.memberships.find((membership) => membership.productId === productId)
  ctx.tell({ productId, before: old ? shortly(old) : null })
  if (!old) throw missing()
  const person = await keepingAnAdmin(deps, userId, productId === platformProduct, async () => {
    if (!(await deps.people.removeMembership(userId, productId))) throw missing()
    return personOf(deps, userId)
  })
  await deps.sessions.markRenew(userId)
  return userOf(deps, person)
}

/** Access that somebody did not have before: of a retired product they keep what they have, and nobody gets any. @throws AppError PRODUCT_RETIRED too */
export async function newAccess(
  deps: Pick<PeopleDeps, 'products' | 'now'>,
  productId: string,
  wish: Parameters<typeof checkedWish>[2],
): ReturnType<typeof checkedWish> {
  if (deps.products.get(productId)?.status === 'retired')
    throw new AppError(
      'PRODUCT_RETIRED',
      409,
      `body.productId: ${productId} is retired, so nobody gets access to it. Choose another product.`,
    )
  return checkedWish(deps, productId, wish)
}

/** A plan of the product, and an end that is yet to come. @throws AppError PRODUCT_NOT_FOUND, INPUT_INVALID */
export async function checkedWish(
  { products, now }: Pick<PeopleDeps, 'products' | 'now'>,
  productId: string,
  { plan, expiresAt = null }: { plan?: string | undefined; expiresAt?: string | null | undefined },
): Promise<{ plan: string; expiresAt: string | null }> {
  const product = products.get(productId)
  if (!product) throw new AppError('PRODUCT_NOT_FOUND', 404, `There is no product ${productId}.`)
  const chosen = plan ?? product.plans[0] ?? 'pro'
  if (!product.plans.includes(chosen))
    throw new AppError('INPUT_INVALID', 400, `body.plan: ${productId} has the plans ${product.plans.join(', ')}.`)
  if (expiresAt !== null && Date.parse(expiresAt) <= now())
    throw new AppError('INPUT_INVALID', 400, 'body.expiresAt: must lie in the future.')
  return { plan: chosen, expiresAt }
}

/** Struck off before a change that takes a lasting admin away and entered after it, so that the list of them never names too many. */
async function keepingAnAdmin(
  deps: Pick<PeopleDeps, 'people' | 'admins'>,
  id: string,
  takesAway: boolean,
  change: () => Promise<Person>,
): Promise<Person> {
  const { admins, people } = deps
  return admins.alone(async () => {
    // Whoever was deleted while this waited gets nothing.
    const before = personOf(deps, id)
    if (takesAway && isLastingAdmin(before)) await admins.release(id)
    try {
      return await change()
    } finally {
      const person = people.find(id)
      if (person && isLastingAdmin(person)) await admins.hold(id)
    }
  })
}

/** As a row of the audit log keeps it. */
function shortly({ productId, role, plan, expiresAt }: MembershipDoc): Omit<MembershipDoc, 'v' | 'userId'> {
  return { productId, role, plan, expiresAt }
}

function personOf({ people }: Pick<PeopleDeps, 'people'>, id: string): Person {
  const person = people.find(id)
  if (!person) throw new AppError('USER_NOT_FOUND', 404, 'There is no such person.')
  return person
}

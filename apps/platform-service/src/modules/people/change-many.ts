import type { NewRow } from '@console/audit-chain/log'
import type { changeUsers as changeAction } from '@console/contracts/people/actions'
import type { BulkDeed, BulkResult } from '@console/contracts/people/schemas'
import type { Context } from '@console/http-kit/context'
import { AppError } from '@console/http-kit/problem'
import type { z } from 'zod'
import type { AuditDesk } from '../../audit-desk.ts'
import { liveMember } from '../../identity/people-book.ts'
import { platformProduct } from '../../identity/products.ts'
import { assertFreshFactor } from '../../identity/proof.ts'
import { checkedWish, disableUser, enableUser, endUserSessions, type PeopleDeps, removeMembership, setMembership } from './people.ts'

export type BulkDeps = PeopleDeps & {
  readonly append: AuditDesk['append']
  /** Turns a fault of store or log into what the API says. */
  readonly translate: (error: unknown) => unknown
}
type Wish = z.output<NonNullable<(typeof changeAction)['body']>>
type One = { readonly action: string; run(userId: string, ctx: Context): Promise<unknown> }

/**
 * One after the other, each by the same function as alone and with rows of its own in the audit log, so that the last admin stays and a
 * person's history is whole. What fails stops nothing else.
 */
export async function changeUsers(
  deps: BulkDeps,
  ctx: Context,
  wish: Wish,
): Promise<{ results: BulkResult[]; done: number; failed: number }> {
  assertFreshFactor(deps.signedIn(ctx.actor), deps.now())
  const one = await deedOf(deps, wish)
  const results: BulkResult[] = []
  for (const userId of new Set(wish.userIds)) results.push(await carryOut(deps, ctx, { one, userId, wish }))
  const done = results.filter(({ outcome }) => outcome === 'done').length
  return { results, done, failed: results.length - done }
}

async function carryOut(
  deps: BulkDeps,
  ctx: Context,
  { one, userId, wish }: { readonly one: One; readonly userId: string; readonly wish: Wish },
): Promise<BulkResult> {
  const { append, translate } = deps
  const { kind, id, name } = ctx.actor
  const { deed, userIds: _, ...asked } = wish
  const row: NewRow = {
    action: one.action,
    actor: { kind, id, name },
    requestId: ctx.requestId,
    target: userId,
    outcome: 'started',
    risk: 'change',
    address: ctx.address,
    details: { bulk: true, deed },
  }
  // What is told of one person belongs to their rows.
  const facts: Record<string, unknown> = { ...row.details }
  const theirs: Context = { ...ctx, tell: (told) => void Object.assign(facts, told) }
  try {
    await assertStillAdmin(deps, ctx)
    const { seq: of } = await append({ ...row, input: asked })
    try {
      await one.run(userId, theirs)
    } catch (error) {
      const failure = translate(error)
      const code = failure instanceof AppError ? failure.code : 'INTERNAL'
      await append({ ...row, details: facts, outcome: 'failed', of, code })
      throw failure
    }
    await append({ ...row, details: facts, outcome: 'done', of })
    return { userId, outcome: 'done', code: null, detail: null }
  } catch (error) {
    const failure = translate(error)
    // A fault of ours is not one person's: it ends the request, and what was done stands in the audit log.
    if (!(failure instanceof AppError)) throw failure
    return { userId, outcome: 'failed', code: failure.code, detail: failure.message }
  }
}

/** Whoever loses the role meanwhile, by another admin or by their own list, goes no further. @throws AppError AUTH_FORBIDDEN */
async function assertStillAdmin({ people, now }: BulkDeps, { actor }: Context): Promise<void> {
  const member = await liveMember(people, { userId: actor.id, productId: platformProduct, nowMs: now() })
  if (member?.membership.role !== 'admin')
    throw new AppError('AUTH_FORBIDDEN', 403, 'You are no platform admin any more, so nothing was done.')
}

/** What is done to each; what is missing for it is told before anything is done. @throws AppError INPUT_INVALID, PRODUCT_NOT_FOUND */
async function deedOf(deps: BulkDeps, wish: Wish): Promise<One> {
  const { deed, reason, productId, role, plan, expiresAt } = wish
  const needs: Record<BulkDeed, readonly (keyof Wish)[]> = {
    disable: ['reason'],
    enable: [],
    endSessions: ['reason'],
    setMembership: ['productId', 'role'],
    removeMembership: ['productId'],
  }
  const takes: readonly (keyof Wish)[] = deed === 'setMembership' ? ['productId', 'role', 'plan', 'expiresAt'] : needs[deed]
  for (const field of needs[deed])
    if (wish[field] === undefined) throw new AppError('INPUT_INVALID', 400, `body.${field}: ${deed} needs it.`)
  for (const field of ['reason', 'productId', 'role', 'plan', 'expiresAt'] as const)
    if (wish[field] !== undefined && !takes.includes(field))
      throw new AppError('INPUT_INVALID', 400, `body.${field}: ${deed} does not take it.`)
  if (productId !== undefined) await checkedWish(deps, productId, { plan, expiresAt })
  const [why, where, as] = [reason ?? '', productId ?? '', role ?? 'viewer']
  const deeds: Record<BulkDeed, One> = {
    disable: { action: 'users.user.disable', run: (id, ctx) => disableUser(deps, ctx, id, why) },
    enable: { action: 'users.user.enable', run: (id, ctx) => enableUser(deps, ctx, id) },
    endSessions: { action: 'users.session.endAll', run: (id, ctx) => endUserSessions(deps, ctx, id, why) },
    setMembership: {
      action: 'memberships.membership.set',
      run: (userId, ctx) => setMembership(deps, ctx, { userId, productId: where }, { role: as, plan, expiresAt }),
    },
    removeMembership: { action: 'memberships.membership.remove', run: (id, ctx) => removeMembership(deps, ctx, id, where) },
  }
  return deeds[deed]
}

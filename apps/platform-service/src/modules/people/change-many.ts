import type { changeUsers as changeAction } from '@console/contracts/people/actions'
import type { BulkDeed, BulkResult } from '@console/contracts/people/schemas'
import type { Context } from '@console/http-kit/context'
import { AppError } from '@console/http-kit/problem'
import type { z } from 'zod'
import { assertFreshFactor } from '../../identity/proof.ts'
import { type OneByOneDeps, oneOfMany } from '../../one-by-one.ts'
import { checkedWish, disableUser, enableUser, endUserSessions, removeMembership, setMembership } from './people.ts'
import { type RequireResetDeps, requireReset } from './require-reset.ts'

export type BulkDeps = RequireResetDeps & OneByOneDeps
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
  const { deed, userIds, ...input } = wish
  for (const userId of new Set(userIds)) {
    const row = { action: one.action, target: userId, input, details: { bulk: true, deed } }
    results.push({ userId, ...(await oneOfMany(deps, ctx, row, (theirs) => one.run(userId, theirs))) })
  }
  const done = results.filter(({ outcome }) => outcome === 'done').length
  return { results, done, failed: results.length - done }
}

/** What is done to each; what is missing for it is told before anything is done. @throws AppError INPUT_INVALID, PRODUCT_NOT_FOUND */
async function deedOf(deps: BulkDeps, wish: Wish): Promise<One> {
  const { deed, reason, until, productId, role, plan, expiresAt } = wish
  const needs: Record<BulkDeed, readonly (keyof Wish)[]> = {
    disable: ['reason'],
    enable: [],
    endSessions: ['reason'],
    requireReset: ['reason'],
    setMembership: ['productId', 'role'],
    removeMembership: ['productId'],
  }
  const takes: Partial<Record<BulkDeed, readonly (keyof Wish)[]>> = {
    disable: ['reason', 'until'],
    setMembership: ['productId', 'role', 'plan', 'expiresAt'],
  }
  const taken = takes[deed] ?? needs[deed]
  for (const field of needs[deed])
    if (wish[field] === undefined) throw new AppError('INPUT_INVALID', 400, `body.${field}: ${deed} needs it.`)
  for (const field of ['reason', 'until', 'productId', 'role', 'plan', 'expiresAt'] as const)
    if (wish[field] !== undefined && !taken.includes(field))
      throw new AppError('INPUT_INVALID', 400, `body.${field}: ${deed} does not take it.`)
  if (productId !== undefined) await checkedWish(deps, productId, { plan, expiresAt })
  const [why, where, as] = [reason ?? '', productId ?? '', role ?? 'viewer']
  const deeds: Record<BulkDeed, One> = {
    disable: { action: 'users.user.disable', run: (id, ctx) => disableUser(deps, ctx, id, { reason: why, until }) },
    enable: { action: 'users.user.enable', run: (id, ctx) => enableUser(deps, ctx, id) },
    endSessions: { action: 'users.session.endAll', run: (id, ctx) => endUserSessions(deps, ctx, id, why) },
    requireReset: { action: 'users.password.require', run: (id, ctx) => requireReset(deps, ctx, id) },
    setMembership: {
      action: 'memberships.membership.set',
      run: (userId, ctx) => setMembership(deps, ctx, { userId, productId: where }, { role: as, plan, expiresAt }),
    },
    removeMembership: { action: 'memberships.membership.remove', run: (id, ctx) => removeMembership(deps, ctx, id, where) },
  }
  return deeds[deed]
}

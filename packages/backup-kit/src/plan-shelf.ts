import type { RestoreChange, RestoreLack, RestorePlan } from '@console/contracts/backups/schemas'
import { AppError } from '@console/http-kit/problem'

export type KeptPlan = {
  readonly plan: RestorePlan
  readonly changes: readonly RestoreChange[]
  readonly lacking: readonly RestoreLack[]
  used: boolean
}
export type Page<T> = { readonly items: T[]; readonly total: number; readonly next: number | null }

export const livesMs = 900_000
const mostPlans = 20
const pageByDefault = 1_000

/** Plans that may be looked at and carried out, by their digests, for as long as they live. @param mostObjects of all together */
export function createPlanShelf(now: () => number, mostObjects = 250_000) {
  const plans = new Map<string, KeptPlan>()
  const sizeOf = ({ changes, lacking }: KeptPlan): number => changes.length + lacking.length
  const get = (digest: string): KeptPlan => {
    const kept = plans.get(digest)
    if (!kept) throw new AppError('PLAN_NOT_FOUND', 409, 'This service knows no such plan. Plan again.')
    return kept
  }
  const living = (digest: string): KeptPlan => {
    const kept = get(digest)
    if (Date.parse(kept.plan.expiresAt) <= now()) throw new AppError('PLAN_EXPIRED', 409, 'The plan is older than 15 minutes. Plan again.')
    return kept
  }
  return {
    living,
    /** One that can still be carried out. */
    fresh(digest: string): KeptPlan {
      if (get(digest).used) throw new AppError('PLAN_USED', 409, 'The plan was carried out already.')
      return living(digest)
    },
    put(digest: string, kept: KeptPlan): void {
      for (const [old, { plan }] of plans) if (Date.parse(plan.expiresAt) + livesMs < now()) plans.delete(old)
      let objects = sizeOf(kept)
      for (const one of plans.values()) objects += sizeOf(one)
      // The oldest go where there are too many, or where they take too much together.
      for (const [old, one] of plans) {
        if (plans.size < mostPlans && objects <= mostObjects) break
        plans.delete(old)
        objects -= sizeOf(one)
      }
      plans.set(digest, kept)
    },
  }
}

export function pageOf<T>(
  all: readonly T[],
  { after = 0, limit = pageByDefault }: { after?: number | undefined; limit?: number | undefined },
): Page<T> {
  const items = all.slice(after, after + limit)
  return { items, total: all.length, next: after + items.length < all.length ? after + items.length : null }
}

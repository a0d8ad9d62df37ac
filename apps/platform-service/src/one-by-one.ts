import type { NewRow } from '@console/audit-chain/log'
import type { Context } from '@console/http-kit/context'
import { AppError } from '@console/http-kit/problem'
import type { AuditDesk } from './audit-desk.ts'
import { liveMember, type PeopleBook } from './identity/people-book.ts'
import { platformProduct } from './identity/products.ts'

export type OneByOneDeps = {
  readonly people: Pick<PeopleBook, 'read' | 'membership'>
  readonly append: AuditDesk['append']
  /** Turns a fault of store or log into what the API says. */
  readonly translate: (error: unknown) => unknown
  readonly now: () => number
}
/** What came of one; `code` and `detail` say why it failed. */
export type Outcome = { readonly outcome: 'done' | 'failed'; readonly code: string | null; readonly detail: string | null }

/** One of many that an admin asked for at once, with rows of its own in the audit log. What fails is answered, so that it stops nothing else. */
export async function oneOfMany(
  deps: OneByOneDeps,
  ctx: Context,
  { input, ...about }: Pick<NewRow, 'action' | 'target' | 'input' | 'details'>,
  work: (ctx: Context) => Promise<unknown>,
): Promise<Outcome> {
  const { append, translate } = deps
  const { kind, id, name } = ctx.actor
  const row: NewRow = {
    ...about,
    actor: { kind, id, name },
    requestId: ctx.requestId,
    outcome: 'started',
    risk: 'change',
    address: ctx.address,
  }
  // What is told of one belongs to its rows.
  const details: Record<string, unknown> = { ...row.details }
  const own: Context = { ...ctx, tell: (told) => void Object.assign(details, told) }
  try {
    await assertStillAdmin(deps, ctx)
    const { seq: of } = await append({ ...row, ...(input && { input }) })
    try {
      await work(own)
    } catch (error) {
      const failure = translate(error)
      const code = failure instanceof AppError ? failure.code : 'INTERNAL'
      await append({ ...row, details, outcome: 'failed', of, code })
      throw failure
    }
    await append({ ...row, details, outcome: 'done', of })
    return { outcome: 'done', code: null, detail: null }
  } catch (error) {
    const failure = translate(error)
    // A fault of ours is not one row's: it ends the request, and what was done stands in the audit log.
    if (!(failure instanceof AppError)) throw failure
    return { outcome: 'failed', code: failure.code, detail: failure.message }
  }
}

/** Whoever loses the role meanwhile, by another admin or by their own list, goes no further. @throws AppError AUTH_FORBIDDEN */
async function assertStillAdmin({ people, now }: OneByOneDeps, { actor }: Context): Promise<void> {
  const member = await liveMember(people, { userId: actor.id, productId: platformProduct, nowMs: now() })
  if (member?.membership.role !== 'admin')
    throw new AppError('AUTH_FORBIDDEN', 403, 'You are no platform admin any more, so nothing was done.')
}

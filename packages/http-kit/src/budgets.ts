import type { Action } from '@console/contracts/action'
import type { FastifyRequest } from 'fastify'
import { actorOf } from './context.ts'
import type { MountOptions } from './mount-options.ts'
import { AppError } from './problem.ts'

/** What a request has taken of its actor's budgets, until it is known whether anything is attempted at all. */
export type Taken = { readonly budget: string; readonly refusal: string | null }
type Deps = Pick<MountOptions, 'counters' | 'limits'>

const minuteMs = 60_000

/**
 * Takes one of the actor's budget for this risk. For what changes something a refusal has a budget of its own: one place of it is
 * held while the request is judged, so that refused attempts come to an end without using up the budget of real ones.
 */
export function takeBudget(request: FastifyRequest, action: Action, { counters, limits }: Deps): void {
  const actor = actorOf(request)
  if (actor.kind === 'service') return
  // Before the sender is known its address alone counts, see `limitAddress`.
  if (action.auth === 'ingest') {
    if (actor.kind !== 'anonymous') limited(counters.take(`ingest ${actor.id}`, limits.ingestPerMinute, minuteMs))
    return
  }
  const who = actor.kind === 'anonymous' ? `address ${request.ip}` : actor.id
  const budget = `${action.risk} ${who}`
  const changes = action.risk === 'change' || action.risk === 'destroy'
  const refusal = changes ? `refused ${budget}` : null
  if (refusal) {
    const waitMs = counters.take(refusal, limits.refusalsPerMinute, minuteMs)
    if (waitMs > 0) countFlood(who)
    limited(waitMs)
  }
  const waitMs = counters.take(budget, limits.perMinute[action.risk], minuteMs)
  if (waitMs > 0 && refusal) counters.giveBack(refusal)
  limited(waitMs)
  request.taken = { budget, refusal }
}

/** The request is none that is refused: what it intends is on record. */
export function attempted(request: FastifyRequest, { counters }: Deps): void {
  if (request.taken?.refusal) counters.giveBack(request.taken.refusal)
  request.taken = null
}

/** The request was refused, or broke off, before anything was intended. */
export function refused(request: FastifyRequest, { counters }: Deps): void {
  if (request.taken?.refusal) counters.giveBack(request.taken.budget)
  request.taken = null
}

/** One actor's refusals are rows up to a limit a minute; beyond it they are counted, and the next row tells how many. */
const flooded = new Map<string, number>()
const mostFlooded = 10_000

export function countFlood(who: string): void {
  flooded.set(who, (flooded.get(who) ?? 0) + 1)
  if (flooded.size > mostFlooded) flooded.clear()
}

/** How many refusals of somebody left no row since the last one that did. */
export function takeFlood(who: string): number {
  const count = flooded.get(who) ?? 0
  flooded.delete(who)
  return count
}

/** @throws AppError RATE_LIMITED when there is something to wait for */
export function limited(waitMs: number): void {
  if (waitMs === 0) return
  const seconds = Math.ceil(waitMs / 1_000)
  throw new AppError('RATE_LIMITED', 429, `Too many requests. Try again in ${seconds} s.`, { headers: { 'retry-after': String(seconds) } })
}

declare module 'fastify' {
  interface FastifyRequest {
    taken?: Taken | null
  }
}

import { createSlidingWindows } from '@console/verbs/sliding-window'
import type { Verb, VerbLimit } from '@console/verbs/verb'
import type { Caller } from './caller.ts'
import { DaemonError } from './problem.ts'

export type DaemonLimits = {
  readonly perMinute: Readonly<Record<Verb['risk'], number>>
  readonly refusalsPerMinute: number
  readonly followsPerActor: number
  readonly follows: number
  /** How long a person's stream goes on before it ends with a cursor to go on from. */
  readonly streamMinutes: number
}
export const defaultDaemonLimits: DaemonLimits = {
  perMinute: { read: 600, change: 30, destroy: 10 },
  refusalsPerMinute: 60,
  followsPerActor: 5,
  follows: 50,
  streamMinutes: 30,
}

const minuteMs = 60_000

/** Counters of actors and objects. @param now monotonic milliseconds */
export type Limiter = {
  /** @throws DaemonError RATE_LIMITED */
  takeActor(verb: Verb, caller: Caller): void
  /** Counts one who asked for what destroys and was refused: apart, so that it uses up nothing of what is confirmed. @throws DaemonError RATE_LIMITED */
  takeUnconfirmed(caller: Caller): void
  /** @returns what takes it back, for an attempt that reached nothing. @throws DaemonError RATE_LIMITED, having counted nothing */
  takeObjects(verb: Verb, caller: Caller, args: Readonly<Record<string, unknown>>): () => void
  /** True while this caller's refusals are still worth a row each. */
  takeRefusal(caller: string): boolean
  /** Counts what happened before this process, from the journal. */
  restore(risk: string, callerId: string, agoMs: number): void
}

export function createLimiter(limits: DaemonLimits, now: () => number): Limiter {
  const { take, giveBack, restore } = createSlidingWindows(now)
  return {
    takeActor(verb, caller) {
      if (caller.kind === 'service') return
      refuseIf(take(`${verb.risk} ${caller.id}`, limits.perMinute[verb.risk], minuteMs), 'Too many requests.')
    },
    takeUnconfirmed(caller) {
      if (caller.kind === 'service') return
      refuseIf(take(`unconfirmed ${caller.id}`, limits.refusalsPerMinute, minuteMs), 'Too many requests without a confirmation.')
    },
    takeObjects(verb, caller, args) {
      const taken: string[] = []
      const giveAllBack = (): void => taken.forEach(giveBack)
      if (caller.kind === 'service') return giveAllBack
      for (const limit of verb.limits) {
        const key = `${verb.id} ${limit.per} ${subjectOf(limit, caller, args)}`
        const waitMs = take(key, limit.max, limit.windowMs)
        // Who has used up one limit must not use up the others for everybody else.
        if (waitMs > 0) giveAllBack()
        refuseIf(waitMs, `${verb.id} may be asked ${limit.max} times in ${limit.windowMs / 1_000} s per ${limit.per}.`)
        taken.push(key)
      }
      return giveAllBack
    },
    takeRefusal: (caller) => take(`refused ${caller}`, limits.refusalsPerMinute, minuteMs) === 0,
    restore: (risk, callerId, agoMs) => restore(`${risk} ${callerId}`, agoMs),
  }
}

function subjectOf({ per }: VerbLimit, caller: Caller, args: Readonly<Record<string, unknown>>): string {
  if (per === 'host') return 'host'
  return per === 'actor' ? caller.id : String(args[per])
}

function refuseIf(waitMs: number, why: string): void {
  if (waitMs === 0) return
  const retryAfterSec = Math.ceil(waitMs / 1_000)
  throw new DaemonError('RATE_LIMITED', 429, `${why} Try again in ${retryAfterSec} s.`, { retryAfterSec })
}

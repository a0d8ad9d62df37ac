import type { Collection } from '@console/store/port'
import { partition } from '../collections.ts'
import type { ThrottleDoc } from '../documents.ts'
import { allOf } from './all-of.ts'
import { networkOf } from './network-of.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { hashOf } from './secret-value.ts'
import { lostRace, retrying, storeAway } from './store-errors.ts'

export type ThrottleKind = ThrottleDoc['kind']
type ThrottleRule = { readonly max: number; readonly windowMs: number }
export type ThrottleRules = { readonly [K in ThrottleKind]: ThrottleRule }
/**
 * Per account, failures in a quarter of an hour; per address, attempts in a minute (through a tunnel everybody shares one); per e-mail, wishes
 * for a link by mail in a quarter of an hour.
 */
const throttleRules: ThrottleRules = {
  account: { max: 10, windowMs: 900_000 },
  address: { max: 30, windowMs: 60_000 },
  reset: { max: 3, windowMs: 900_000 },
}

export type Throttled = { readonly id: string; readonly doc: ThrottleDoc; readonly untilMs: number }
/** `failures` is what counts now, `most` what blocks. */
export type Counted = Throttled & { readonly blocked: boolean; readonly failures: number; readonly most: number }
export type ThrottleBook = {
  /**
   * Counts an attempt before it is made, so that a hundred at once are no more than ten; answers whether it may go on. An attempt that is
   * held back does not count, so a block ends by itself.
   */
  take(kind: ThrottleKind, subject: string): Promise<boolean>
  /** The attempt was a good one: what was counted against the account goes. */
  clear(kind: ThrottleKind, subject: string): Promise<void>
  /** What is blocked now, or has at least half of what blocks; what is blocked first, and of alike ones what lasts longest. */
  list(): Promise<Counted[]>
  /** What was lifted; null where there was nothing. */
  lift(id: string): Promise<ThrottleDoc | null>
  /** Failures against an account within the window. */
  failuresOf(email: string): Promise<number>
}

type Deps = {
  readonly throttles: Collection<ThrottleDoc>
  /** Other numbers than the usual ones. */
  readonly rules?: Partial<ThrottleRules>
  readonly now: () => number
  /** Told once, when a block begins. */
  readonly onBlock?: (throttled: Throttled) => void
}
const mostInMemory = 10_000

/** The id of an account's or address's counter. An e-mail is kept as its hash only. */
export function throttleId(kind: ThrottleKind, subject: string): string {
  return `${kind}-${hashOf(kind === 'address' ? networkOf(subject) : subject)}`
}

/** SlidingWindows of failed sign-ins in the store; in memory as long as the store takes none. */
export function createThrottleBook({ throttles, rules: others, now, onBlock }: Deps): ThrottleBook {
  const rules = { ...throttleRules, ...others }
  const turn = oneAtATime()
  const spare = new Map<string, number[]>()
  const recent = (kind: ThrottleKind, at: readonly number[]) => at.filter((time) => time > now() - rules[kind].windowMs)
  const untilOf = ({ kind, at }: ThrottleDoc) => (at[at.length - rules[kind].max] ?? 0) + rules[kind].windowMs

  async function takeInStore(kind: ThrottleKind, subject: string, id: string): Promise<boolean> {
    const found = await throttles.get(partition, id)
    const at = recent(kind, found?.doc.at ?? [])
    if (at.length >= rules[kind].max) return false
    const doc: ThrottleDoc = {
      v: 1,
      kind,
      subject: kind === 'address' ? networkOf(subject) : '',
      at: [...at, now()],
      expiresAt: new Date(now() + rules[kind].windowMs).toISOString(),
    }
    await (found ? throttles.replace(partition, id, doc, found.etag) : throttles.insert(partition, id, doc))
    if (doc.at.length >= rules[kind].max) onBlock?.({ id, doc, untilMs: untilOf(doc) })
    return true
  }

  function takeInMemory(kind: ThrottleKind, id: string): boolean {
    const at = recent(kind, spare.get(id) ?? [])
    if (at.length >= rules[kind].max) return false
    spare.set(id, [...at, now()])
    const [oldest] = spare.keys()
    if (spare.size > mostInMemory && oldest !== undefined) spare.delete(oldest)
    return true
  }

  return {
    take: (kind, subject) => {
      const id = throttleId(kind, subject)
      return turn(id, async () => {
        try {
          return await retrying(() => takeInStore(kind, subject, id))
        } catch (error) {
          if (!storeAway(error) && !lostRace(error)) throw error
          return takeInMemory(kind, id)
        }
      })
    },
    clear: async (kind, subject) => {
      const id = throttleId(kind, subject)
      spare.delete(id)
      await turn(id, () => removed(throttles, id))
    },
    async list() {
      const found = await allOf(throttles, [{ f: 'expiresAt', op: 'gt', v: new Date(now()).toISOString() }])
      return found
        .map(({ id, doc }) => {
          const { max: most, windowMs } = rules[doc.kind]
          const failures = recent(doc.kind, doc.at).length
          const blocked = failures >= most
          return { id, doc, blocked, failures, most, untilMs: blocked ? untilOf(doc) : (doc.at.at(-1) ?? 0) + windowMs }
        })
        .filter(({ failures, most }) => failures >= most / 2)
        .sort((a, b) => Number(b.blocked) - Number(a.blocked) || b.untilMs - a.untilMs)
    },
    lift: async (id) => {
      spare.delete(id)
      return turn(id, () => removed(throttles, id))
    },
    async failuresOf(email) {
      const found = await throttles.get(partition, throttleId('account', email))
      return found ? recent('account', found.doc.at).length : 0
    },
  }
}

async function removed(throttles: Collection<ThrottleDoc>, id: string): Promise<ThrottleDoc | null> {
  for (;;) {
    const found = await throttles.get(partition, id)
    if (!found) return null
    try {
      await throttles.remove(partition, id, found.etag)
      return found.doc
    } catch (error) {
      if (!lostRace(error)) throw error
    }
  }
}

import { StoreError } from '@console/store/port'

/** The id is taken, or the document changed or went since it was read: somebody else was faster. */
export function lostRace(error: unknown): boolean {
  return error instanceof StoreError && ['Conflict', 'Precondition', 'NotFound'].includes(error.code)
}

/** The store does not take or give anything right now. */
export function storeAway(error: unknown): boolean {
  return error instanceof StoreError && ['Throttled', 'Unavailable', 'OutcomeUnknown'].includes(error.code)
}

const tries = 20

/** Reads and writes again as long as somebody else was faster. @throws what the work throws otherwise */
export async function retrying<R>(work: () => Promise<R>): Promise<R> {
  for (let left = tries; ; left -= 1) {
    try {
      return await work()
    } catch (error) {
      if (left <= 1 || !lostRace(error)) throw error
    }
  }
}

import { createHash } from 'node:crypto'

/** The first answer to a change, kept so that a repeat gets it again. `bodyHash` tells whether it is the same request. */
export type KeptAnswer = {
  readonly bodyHash: string
  readonly status: number
  readonly body: unknown
  readonly headers: Readonly<Record<string, string>>
}
export type IdempotencyStore = { get(key: string): Promise<KeptAnswer | null>; put(key: string, answer: KeptAnswer): Promise<void> }

export const idempotencyKey = /^[A-Za-z0-9_-]{8,100}$/
const memoryMost = 5_000

export function keyOf(actorId: string, actionId: string, key: string): string {
  return createHash('sha256').update(`${actorId}\0${actionId}\0${key}`).digest('base64url')
}

export function hashOf(...parts: unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url')
}

/** Answers that hold a secret shown once stay in memory and never reach a disk. */
export function memoryIdempotency(): IdempotencyStore {
  const kept = new Map<string, KeptAnswer>()
  return {
    async get(key) {
      return kept.get(key) ?? null
    },
    async put(key, answer) {
      kept.set(key, answer)
      const [oldest] = kept.keys()
      if (kept.size > memoryMost && oldest !== undefined) kept.delete(oldest)
    },
  }
}

import { type KeyObject, sign, verify } from 'node:crypto'

/**
 * A signed statement of how far a log reaches: `size` rows, the last of which has the hash `head` (of an empty log: its `genesis`).
 * Held elsewhere it anchors everything up to `size`: after that no edit, cut or new beginning goes unseen, not even one with the log's key.
 */
export type Checkpoint = {
  readonly log: string
  /** drawn once when the log is made; the `prev` of its first row */
  readonly genesis: string
  readonly size: number
  readonly head: string
  /** ISO time */
  readonly at: string
  /** Ed25519 over `checkpoint\0` and five lines: log, genesis, size, head, at; base64url */
  readonly signature: string
}

/** Signs with the log's own Ed25519 key. */
export function signCheckpoint(key: KeyObject, said: Omit<Checkpoint, 'signature'>): Checkpoint {
  const { log, genesis, size, head, at } = said
  return { log, genesis, size, head, at, signature: sign(null, bytesOf(said), key).toString('base64url') }
}

/** Whether the shape is right and the signature is by the holder of this public key. Never throws. */
export function isCheckpointBy(publicKey: KeyObject, value: unknown): value is Checkpoint {
  if (!isCheckpoint(value)) return false
  try {
    return verify(null, bytesOf(value), publicKey, Buffer.from(value.signature, 'base64url'))
  } catch {
    return false
  }
}

/** Whether a value from outside has the shape of a checkpoint; says nothing about its signature. */
export function isCheckpoint(value: unknown): value is Checkpoint {
  if (typeof value !== 'object' || value === null) return false
  const { log, genesis, size, head, at, signature } = value as Record<string, unknown>
  return (
    matches(log, logName) &&
    matches(genesis, hex) &&
    matches(head, hex) &&
    matches(at, isoTime) &&
    matches(signature, /^[A-Za-z0-9_-]{86}$/) &&
    Number.isSafeInteger(size) &&
    (size as number) >= 0
  )
}

/** What a log may be called; also the beginning of its file names. */
export const logName = /^[a-z][a-z0-9-]{0,39}$/

const hex = /^[0-9a-f]{64}$/
const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

function matches(value: unknown, pattern: RegExp): value is string {
  return typeof value === 'string' && pattern.test(value)
}

function bytesOf({ log, genesis, size, head, at }: Omit<Checkpoint, 'signature'>): Buffer {
  return Buffer.from(`checkpoint\0${log}\n${genesis}\n${size}\n${head}\n${at}\n`)
}

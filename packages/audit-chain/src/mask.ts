import { createHmac, type KeyObject } from 'node:crypto'
import { canonicalText } from './canonical-text.ts'

/**
 * Replaces secret values by a keyed fingerprint before they are recorded: who holds the key can test whether two rows, or a row and a
 * suspected value, are about the same secret; nobody can read it back or try guesses without the key.
 * @param key at least 32 bytes, kept apart from the log
 * @returns a function from any value to `hmac-sha256:` and 64 hex digits
 */
export function createMask(key: KeyObject | Buffer): (value: unknown) => string {
  if (Buffer.isBuffer(key) && key.length < 32) throw new TypeError('a key for masks needs 32 bytes')
  return (value) => `hmac-sha256:${createHmac('sha256', key).update('mask\0').update(canonicalText(value)).digest('hex')}`
}

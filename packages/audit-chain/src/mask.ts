import { createHmac, hkdfSync, type KeyObject } from 'node:crypto'
import { canonicalText } from './canonical-text.ts'

/**
 * Replaces secret values by a keyed fingerprint before they are recorded: who holds the key can test whether two rows, or a row and a
 * suspected value, are about the same secret; nobody can read it back or try guesses without the key. Lists and objects keep their
 * shape and the names of their members; of what stands in them only yes, no and nothing are kept.
 * @param key at least 32 bytes, kept apart from the log
 * @returns a function from any value to `hmac-sha256:` and 64 hex digits, or to a list or object of those
 */
export function createMask(key: KeyObject | Buffer): (value: unknown) => unknown {
  if (Buffer.isBuffer(key) && key.length < 32) throw new TypeError('a key for masks needs 32 bytes')
  const mask = (value: unknown): unknown => {
    if (value === null || value === undefined || typeof value === 'boolean') return value
    if (Array.isArray(value)) return value.map(mask)
    if (typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mask(item)]))
    return `hmac-sha256:${createHmac('sha256', key).update('mask\0').update(canonicalText(value)).digest('hex')}`
  }
  return mask
}

/** The key of a part's masks, from the key with which it signs: nothing more to keep, and nothing that a signature tells of it. */
export function maskKeyOf(signingKey: KeyObject): Buffer {
  return Buffer.from(hkdfSync('sha256', signingKey.export({ format: 'der', type: 'pkcs8' }), Buffer.alloc(0), 'audit mask', 32))
}

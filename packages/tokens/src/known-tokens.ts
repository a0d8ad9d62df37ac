import { hash, type KeyObject } from 'node:crypto'
import type { KeySource } from './key-source.ts'

export type Claims = Readonly<Record<string, unknown>>
/** What a token says, and the key that was seen to have signed it. */
export type Opened = { readonly kid: string; readonly key: KeyObject; readonly typ: string; readonly claims: Claims }
export type KnownTokens = {
  /** What exactly this text says, if it was opened before and its key is still the one of that id among these. */
  find(token: string, keys: KeySource): Opened | null
  add(token: string, opened: Opened): void
  readonly size: number
}

/**
 * Remembers which texts a key signed, so that a person's token is not measured anew at each of their requests. It says nothing of audience,
 * kind or time: those are asked each time. Kept by a digest, so that no token stands in memory for longer than its request.
 * @param most how many are kept; the oldest go first
 */
export function createKnownTokens(most = 1_000): KnownTokens {
  const known = new Map<string, Opened>()
  return {
    find(token, keys) {
      const name = hash('sha256', token, 'base64')
      const opened = known.get(name)
      if (!opened) return null
      const key = keys.find(opened.kid)
      if (key === opened.key) return opened
      if (key?.type !== 'public' || !key.equals(opened.key)) return null
      // The same key, read again from its file.
      known.set(name, { ...opened, key })
      return opened
    },
    add(token, opened) {
      for (const value of Object.values(opened.claims)) if (typeof value === 'object') Object.freeze(value)
      Object.freeze(opened.claims)
      known.set(hash('sha256', token, 'base64'), opened)
      const [oldest] = known.keys()
      if (known.size > most && oldest !== undefined) known.delete(oldest)
    },
    get size() {
      return known.size
    },
  }
}

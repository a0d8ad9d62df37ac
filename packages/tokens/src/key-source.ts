import type { KeyObject } from 'node:crypto'

/** Gives the public key of a key id; null for one that is not ours. */
export type KeySource = {
  find(kid: string): KeyObject | null
  /** Who signs with these keys, where whoever published them said so. */
  issuer?(): string | undefined
}

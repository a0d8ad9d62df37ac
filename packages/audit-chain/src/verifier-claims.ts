import { type KeyObject, verify } from 'node:crypto'

// A part of the verifier: nothing of the writer is used here either.

/** What a checkpoint claims; whether its log signed it is to be seen. */
export type Claimed = {
  readonly log: string
  readonly genesis: string
  readonly size: number
  readonly head: string
  readonly at: string
  readonly signature: string
}

export function signed({ log, genesis, size, head, at, signature }: Claimed, publicKey: KeyObject): boolean {
  try {
    return verify(
      null,
      Buffer.from(`checkpoint\0${log}\n${genesis}\n${size}\n${head}\n${at}\n`),
      publicKey,
      Buffer.from(signature, 'base64url'),
    )
  } catch {
    return false
  }
}

import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject, sign, verify } from 'node:crypto'
import { keyId, type Lock } from './backup-keys.ts'
import type { Head } from './envelope.ts'
import { BackupRefused } from './refused.ts'

/** A signature for each part that has an ENCRYPTION_KEY, by its name. */
export type Signatures = Readonly<Record<string, string>>
export type Signer = { readonly part: string; readonly encryptionKey?: string }

/** What is signed: the head, by its digest, and what it all came to. */
export type Statement = { readonly headDigest: Buffer; readonly manifest: string }

/**
 * Whoever has the passphrase can lock any file with it. A signature says that the keys of the console were there: the same keys without which a
 * restored console cannot read what it sealed, so that nothing more has to be kept.
 */
export function signStatement(statement: Statement, signers: readonly Signer[]): Signatures {
  return Object.fromEntries(
    signers.flatMap(({ part, encryptionKey }) =>
      encryptionKey === undefined ? [] : [[part, sign(null, bytesOf(statement), signingKey(encryptionKey)).toString('base64url')]],
    ),
  )
}

/**
 * @returns the parts whose own key signed; that key is among the locks
 * @throws BackupRefused foreign where a signature by a key that is here is missing or wrong, or where there is no key to check any with
 */
export function checkSignatures(statement: Statement, { keys }: Head, signatures: Signatures, locks: readonly Lock[]): string[] {
  const signedBy = Object.entries(keys).flatMap(([part, id]) => {
    const lock = locks.find(({ by, secret }) => by === 'key' && keyId(secret) === id)
    if (!lock) return []
    const signature = Object.hasOwn(signatures, part) ? Buffer.from(signatures[part] ?? '', 'base64url') : Buffer.alloc(0)
    if (!verify(null, bytesOf(statement), createPublicKey(signingKey(lock.secret)), signature))
      throw new BackupRefused(
        'foreign',
        `The backup is not signed with the ENCRYPTION_KEY ${id} of ${part}: it was made or changed elsewhere.`,
      )
    return [part]
  })
  if (signedBy.length === 0)
    throw new BackupRefused('foreign', 'The backup is signed with no ENCRYPTION_KEY that is here: nothing says that this console made it.')
  return signedBy
}

function bytesOf({ headDigest, manifest }: Statement): Buffer {
  return Buffer.concat([Buffer.from('bytelyst backup signature v1\n'), headDigest, Buffer.from(manifest)])
}

/** RFC 8410: what stands before the seed of an Ed25519 key. */
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex')

function signingKey(secret: string): KeyObject {
  const seed = Buffer.from(hkdfSync('sha256', secret, 'bytelyst', 'backup signing v1', 32))
  return createPrivateKey({ key: Buffer.concat([pkcs8, seed]), format: 'der', type: 'pkcs8' })
}

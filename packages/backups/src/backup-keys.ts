import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, scryptSync } from 'node:crypto'
import { BackupRefused } from './refused.ts'

/** What a backup is locked with: the service's own ENCRYPTION_KEY, or a passphrase that people keep. */
export type Lock = { readonly by: 'key' | 'passphrase'; readonly secret: string }
/** A data key as it stands in the head of a backup. `id` tells which ENCRYPTION_KEY is needed, and nothing of it. */
export type WrappedKey = {
  readonly by: Lock['by']
  readonly id: string
  readonly salt: string
  readonly nonce: string
  readonly wrapped: string
}

/** Of a passphrase, in characters: it guards a file that can be tried without end. */
export const leastPassphrase = 16

/** RFC 7914; 32 MiB and about a third of a second. Fixed here: what a file says may not cost more. */
const scryptCost = { N: 32_768, r: 8, p: 3, maxmem: 64 * 1_048_576 }
const place = Buffer.from('bytelyst backup data key v1')

/** Which key it is, for people to find the right one: eight bytes that cannot be led back. */
export function keyId(secret: string): string {
  return Buffer.from(hkdfSync('sha256', secret, 'bytelyst', 'backup key id v1', 8)).toString('hex')
}

export function newDataKey(lock: Lock): { readonly key: Buffer; readonly wrapped: WrappedKey } {
  const [key, salt, nonce] = [randomBytes(32), randomBytes(16), randomBytes(12)]
  const cipher = createCipheriv('aes-256-gcm', wrappingKey(lock, salt), nonce).setAAD(place)
  const wrapped = Buffer.concat([cipher.update(key), cipher.final(), cipher.getAuthTag()])
  const text = (bytes: Buffer): string => bytes.toString('base64url')
  const id = lock.by === 'key' ? keyId(lock.secret) : ''
  return { key, wrapped: { by: lock.by, id, salt: text(salt), nonce: text(nonce), wrapped: text(wrapped) } }
}

/** @throws BackupRefused foreign where none of the locks fits */
export function openDataKey(wrapped: WrappedKey, locks: readonly Lock[]): Buffer {
  const sealed = Buffer.from(wrapped.wrapped, 'base64url')
  for (const lock of locks.filter(({ by, secret }) => by === wrapped.by && (by === 'passphrase' || keyId(secret) === wrapped.id))) {
    try {
      const decipher = createDecipheriv(
        'aes-256-gcm',
        wrappingKey(lock, Buffer.from(wrapped.salt, 'base64url')),
        Buffer.from(wrapped.nonce, 'base64url'),
      )
      decipher.setAAD(place).setAuthTag(sealed.subarray(-16))
      return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()])
    } catch {
      // The next one may fit.
    }
  }
  const needed =
    wrapped.by === 'passphrase' ? 'the BACKUP_PASSPHRASE that it was made with' : `the ENCRYPTION_KEY ${wrapped.id} that it was made with`
  throw new BackupRefused('foreign', `The backup opens with ${needed}, which is not here.`)
}

/** The last key that a passphrase led to: a backup is opened several times in a row, and each time would cost the whole of it. */
let stretched: { readonly from: string; readonly key: Buffer } | null = null

function wrappingKey({ by, secret }: Lock, salt: Buffer): Buffer {
  if (by === 'key') return Buffer.from(hkdfSync('sha256', secret, salt, 'backup wrapping v1', 32))
  const from = `${salt.toString('hex')} ${secret}`
  if (stretched?.from !== from) stretched = { from, key: scryptSync(secret, salt, 32, scryptCost) }
  return stretched.key
}

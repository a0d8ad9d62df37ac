import { createCipheriv, createDecipheriv, createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { type Lock, newDataKey, openDataKey, type WrappedKey } from './backup-keys.ts'
import { BackupRefused } from './refused.ts'

/** Who or what made a backup, when, and of which version of the console. */
export type Made = { readonly at: string; readonly by: string; readonly version: string }
/** What stands before everything that is encrypted; it is authenticated with each piece. */
export type Head = {
  readonly format: 2
  readonly made: Made
  readonly parts: readonly string[]
  /** Which keys the restored parts need to read what they sealed themselves. */
  readonly keys: Readonly<Record<string, string>>
  readonly key: WrappedKey
}

/** The first line of every backup. */
const magic = Buffer.from('BYTELYST-BACKUP-1\n')
const pieceBytes = 1_048_576
const tagBytes = 16
const mostHeadBytes = 65_536

/**
 * The form of a backup's file: magic, length and text of the head, then pieces: length, ciphertext, tag. A piece's nonce is its number and whether
 * it is the last, so that none can be left out, moved or repeated, and an end that is missing is seen (the STREAM construction).
 */
export function createSeal(head: Omit<Head, 'key' | 'format'>, lock: Lock) {
  const { key, wrapped } = newDataKey(lock)
  const text = Buffer.from(JSON.stringify({ format: 2, ...head, key: wrapped } satisfies Head))
  const place = createHash('sha256').update(text).digest()
  const seal = async function* (plain: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    yield Buffer.concat([magic, uint32(text.length), text])
    let rest = Buffer.alloc(0)
    let number = 0
    for await (const bytes of plain) {
      rest = Buffer.concat([rest, bytes])
      // The last piece is never sent from here, since only the end tells which it is.
      while (rest.length > pieceBytes) {
        yield sealPiece(rest.subarray(0, pieceBytes), { key, place, number, last: false })
        rest = rest.subarray(pieceBytes)
        number += 1
      }
    }
    yield sealPiece(rest, { key, place, number, last: true })
  }
  return { seal, headDigest: place }
}

/** @throws BackupRefused for what is no backup, or one of another version */
export async function readHead(file: FileHandle): Promise<{ readonly head: Head; readonly digest: Buffer; readonly end: number }> {
  const start = await readAt(file, 0, magic.length + 4)
  if (start.length < magic.length + 4 || !start.subarray(0, magic.length).equals(magic))
    throw new BackupRefused('foreign', 'This is no backup of the console.')
  const length = start.readUInt32BE(magic.length)
  if (length > mostHeadBytes) throw new BackupRefused('hostile', 'The head of the backup is larger than any can be.')
  const bytes = await readAt(file, start.length, length)
  if (bytes.length < length) throw new BackupRefused('damaged', 'The backup ends within its head.')
  const head = parseHead(bytes)
  if (head.format !== 2) throw new BackupRefused('foreign', 'The backup is of another version of the console.')
  return { head, digest: createHash('sha256').update(bytes).digest(), end: start.length + length }
}

/** What was sealed, piece by piece; none is handed on before it was found whole. @throws BackupRefused */
export async function* openSealed(file: FileHandle, locks: readonly Lock[]): AsyncGenerator<Buffer> {
  const { head, digest: place, end } = await readHead(file)
  const key = openDataKey(head.key, locks)
  const { size } = await file.stat()
  let at = end
  for (let number = 0; at < size; number += 1) {
    const before = await readAt(file, at, 4)
    const length = before.length === 4 ? before.readUInt32BE() : 0
    if (length < tagBytes || length > pieceBytes + tagBytes) throw damaged(number)
    const sealed = await readAt(file, at + 4, length)
    if (sealed.length < length) throw damaged(number)
    at += 4 + length
    // The piece at which the file ends must have been the last one when it was written, and no other may.
    yield openPiece(sealed, { key, place, number, last: at === size })
    if (at === size) return
  }
  throw damaged(0)
}

type Piece = { readonly key: Buffer; readonly place: Buffer; readonly number: number; readonly last: boolean }

function sealPiece(plain: Buffer, { key, place, number, last }: Piece): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonceOf(number, last)).setAAD(place)
  const sealed = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  return Buffer.concat([uint32(sealed.length), sealed])
}

function openPiece(sealed: Buffer, { key, place, number, last }: Piece): Buffer {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(number, last)).setAAD(place).setAuthTag(sealed.subarray(-tagBytes))
    return Buffer.concat([decipher.update(sealed.subarray(0, -tagBytes)), decipher.final()])
  } catch (cause) {
    throw damaged(number, cause)
  }
}

function damaged(number: number, cause?: unknown): BackupRefused {
  return new BackupRefused('damaged', `The backup is damaged or cut off at its piece ${number + 1}.`, { cause })
}

function nonceOf(number: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12)
  nonce.writeBigUInt64BE(BigInt(number))
  nonce.writeUInt32BE(last ? 1 : 0, 8)
  return nonce
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position)
  return buffer.subarray(0, bytesRead)
}

/** Controls, and what turns the direction of writing. */
const unprintable = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u

function parseHead(bytes: Buffer): Head {
  try {
    const head = JSON.parse(bytes.toString('utf8')) as Head
    const { made, parts, keys, key } = head
    const texts = [made.at, made.by, made.version, ...parts, ...Object.values(keys), key.by, key.id, key.salt, key.nonce, key.wrapped]
    // They are shown on terminals.
    const areTexts = texts.every((text) => typeof text === 'string' && text.length <= 1_000 && !unprintable.test(text))
    const areParts = Array.isArray(parts) && parts.every((part, index) => index === 0 || part > (parts[index - 1] ?? ''))
    if (areTexts && areParts && typeof keys === 'object') return head
  } catch (cause) {
    throw new BackupRefused('damaged', 'The head of the backup cannot be read.', { cause })
  }
  throw new BackupRefused('hostile', 'The head of the backup says what none says.')
}

import { checkDoc, checkKeys } from '@console/store/rules'
import { tableOf } from '@console/store/sqlite-tables'
import { isKeptFile, type KeptPart, keptParts, partNamed } from './kept-parts.ts'
import { BackupRefused } from './refused.ts'
import type { Signatures } from './signatures.ts'

export type BackupLine =
  | {
      readonly order: string
      readonly part: KeptPart
      readonly collection: string
      readonly pk: string
      readonly id: string
      readonly text: string
    }
  | { readonly order: string; readonly part: KeptPart; readonly path: string; readonly bytes: Buffer }
/** The last line as it stands there, and who signed it. */
export type Ending = { readonly end: string; readonly signatures: Signatures }

/** One line, judged by itself: a document that the store takes, a piece of a file that is kept, or the last one, which says what it all came to. @throws BackupRefused hostile */
export function readLine(line: Buffer, parts: readonly string[]): BackupLine | Ending {
  const value = parsed(line)
  const [first, second, ...more] = Object.keys(value)
  if (more.length === 0 && first === 'manifest' && second === 'signatures')
    return { end: line.toString('utf8'), signatures: signaturesIn(value.signatures) }
  if (more.length === 0 && first === 'doc' && second === 'is') return documentIn(value.doc, value.is, parts)
  if (more.length === 0 && first === 'file' && second === 'bytes') return fileIn(value.file, value.bytes, parts)
  throw hostile('a line of no known kind')
}

function documentIn(name: unknown, doc: unknown, parts: readonly string[]): BackupLine {
  const [part, collection, pk, id] = texts(name, 4)
  const known = partIn(part, parts)
  if (!keptParts[known].store) throw hostile(`a document of ${known}`)
  if (typeof doc !== 'object' || doc === null || Array.isArray(doc)) throw hostile('a document that is none')
  try {
    checkKeys(pk, id)
    const text = checkDoc(doc, { name: tableOf(collection), fields: {} })
    return { order: ['0', known, collection, pk, id].join('\0'), part: known, collection, pk, id, text }
  } catch (cause) {
    throw new BackupRefused('hostile', `The backup holds a document that no store takes: ${(cause as Error).message}`, { cause })
  }
}

function fileIn(name: unknown, content: unknown, parts: readonly string[]): BackupLine {
  const [part, path] = texts(name, 2)
  const known = partIn(part, parts)
  if (!isKeptFile(known, path)) throw hostile('a file that no backup has')
  const bytes = typeof content === 'string' ? Buffer.from(content, 'base64') : null
  if (bytes === null || bytes.toString('base64') !== content) throw hostile('a file whose bytes cannot be read')
  return { order: ['1', known, path].join('\0'), part: known, path, bytes }
}

function signaturesIn(value: unknown): Signatures {
  if (typeof value !== 'object' || value === null || !Object.values(value).every((one) => typeof one === 'string' && one.length <= 100))
    throw hostile('signatures of no known form')
  return value as Signatures
}

function partIn(name: string, parts: readonly string[]): KeptPart {
  const part = partNamed(name)
  if (!parts.includes(part)) throw hostile(`something of ${part}, which its head does not name`)
  return part
}

function texts<const N extends 2 | 4>(value: unknown, count: N): N extends 2 ? [string, string] : [string, string, string, string] {
  if (!Array.isArray(value) || value.length !== count || !value.every((item) => typeof item === 'string' && item.length <= 400))
    throw hostile('a name of no known form')
  return value as never
}

function parsed(line: Buffer): Record<string, unknown> {
  try {
    const value = JSON.parse(line.toString('utf8')) as unknown
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch (cause) {
    throw new BackupRefused('hostile', 'The backup holds a line that cannot be read.', { cause })
  }
  throw hostile('a line that is no object')
}

function hostile(what: string): BackupRefused {
  return new BackupRefused('hostile', `The backup holds ${what}.`)
}

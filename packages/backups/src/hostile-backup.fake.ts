import { createHash, randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { gzipSync } from 'node:zlib'
import type { Lock } from './backup-keys.ts'
import { createSeal } from './envelope.ts'

/** Backups as somebody makes them who has the key and no good intent: anything, sealed as it should be. */
export function hostileMaker(folder: string, lock: Lock) {
  const made = { at: '2026-01-02T03:04:05.000Z', by: 'a trial', version: '1' }
  const sealBytes = async (
    packed: Iterable<Buffer>,
    parts: readonly string[] = ['platform-service'],
    head: object = {},
  ): Promise<string> => {
    const file = join(folder, `hostile-${randomBytes(4).toString('hex')}.backup`)
    const seal = createSeal({ made, parts, keys: {}, ...head }, lock)
    await pipeline(Readable.from(packed), seal, createWriteStream(file))
    return file
  }
  return {
    sealBytes,
    sealed: (lines: readonly string[], parts?: readonly string[], head?: object) =>
      sealBytes([gzipSync(Buffer.from(lines.map((line) => `${line}\n`).join('')))], parts, head),
  }
}

export const docLine = (id: string, is = '{"a":1}', collection = 'pf_users', part = 'platform-service') =>
  `{"doc":${JSON.stringify([part, collection, 'all', id])},"is":${is}}`
export const fileLine = (path: string, bytes = 'eA==', part = 'platform-service') => JSON.stringify({ file: [part, path], bytes })
export const sha256 = (text: string | Buffer) => createHash('sha256').update(text).digest('hex')

/** What a last line says of documents of `pf_users`. */
export const sectionsOf = (docs: readonly string[]) =>
  docs.length === 0
    ? []
    : [
        {
          part: 'platform-service',
          collection: 'pf_users',
          count: docs.length,
          sha256: sha256(docs.map((line) => `${line}\n`).join('')),
        },
      ]
export const endLine = (docs: readonly string[], files: readonly object[] = []) =>
  JSON.stringify({ manifest: { documents: sectionsOf(docs), files } })

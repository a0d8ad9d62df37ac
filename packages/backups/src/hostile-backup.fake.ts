import { createHash, randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { gzipSync } from 'node:zlib'
import { keyId, type Lock } from './backup-keys.ts'
import { createSeal, type Head } from './envelope.ts'
import { type Signer, signStatement } from './signatures.ts'

type Over = { readonly parts?: readonly string[]; readonly head?: object; readonly signers?: readonly Signer[]; readonly lock?: Lock }

/** Backups as somebody makes them who has the key and no good intent: anything, sealed and signed as it should be. */
export function hostileMaker(folder: string, { secret }: { readonly secret: string }) {
  const made = { at: '2026-01-02T03:04:05.000Z', by: 'a trial', version: '1' }
  const own: Lock = { by: 'key', secret }
  const begun = ({ parts = ['platform-service'], head = {}, lock = own }: Over) =>
    createSeal({ made, parts, keys: { 'platform-service': keyId(secret) }, ...head } as Omit<Head, 'key' | 'format'>, lock)
  const written = async (packed: Iterable<Buffer>, { seal }: ReturnType<typeof createSeal>): Promise<string> => {
    const file = join(folder, `hostile-${randomBytes(4).toString('hex')}.backup`)
    await pipeline(Readable.from(packed), seal, createWriteStream(file))
    return file
  }
  return {
    /** Bytes that were packed already, or were not. */
    sealBytes: (packed: Iterable<Buffer>, over: Over = {}) => written(packed, begun(over)),
    /** Lines, and behind them the end that says what they come to where `manifest` is given. */
    sealed(lines: readonly string[], manifest?: object, over: Over = {}): Promise<string> {
      const sealing = begun(over)
      const signers = over.signers ?? [{ part: 'platform-service', encryptionKey: secret }]
      const signatures = signStatement({ headDigest: sealing.headDigest, manifest: JSON.stringify(manifest ?? null) }, signers)
      const all = manifest === undefined ? lines : [...lines, JSON.stringify({ manifest, signatures })]
      return written([gzipSync(Buffer.from(all.map((line) => `${line}\n`).join('')))], sealing)
    },
  }
}

export const docLine = (id: string, is = '{"a":1}', collection = 'pf_users', part = 'platform-service') =>
  `{"doc":${JSON.stringify([part, collection, 'all', id])},"is":${is}}`
export const fileLine = (path: string, bytes = 'eA==', part = 'platform-service') => JSON.stringify({ file: [part, path], bytes })
export const sha256 = (text: string | Buffer) => createHash('sha256').update(text).digest('hex')

/** What a last line says of documents of `pf_users`. */
const sectionsOf = (docs: readonly string[]) =>
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
export const manifestOf = (docs: readonly string[], files: readonly object[] = [], schema: readonly object[] = []) => ({
  documents: sectionsOf(docs),
  files,
  schema,
})

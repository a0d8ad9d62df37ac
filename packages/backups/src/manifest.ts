import { createHash, type Hash } from 'node:crypto'
import { type ExportBounds, exportPartition } from '@console/store/export-bounds'
import { migrationsPartition } from '@console/store/migrations'

/** How many documents of a collection were kept, and a digest of their lines. */
export type Section = { readonly part: string; readonly collection: string; readonly count: number; readonly sha256: string }
export type ManifestFile = { readonly part: string; readonly path: string; readonly bytes: number; readonly sha256: string }
/** What a backup holds, as its last line says. Two backups of the same state have the same one. */
export type Manifest = {
  readonly documents: readonly Section[]
  readonly files: readonly ManifestFile[]
  /** The migrations that its documents went through. */
  readonly schema: readonly { readonly part: string; readonly done: string }[]
  /** Parts whose documents came from a hosted store, where no moment holds for all of them: between when they were read, and last changed. */
  readonly hosted?: readonly ({ readonly part: string } & ExportBounds)[]
}

export type DocumentName = { readonly part: string; readonly collection: string; readonly pk: string; readonly id: string }
export type Tally = {
  document(name: DocumentName, line: Buffer): void
  piece(part: string, path: string, bytes: Buffer): void
  collections(): number
  files(): number
  manifest(): Manifest
}

/** Counts and digests of what passes by, in the order in which it comes. */
export function createTally(): Tally {
  const documents: { part: string; collection: string; count: number; hash: Hash }[] = []
  const schema: { part: string; done: string }[] = []
  const hosted: ({ part: string } & ExportBounds)[] = []
  const files: { part: string; path: string; bytes: number; hash: Hash }[] = []
  return {
    document({ part, collection, pk, id }, line) {
      if (collection.endsWith('_meta') && pk === migrationsPartition) schema.push({ part, done: id })
      if (collection.endsWith('_meta') && pk === exportPartition) hosted.push({ part, ...boundsOf(line) })
      let last = documents.at(-1)
      if (last?.part !== part || last.collection !== collection) {
        last = { part, collection, count: 0, hash: createHash('sha256') }
        documents.push(last)
      }
      last.count += 1
      last.hash.update(line)
    },
    piece(part, path, bytes) {
      let last = files.at(-1)
      if (last?.part !== part || last.path !== path) {
        last = { part, path, bytes: 0, hash: createHash('sha256') }
        files.push(last)
      }
      last.bytes += bytes.length
      last.hash.update(bytes)
    },
    collections: () => documents.length,
    files: () => files.length,
    manifest: () => ({
      documents: documents.map(({ hash, ...rest }) => ({ ...rest, sha256: hash.copy().digest('hex') })),
      files: files.map(({ hash, ...rest }) => ({ ...rest, sha256: hash.copy().digest('hex') })),
      schema: [...schema],
      ...(hosted.length > 0 && { hosted: [...hosted] }),
    }),
  }
}

/** What is no bound is left out: the line is what it is, and this tells of it. */
function boundsOf(line: Buffer): ExportBounds {
  const { is } = JSON.parse(line.toString()) as { readonly is: Readonly<Record<string, unknown>> }
  const [readFrom = '', readTo = '', oldest, newest] = ['readFrom', 'readTo', 'oldest', 'newest'].map((name) =>
    typeof is[name] === 'string' ? is[name] : undefined,
  )
  return { readFrom, readTo, ...(oldest !== undefined && { oldest }), ...(newest !== undefined && { newest }) }
}

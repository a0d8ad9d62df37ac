import { createWriteStream, existsSync } from 'node:fs'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { type Kept, openSnapshot } from '@console/store/sqlite-snapshot'
import { keyId, type Lock } from './backup-keys.ts'
import { createSeal, type Made } from './envelope.ts'
import { exportedFile, type KeptPart, keptParts, storeFile } from './kept-parts.ts'
import { catchFiles, type PartFolder } from './log-files.ts'
import { createTally, type Manifest, type Tally } from './manifest.ts'
import { readBackup } from './read-backup.ts'
import { type Signatures, signStatement } from './signatures.ts'

/** A part to be kept: its folder, and the ENCRYPTION_KEY that it seals values with, if it does. */
export type Source = PartFolder & {
  readonly encryptionKey?: string
  /** Its documents lie in a hosted store, and were exported for this. */
  readonly exported?: boolean
}
/** How far it is: `done` counts documents, and `of` says how many there are. */
export type Progress = { readonly step: 'writing it' | 'reading it again'; readonly done: number; readonly of: number }
export type Making = {
  readonly sources: readonly Source[]
  readonly to: string
  readonly lock: Lock
  readonly made: Made
  /** Told of each document. */
  readonly onProgress?: (progress: Progress) => void
}
export type Backup = { readonly file: string; readonly bytes: number; readonly manifest: Manifest }

/**
 * Keeps the parts' stores, keys and logs in one encrypted file, while they go on. The file has its name once it was written, synced, read again
 * from the disk and found to hold what was put into it.
 * @throws Error where a part has nothing to keep, or the disk does not take the file; nothing is left then
 */
export async function makeBackup({ sources, to, lock, made, onProgress }: Making): Promise<Backup> {
  const parts = [...sources].sort((a, b) => (a.part < b.part ? -1 : 1))
  for (const source of parts) {
    const { part, folder } = source
    if (!existsSync(folder)) throw new Error(`${part} has no data at ${folder}.`)
    if (!keptParts[part].store || existsSync(documentsIn(source))) continue
    throw new Error(
      source.exported
        ? `The documents of ${part} lie in a hosted store, and were not exported to ${folder}.`
        : `${part} keeps its documents in no file of ${folder}.`,
    )
  }
  await mkdir(dirname(to), { recursive: true, mode: 0o700 })
  const unfinished = `${to}.part`
  const keys = Object.fromEntries(
    parts.flatMap(({ part, encryptionKey }) => (encryptionKey === undefined ? [] : [[part, keyId(encryptionKey)]])),
  )
  const ownKeys = parts.flatMap(({ encryptionKey }) => (encryptionKey === undefined ? [] : [{ by: 'key', secret: encryptionKey } as const]))
  if (ownKeys.length === 0) throw new Error('No part has an ENCRYPTION_KEY that the backup could be signed with.')
  const tally = createTally()
  const progress = progressOf(parts, onProgress)
  try {
    const { seal, headDigest } = createSeal({ made, parts: parts.map(({ part }) => part), keys }, lock)
    const signed = (manifest: Manifest): Signatures => signStatement({ headDigest, manifest: JSON.stringify(manifest) }, parts)
    const out = createWriteStream(unfinished, { mode: 0o600, flags: 'wx' })
    await pipeline(
      Readable.from(linesOf(parts, tally, { signed, onDocument: progress('writing it') })),
      createGzip({ level: 6 }),
      seal,
      out,
    )
    await sync(unfinished)
    const reRead = progress('reading it again')
    const { manifest } = await readBackup({
      file: unfinished,
      locks: [lock, ...ownKeys],
      onLine: (line) => ('bytes' in line ? undefined : reRead()),
    })
    if (JSON.stringify(manifest) !== JSON.stringify(tally.manifest())) throw new Error('The backup does not hold what was put into it.')
    await rename(unfinished, to)
    await sync(dirname(to))
    return { file: to, bytes: (await stat(to)).size, manifest }
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined)
    throw error
  }
}

/** The file that holds the documents of a part. */
export const documentsIn = ({ folder, exported = false }: Source): string => join(folder, exported ? exportedFile : storeFile)

function progressOf(parts: readonly Source[], onProgress: Making['onProgress']): (step: Progress['step']) => () => void {
  if (!onProgress) return () => () => undefined
  let of = 0
  for (const source of parts) {
    if (!keptParts[source.part].store) continue
    const snapshot = openSnapshot(documentsIn(source))
    of += snapshot.count()
    snapshot.close()
  }
  return (step) => {
    let done = 0
    onProgress({ step, done, of })
    return () => onProgress({ step, done: ++done, of })
  }
}

type Telling = { readonly signed: (manifest: Manifest) => Signatures; readonly onDocument: () => void }

/** Documents part by part, then files, then what it all came to; one JSON object a line. */
async function* linesOf(parts: readonly Source[], tally: Tally, { signed, onDocument }: Telling): AsyncGenerator<Buffer> {
  for (const source of parts) {
    const { part } = source
    if (!keptParts[part].store) continue
    const snapshot = openSnapshot(documentsIn(source))
    try {
      yield* gathered(
        documentsOf(part, snapshot.each(), (name, line) => {
          tally.document(name, line)
          onDocument()
        }),
      )
    } finally {
      snapshot.close()
    }
  }
  for (const file of await catchFiles(parts))
    for await (const bytes of file.pieces()) {
      tally.piece(file.part, file.path, bytes)
      yield Buffer.from(`${JSON.stringify({ file: [file.part, file.path], bytes: bytes.toString('base64') })}\n`)
    }
  const manifest = tally.manifest()
  yield Buffer.from(`${JSON.stringify({ manifest, signatures: signed(manifest) })}\n`)
}

function* documentsOf(part: KeptPart, each: Iterable<Kept>, onDocument: Tally['document']) {
  for (const { collection, pk, id, text } of each) {
    const line = Buffer.from(`{"doc":${JSON.stringify([part, collection, pk, id])},"is":${text}}\n`)
    onDocument({ part, collection, pk, id }, line)
    yield line
  }
}

/** Small lines go on together: one at a time, each would cost a turn of the loop. */
function* gathered(lines: Iterable<Buffer>): Generator<Buffer> {
  let held: Buffer[] = []
  let bytes = 0
  for (const line of lines) {
    held.push(line)
    bytes += line.length
    if (bytes < 65_536) continue
    yield Buffer.concat(held)
    held = []
    bytes = 0
  }
  if (bytes > 0) yield Buffer.concat(held)
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

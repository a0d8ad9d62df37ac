import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { Lock } from './backup-keys.ts'
import { type Head, openSealed, readHead } from './envelope.ts'
import { createTally, type Manifest } from './manifest.ts'
import { type BackupLine, type Ending, readLine } from './read-line.ts'
import { BackupRefused } from './refused.ts'
import { checkSignatures } from './signatures.ts'

export type Reading = {
  readonly file: string
  /** What may open it. Those that are keys are the ones that its signatures are checked with, too. */
  readonly locks: readonly Lock[]
  /** Told each document and each piece of a file, once it was judged by itself; whether all of it is whole is known at the end. */
  readonly onLine?: (line: BackupLine) => void | Promise<void>
  /** The most that it may come to once it is unpacked, whatever its size. */
  readonly mostBytes?: number
}

/** `signedBy`: the parts whose own key, which is here, signed it. */
export type WholeBackup = { readonly head: Head; readonly manifest: Manifest; readonly signedBy: readonly string[] }

/** What no backup comes to. Each is far above what a console keeps, and low enough that reading one to its limit harms nobody. */
export const mostOf = {
  bytes: 64 * 2 ** 30,
  /** Texts of a store are packed to a tenth or so. Below the floor, how well something was packed does not matter. */
  bytesForOnePacked: 100,
  floorBytes: 64 * 2 ** 20,
  /** A document of the largest size, with its name. */
  lineBytes: 2_000_000,
  collections: 500,
  files: 10_000,
} as const

/**
 * Reads a backup to its end: authentic piece by piece, each line one that a backup may have, in an order in which nothing can stand twice,
 * and the whole of it what its last line says, which a key of this console signed.
 * @throws BackupRefused with the first thing that is wrong
 */
export async function readBackup({ file, locks, onLine, mostBytes = mostOf.bytes }: Reading): Promise<WholeBackup> {
  const handle = await openPlain(file)
  try {
    const { head, digest } = await readHead(handle)
    const { size } = await handle.stat()
    const most = Math.min(mostBytes, mostOf.floorBytes + size * mostOf.bytesForOnePacked)
    const tally = createTally()
    let ending: Ending | null = null
    let last = ''
    for await (const bytes of unpackedLines(openSealed(handle, locks), most)) {
      if (ending) throw new BackupRefused('hostile', 'The backup goes on behind its end.')
      const line = readLine(bytes, head.parts)
      if ('end' in line) {
        ending = line
        continue
      }
      // Documents come before files, and each by its name: so none can stand twice, and no file can be begun again.
      if (line.order < last || (line.order === last && !('bytes' in line)))
        throw new BackupRefused('hostile', 'The backup holds something twice, or out of order.')
      last = line.order
      if ('bytes' in line) tally.piece(line.part, line.path, line.bytes)
      else tally.document(line, Buffer.concat([bytes, newline]))
      refuseMore('collections', tally.collections())
      refuseMore('files', tally.files())
      await onLine?.(line)
    }
    if (!ending) throw new BackupRefused('damaged', 'The backup does not say what it holds.')
    const manifest = tally.manifest()
    // Compared as text: what it says is never made use of.
    const { end, signatures } = ending as Ending
    if (end !== JSON.stringify({ manifest, signatures })) throw new BackupRefused('damaged', 'The backup does not hold what it says.')
    const signedBy = checkSignatures({ headDigest: digest, manifest: JSON.stringify(manifest) }, head, signatures, locks)
    return { head, manifest, signedBy }
  } finally {
    await handle.close()
  }
}

/** Who made a backup, when, and which keys it needs; believed only once the backup was read. */
export async function headOf(file: string): Promise<Head> {
  const handle = await openPlain(file)
  try {
    return (await readHead(handle)).head
  } finally {
    await handle.close()
  }
}

/** SHA-256 of a file, in hexadecimal. @throws BackupRefused for a link, a pipe or a device in its place */
export async function digestOfFile(file: string): Promise<string> {
  const hash = createHash('sha256')
  const handle = await openPlain(file)
  for await (const piece of handle.createReadStream()) hash.update(piece as Buffer)
  return hash.digest('hex')
}

const newline = Buffer.from('\n')

function refuseMore(what: 'collections' | 'files', count: number): void {
  if (count > mostOf[what]) throw new BackupRefused('hostile', `The backup holds more than ${mostOf[what]} ${what}.`)
}

async function* unpackedLines(sealed: AsyncIterable<Buffer>, mostBytes: number): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: 262_144 })
  let packed = 0
  const source = Readable.from(
    (async function* () {
      // One piece ahead, so that what comes behind is known before its end is unpacked.
      let held: Buffer = Buffer.alloc(0)
      for await (const bytes of sealed) {
        if (packed > 0) yield held
        packed += bytes.length
        held = bytes
      }
      yield held
    })(),
  )
  // A fault of the source is the one to be told, and not that the packing ended early.
  source.once('error', (error) => gunzip.destroy(error))
  // Pieces of a line that has not ended: joined once, when it does.
  let rest: Buffer[] = []
  let seen = 0
  try {
    for await (const piece of source.pipe(gunzip) as AsyncIterable<Buffer>) {
      seen += piece.length
      if (seen > mostBytes) throw new BackupRefused('hostile', `The backup comes to more than ${mostBytes} bytes.`)
      let from = 0
      for (let end = piece.indexOf(0x0a); end >= 0; end = piece.indexOf(0x0a, from)) {
        yield rest.length === 0 ? piece.subarray(from, end) : Buffer.concat([...rest, piece.subarray(from, end)])
        rest = []
        from = end + 1
      }
      if (from < piece.length) rest.push(piece.subarray(from))
      if (rest.reduce((sum, { length }) => sum + length, 0) > mostOf.lineBytes)
        throw new BackupRefused('hostile', 'The backup holds a line that is longer than any can be.')
    }
  } catch (error) {
    if (error instanceof BackupRefused) throw error
    throw new BackupRefused('damaged', 'The backup cannot be unpacked.', { cause: error })
  } finally {
    source.destroy()
  }
  // What is packed can end before what was sealed does: nothing may stand there, and what was not read was not found whole.
  if (gunzip.bytesWritten !== packed) throw new BackupRefused('hostile', 'The backup goes on behind its end.')
  if (rest.length > 0) throw new BackupRefused('damaged', 'The backup ends within a line.')
}

/** A file itself, and no link, pipe or device that stands in its place. @throws BackupRefused foreign */
export async function openPlain(file: string) {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (cause: NodeJS.ErrnoException) => {
      throw new BackupRefused('foreign', `${file} cannot be read as a backup (${cause.code}).`, { cause })
    },
  )
  if ((await handle.stat()).isFile()) return handle
  await handle.close()
  throw new BackupRefused('foreign', `${file} is no file.`)
}

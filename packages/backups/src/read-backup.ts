import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { Lock } from './backup-keys.ts'
import { type Head, openSealed, readHead } from './envelope.ts'
import { createTally, type Manifest } from './manifest.ts'
import { type BackupLine, readLine } from './read-line.ts'
import { BackupRefused } from './refused.ts'

export type Reading = {
  readonly file: string
  readonly locks: readonly Lock[]
  /** Told each document and each piece of a file, once it was judged by itself; whether all of it is whole is known at the end. */
  readonly onLine?: (line: BackupLine) => void | Promise<void>
  /** The most that it may come to once it is unpacked; 64 GiB where it is not given. */
  readonly mostBytes?: number
}

/**
 * Reads a backup to its end: authentic piece by piece, each line one that a backup may have, in an order in which nothing can stand twice,
 * and the whole of it what its last line says.
 * @throws BackupRefused with the first thing that is wrong
 */
export async function readBackup({ file, locks, onLine, mostBytes = 64 * 2 ** 30 }: Reading): Promise<{ head: Head; manifest: Manifest }> {
  const handle = await openPlain(file)
  try {
    const { head } = await readHead(handle)
    const tally = createTally()
    let manifest: Manifest | null = null
    let last = ''
    for await (const bytes of unpackedLines(openSealed(handle, locks), mostBytes)) {
      if (manifest) throw new BackupRefused('hostile', 'The backup goes on behind its end.')
      const line = readLine(bytes, head.parts)
      if ('manifest' in line) {
        manifest = line.manifest
        continue
      }
      // Documents come before files, and each by its name: so none can stand twice, and no file can be begun again.
      if (line.order < last || (line.order === last && !('bytes' in line)))
        throw new BackupRefused('hostile', 'The backup holds something twice, or out of order.')
      last = line.order
      if ('bytes' in line) tally.piece(line.part, line.path, line.bytes)
      else tally.document(line.part, line.collection, Buffer.concat([bytes, newline]))
      await onLine?.(line)
    }
    if (!manifest) throw new BackupRefused('damaged', 'The backup does not say what it holds.')
    if (JSON.stringify(manifest) !== JSON.stringify(tally.manifest()))
      throw new BackupRefused('damaged', 'The backup does not hold what it says.')
    return { head, manifest }
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

const newline = Buffer.from('\n')
/** A document of the largest size, with its name. */
const mostLineBytes = 2_000_000

async function* unpackedLines(sealed: AsyncIterable<Buffer>, mostBytes: number): AsyncGenerator<Buffer> {
  const gunzip = createGunzip()
  const source = Readable.from(sealed)
  // A fault of the source is the one to be told, and not that the packing ended early.
  source.once('error', (error) => gunzip.destroy(error))
  let rest = Buffer.alloc(0)
  let seen = 0
  try {
    for await (const piece of source.pipe(gunzip)) {
      seen += (piece as Buffer).length
      if (seen > mostBytes) throw new BackupRefused('hostile', `The backup comes to more than ${mostBytes} bytes.`)
      const bytes = Buffer.concat([rest, piece as Buffer])
      let from = 0
      for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, from)) {
        yield bytes.subarray(from, end)
        from = end + 1
      }
      rest = bytes.subarray(from)
      if (rest.length > mostLineBytes) throw new BackupRefused('hostile', 'The backup holds a line that is longer than any can be.')
    }
  } catch (error) {
    if (error instanceof BackupRefused) throw error
    throw new BackupRefused('damaged', 'The backup cannot be unpacked.', { cause: error })
  } finally {
    source.destroy()
  }
  if (rest.length > 0) throw new BackupRefused('damaged', 'The backup ends within a line.')
}

/** A file itself, and no link, pipe or device that stands in its place. */
async function openPlain(file: string) {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (cause: NodeJS.ErrnoException) => {
      throw new BackupRefused('foreign', `${file} cannot be read as a backup (${cause.code}).`, { cause })
    },
  )
  if ((await handle.stat()).isFile()) return handle
  await handle.close()
  throw new BackupRefused('foreign', `${file} is no file.`)
}

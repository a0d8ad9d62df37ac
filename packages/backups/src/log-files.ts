import { createReadStream } from 'node:fs'
import { open, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isKeptFile, type KeptPart } from './kept-parts.ts'

/** Files of a part as they were at one moment: small ones whole, segments of a log up to the end of their last row. */
export type CaughtFile = { readonly part: KeptPart; readonly path: string; pieces(): AsyncGenerator<Buffer> }
export type PartFolder = { readonly part: KeptPart; readonly folder: string }

const mostTries = 200
const pieceBytes = 524_288

/**
 * The logs vouch for each other, so that all of them must be caught at one moment: nothing may have been written to any between the first look and
 * the last. They are quiet most of the time; whoever writes without end is told so.
 */
export async function catchFiles(folders: readonly PartFolder[]): Promise<CaughtFile[]> {
  let before = await lookAtAll(folders)
  for (let tries = 0; tries < mostTries; tries += 1) {
    const now = await lookAtAll(folders)
    if (JSON.stringify(now.ends) === JSON.stringify(before.ends)) return now.files
    before = now
  }
  throw new Error('The audit logs did not come to rest for a moment; try again when less happens.')
}

async function lookAtAll(folders: readonly PartFolder[]): Promise<{ files: CaughtFile[]; ends: [string, number, string][] }> {
  const files: CaughtFile[] = []
  const ends: [string, number, string][] = []
  for (const { part, folder } of folders)
    for (const path of await namesIn(part, folder)) {
      const file = join(folder, path)
      if (path.endsWith('.log')) {
        const end = await endOfRows(file)
        files.push({ part, path, pieces: () => piecesOf(file, end) })
        ends.push([file, end, ''])
      } else {
        const bytes = await readFile(file)
        files.push({
          part,
          path,
          pieces: async function* () {
            yield bytes
          },
        })
        ends.push([file, bytes.length, bytes.toString('base64')])
      }
    }
  return { files, ends }
}

async function namesIn(part: KeptPart, folder: string): Promise<string[]> {
  const names = await readdir(folder, { withFileTypes: true })
  const inside = names.some((entry) => entry.isDirectory() && entry.name === 'audit')
    ? await readdir(join(folder, 'audit'), { withFileTypes: true })
    : []
  const paths = [
    ...names.filter((entry) => entry.isFile()).map(({ name }) => name),
    ...inside.filter((entry) => entry.isFile()).map(({ name }) => `audit/${name}`),
  ]
  return paths.filter((path) => isKeptFile(part, path)).sort()
}

/** A segment is written into space that was taken beforehand: behind the last row there is nothing. */
async function endOfRows(path: string): Promise<number> {
  const handle = await open(path, 'r')
  try {
    const { size } = await handle.stat()
    const step = 65_536
    for (let from = Math.max(0, size - step); ; from = Math.max(0, from - step)) {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(step), 0, step, from)
      const at = buffer.subarray(0, bytesRead).lastIndexOf(0x0a)
      if (at >= 0) return from + at + 1
      if (from === 0) return 0
    }
  } finally {
    await handle.close()
  }
}

async function* piecesOf(file: string, end: number): AsyncGenerator<Buffer> {
  if (end === 0) return
  for await (const piece of createReadStream(file, { end: end - 1, highWaterMark: pieceBytes })) yield piece as Buffer
}

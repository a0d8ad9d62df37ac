import { open } from 'node:fs/promises'
import { join } from 'node:path'

/** One file of a log: rows `firstSeq` and on, `size` bytes of which are durable. All but the last are sealed. */
export type Segment = { readonly path: string; readonly firstSeq: number; size: number }

/** `<log>-<first seq, 12 digits>.log`, so that names sort as rows do. */
export function segmentPath(dir: string, log: string, firstSeq: number): string {
  return join(dir, `${log}-${String(firstSeq).padStart(12, '0')}.log`)
}

/** The first seq of a segment file of this log, or undefined when the file is none. */
export function firstSeqOf(log: string, file: string): number | undefined {
  const digits = file.startsWith(`${log}-`) ? /^(\d{12,15})\.log$/.exec(file.slice(log.length + 1))?.[1] : undefined
  return digits === undefined ? undefined : Number(digits)
}

/** The lines of a segment from its beginning, without newlines; only those that end within the first `size` bytes. */
export async function* linesForward({ path, size }: Segment): AsyncGenerator<string> {
  const handle = await open(path, 'r')
  try {
    let rest = Buffer.alloc(0)
    for (let position = 0; position < size; ) {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(chunkBytes), 0, Math.min(chunkBytes, size - position), position)
      if (bytesRead === 0) return
      position += bytesRead
      const chunk = Buffer.concat([rest, buffer.subarray(0, bytesRead)])
      let from = 0
      for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
        yield chunk.toString('utf8', from, end)
        from = end + 1
      }
      rest = chunk.subarray(from)
    }
  } finally {
    await handle.close()
  }
}

/** The same lines, last first. */
export async function* linesBackward({ path, size }: Segment): AsyncGenerator<string> {
  const handle = await open(path, 'r')
  try {
    let rest = Buffer.alloc(0)
    for (let position = size; position > 0; ) {
      const length = Math.min(chunkBytes, position)
      position -= length
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(length), 0, length, position)
      if (bytesRead < length) return
      const chunk = Buffer.concat([buffer, rest])
      let end = chunk.length
      for (let at = chunk.lastIndexOf(newline); at >= 0; at = at === 0 ? -1 : chunk.lastIndexOf(newline, at - 1)) {
        if (at + 1 < end) yield chunk.toString('utf8', at + 1, end)
        end = at
      }
      rest = chunk.subarray(0, end)
    }
    if (rest.length > 0) yield rest.toString('utf8')
  } finally {
    await handle.close()
  }
}

const chunkBytes = 256 * 1024
const newline = 0x0a

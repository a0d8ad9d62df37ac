/**
 * The bytes of a file of frames. Each frame is one byte for its kind, four for the length of what follows, and that:
 *
 * - kind 1, a name: its number (two bytes) and its text, said once a file before it is used;
 * - kind 2, a sample: seconds since 1970 (four bytes), then for each name its number and its columns as 32-bit floats; NaN is no value.
 *
 * All numbers are little endian. A frame that a crash tore is the last one, and is known by its length.
 */
const headBytes = 5
const nameKind = 1
const sampleKind = 2
/** As many names as two bytes can number. */
export const mostNames = 65_535

export function nameFrame(index: number, name: string): Buffer {
  const text = Buffer.from(name, 'utf8')
  const frame = Buffer.allocUnsafe(headBytes + 2 + text.length)
  frame.writeUInt8(nameKind, 0)
  frame.writeUInt32LE(2 + text.length, 1)
  frame.writeUInt16LE(index, headBytes)
  text.copy(frame, headBytes + 2)
  return frame
}

/** @param atMs milliseconds since 1970; whole seconds are kept */
export function sampleFrame(atMs: number, rows: readonly { readonly index: number; readonly values: ArrayLike<number> }[]): Buffer {
  const columns = rows[0]?.values.length ?? 0
  const frame = Buffer.allocUnsafe(headBytes + 4 + rows.length * (2 + columns * 4))
  frame.writeUInt8(sampleKind, 0)
  frame.writeUInt32LE(frame.length - headBytes, 1)
  frame.writeUInt32LE(Math.floor(atMs / 1_000), headBytes)
  let at = headBytes + 4
  for (const { index, values } of rows) {
    frame.writeUInt16LE(index, at)
    at += 2
    for (let column = 0; column < columns; column += 1, at += 4) frame.writeFloatLE(values[column] ?? Number.NaN, at)
  }
  return frame
}

export type FrameReader = {
  readonly name: (index: number, name: string) => void
  /** The rows of a sample lie in `bytes` from `start` to `end`, each `2 + 4 × columns` bytes. */
  readonly sample: (atMs: number, bytes: DataView, start: number, end: number) => void
}

/** Walks over all whole frames. @returns the offset after the last of them: what lies behind is torn */
export function walkFrames(file: Buffer, reader: FrameReader): number {
  const bytes = new DataView(file.buffer, file.byteOffset, file.length)
  let at = 0
  while (at + headBytes <= file.length) {
    const kind = bytes.getUint8(at)
    const start = at + headBytes
    const end = start + bytes.getUint32(at + 1, true)
    if (end > file.length) break
    if (kind === nameKind && end - start > 2) reader.name(bytes.getUint16(start, true), file.toString('utf8', start + 2, end))
    else if (kind === sampleKind && end - start >= 4) reader.sample(bytes.getUint32(start, true) * 1_000, bytes, start + 4, end)
    else break
    at = end
  }
  return at
}

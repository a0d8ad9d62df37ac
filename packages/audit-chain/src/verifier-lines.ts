import { createReadStream } from 'node:fs'

// A part of the verifier: nothing of the writer is used here either.

/** Lines of a file, whatever it holds; one longer than any row is given in pieces, each of which is a bad row. */
export async function* linesOf(path: string): AsyncGenerator<{ line: string; whole: boolean }> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let from = 0
    for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, from)) {
      yield { line: bytes.toString('utf8', from, end), whole: true }
      from = end + 1
    }
    rest = bytes.subarray(from)
    // Zeros at the end are room for rows to come. One stays, so that a row behind them would not pass for a row.
    if (rest.length > 1 && isBlank(rest)) rest = rest.subarray(0, 1)
    else if (rest.length > maxLineBytes) {
      yield { line: rest.toString('utf8'), whole: true }
      rest = Buffer.alloc(0)
    }
  }
  const used = rest.toString('utf8').replace(/\0+$/, '')
  if (used !== '') yield { line: used, whole: false }
}

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0)
}

const maxLineBytes = 64 * 1024

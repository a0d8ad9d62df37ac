import { nonsense } from './engine.ts'

const longest = 65_536

/** JSON documents, one a line, from bytes as they come. @throws DaemonError for a line that is no JSON, or over 64 KiB */
export async function* jsonLines(source: AsyncIterable<Buffer>): AsyncIterable<unknown> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of source) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      if (end > longest) throw tooLong()
      const line = rest.subarray(0, end).toString('utf8').trim()
      rest = rest.subarray(end + 1)
      if (line !== '') yield parse(line)
    }
    if (rest.length > longest) throw tooLong()
  }
}

const tooLong = (): Error => nonsense('an event that is too long')

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch (cause) {
    throw nonsense('an event that is no JSON', cause)
  }
}

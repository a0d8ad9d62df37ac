import { written } from './send-lines.ts'

/** Objects that are written as JSON already, a line each, for however many readers. */
export type WrittenLines = {
  readonly lines: number
  readonly chars: number
  readonly [written]: Buffer
  /** The time of the last one, to go on from. */
  readonly at: string
}

/** @param texts each one JSON object with its line feed */
export function writtenLines(texts: readonly string[], at: string): WrittenLines {
  const bytes = Buffer.from(texts.join(''))
  return { lines: texts.length, chars: bytes.length, [written]: bytes, at }
}

/** One by one again, in the form in which {@link writtenLines} takes them. */
export function textsOf(blocks: readonly WrittenLines[]): string[] {
  return blocks.flatMap((block) => block[written].toString('utf8').split('\n').slice(0, -1)).map((text) => `${text}\n`)
}

/** Up to where a shared source has come with these lines, by its name and a count. */
export type Marked = WrittenLines & { readonly mark: string }
const withMarks = new WeakMap<Marked, WrittenLines>()

/** The same with its mark as one object more behind the lines, made once for all who want it so. */
export function withMark(block: Marked): WrittenLines {
  const known = withMarks.get(block)
  if (known) return known
  const { lines, chars, at } = block
  const made = { lines, chars, at, [written]: Buffer.concat([block[written], Buffer.from(`{"mark":"${block.mark}"}\n`)]) }
  withMarks.set(block, made)
  return made
}

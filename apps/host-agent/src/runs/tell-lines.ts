import type { OutputLine } from './line-writer.ts'
import type { Output } from './read-output.ts'

/** A line, then where to go on reading; when following, how the run ended, after its last line. */
export type Told = OutputLine | { next: number } | { ended: string }

const followMs = 40
/** Whoever has just deployed waits for the first line: it is looked for oftener, for a while. */
const firstMs = 8
const firstForMs = 5_000
const followLines = 1_000

/** The lines of one reader, each once and in order. Readers share nothing but the file, so their number is not bounded here. */
export async function* tellLines(
  output: Output,
  {
    after,
    limit,
    follow,
    endOf,
    signal,
  }: {
    readonly after: number
    readonly limit: number
    readonly follow: boolean
    readonly endOf: () => string | null
    readonly signal: AbortSignal
  },
): AsyncIterable<Told> {
  let last = after
  const eagerUntil = last === 0 ? performance.now() + firstForMs : 0
  for (;;) {
    // Asked before the file is read: what an ended run wrote is all there.
    const ended = endOf()
    const lines = output.after(last, follow ? followLines : limit)
    for (const line of lines) yield line
    last = lines.at(-1)?.seq ?? last
    if (!follow) {
      yield { next: last }
      return
    }
    if (lines.length > 0) continue
    if (ended !== null) {
      yield { ended }
      return
    }
    if (signal.aborted) return
    await new Promise((resolve) => setTimeout(resolve, last === 0 && performance.now() < eagerUntil ? firstMs : followMs))
  }
}

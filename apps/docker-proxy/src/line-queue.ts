import type { LogLine } from './log-lines.ts'

/** Lines that wait for a reader, bounded by number and by size: what is oldest goes first, and is counted. */
export type LineQueue = {
  push(line: LogLine): void
  shift(): LogLine | undefined
  /** How many went unread since this was asked last. */
  takeSkipped(): number
  /** Half full: what one more read of the engine brings still finds room. */
  readonly behind: boolean
  last(count: number): LogLine[]
}

const mostLines = 5_000
const mostChars = 2_097_152

export function createLineQueue(first: readonly LogLine[] = []): LineQueue {
  const lines: LogLine[] = []
  let chars = 0
  let skipped = 0
  const push = (line: LogLine): void => {
    lines.push(line)
    chars += line.text.length
    while (lines.length > mostLines || chars > mostChars) {
      // A tenth at once, so that a full queue does not move all its lines for each new one.
      const dropped = lines.splice(0, Math.ceil(lines.length / 10))
      for (const { text } of dropped) chars -= text.length
      skipped += dropped.length
    }
  }
  for (const line of first) push(line)
  return {
    push,
    shift() {
      const line = lines.shift()
      if (line) chars -= line.text.length
      return line
    },
    takeSkipped() {
      const count = skipped
      skipped = 0
      return count
    },
    get behind() {
      return lines.length >= mostLines / 2 || chars >= mostChars / 2
    },
    last: (count) => lines.slice(-count),
  }
}

import { closeSync, openSync, readSync, statSync } from 'node:fs'
import type { OutputLine } from './line-writer.ts'

export type Summary = { lines: number; bytes: number; cut: boolean; firstErrorLine: number | null; steps: { name: string; at: string }[] }
/** A run's output file, read from where the last look ended. */
export type Output = {
  refresh(): Summary
  /** At most `limit` lines after a sequence number. */
  after(seq: number, limit: number): OutputLine[]
}

const every = 200
const chunkBytes = 262_144
const mostSteps = 200

export function openOutput(path: string): Output {
  const summary: Summary = { lines: 0, bytes: 0, cut: false, firstErrorLine: null, steps: [] }
  const marks: { seq: number; offset: number }[] = [{ seq: 0, offset: 0 }]
  let offset = 0
  const take = (line: OutputLine, end: number): void => {
    summary.lines = line.seq
    summary.bytes += Buffer.byteLength(line.text)
    if (line.stream === 'sys' && line.text.startsWith('The output was cut')) summary.cut = true
    if (summary.firstErrorLine === null && isError(line)) summary.firstErrorLine = line.seq
    const step = /^::step ([^:]{1,100})::\s*$/.exec(line.text)?.[1]
    if (step && line.stream !== 'sys' && summary.steps.length < mostSteps) summary.steps.push({ name: step.trim(), at: line.at })
    if (line.seq % every === 0) marks.push({ seq: line.seq, offset: end })
  }
  const refresh = (): Summary => {
    offset = eachLine(path, offset, take)
    return summary
  }
  return {
    refresh,
    after(seq, limit) {
      // So that the marks are there: a reader at the end must not read the whole file at every look.
      refresh()
      const mark = marks.findLast((one) => one.seq <= seq) ?? { offset: 0 }
      const found: OutputLine[] = []
      eachLine(path, mark.offset, (line) => {
        if (line.seq > seq) found.push(line)
        return found.length < limit
      })
      return found
    },
  }
}

/** The first line that says so in words, on either stream; a plain stderr line is no error by itself. */
function isError({ stream, text }: OutputLine): boolean {
  return stream !== 'sys' && /\b(error|fatal|failed|failure|exception|panic|traceback|cannot|permission denied|not found)\b/i.test(text)
}

/** Whole lines from an offset on; answers where the last whole one ended. `take` may answer false to stop. */
function eachLine(path: string, from: number, take: (line: OutputLine, end: number) => unknown): number {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  if (size <= from) return from
  const fd = openSync(path, 'r')
  let at = from
  let rest = Buffer.alloc(0)
  try {
    for (let position = from; position < size; ) {
      const chunk = Buffer.alloc(Math.min(chunkBytes, size - position))
      const read = readSync(fd, chunk, 0, chunk.length, position)
      if (read === 0) break
      position += read
      rest = Buffer.concat([rest, chunk.subarray(0, read)])
      let start = 0
      for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10, start)) {
        at += end + 1 - start
        const line = parse(rest.subarray(start, end).toString('utf8'))
        start = end + 1
        if (line && take(line, at) === false) return at
      }
      rest = rest.subarray(start)
    }
    return at
  } finally {
    closeSync(fd)
  }
}

/** A line that a crash tore is passed over: it must not hide the others. */
function parse(text: string): OutputLine | null {
  try {
    return JSON.parse(text) as OutputLine
  } catch {
    return null
  }
}

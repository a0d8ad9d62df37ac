import { cleanLogText } from '@console/log-text/clean-log-text'
import type { StatusKind } from './status.tsx'

/**
 * A line of a log. `sys` and `chk` are our own words: only what asked the server may make such a row, never the text of a line.
 * `gap` stands for lines that were skipped.
 */
export type LogRow = {
  readonly key: string | number
  readonly no: number | null
  readonly at: string
  readonly stream: 'out' | 'err' | 'sys' | 'chk' | 'gap'
  readonly text: string
  readonly source?: string | undefined
}
export type StreamFilter = 'both' | 'out' | 'err'

const errorWord = /\b(error|fatal|failed|failure|exception|panic|traceback)\b/i
const warningWord = /\b(warn|warning|deprecated)\b/i
const shown = new WeakMap<LogRow, string>()

/** The text as it may be shown; worked out once a row. */
export function shownText(row: LogRow): string {
  const known = shown.get(row)
  if (known !== undefined) return known
  const text = cleanLogText(row.text)
  shown.set(row, text)
  return text
}

/** What a program's line seems to say of itself; our own rows are judged by whoever made them. */
export function levelOf(row: LogRow): Extract<StatusKind, 'bad' | 'warn'> | null {
  if (row.stream !== 'out' && row.stream !== 'err') return null
  if (errorWord.test(row.text)) return 'bad'
  return row.stream === 'err' || warningWord.test(row.text) ? 'warn' : null
}

export const inFilter = (filter: StreamFilter) => (row: LogRow) =>
  filter === 'both' || row.stream === filter || (row.stream !== 'out' && row.stream !== 'err')

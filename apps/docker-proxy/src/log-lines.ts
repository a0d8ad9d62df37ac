import type { RawLine } from './demultiplex.ts'
import { maskSecrets } from './mask.ts'

export type LogLine = { at: string; stream: 'out' | 'err'; text: string; cut?: true; masked?: number }

const stamp = /^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8})(?:\.([0-9]{1,9}))?(Z|[+-][0-9]{2}:[0-9]{2}) ?/
const decoder = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true })

/** A line as it leaves this daemon: its time from the engine's stamp, its text with secrets covered. */
export function logLine({ stream, bytes, cut }: RawLine): LogLine {
  const whole = decoder.decode(bytes).replace(/\r$/, '')
  const match = stamp.exec(whole)
  const time = match ? Date.parse(`${match[1]}.${(match[2] ?? '0').slice(0, 3).padEnd(3, '0')}${match[3]}`) : 0
  const at = new Date(Number.isNaN(time) ? 0 : time).toISOString()
  const { text, masked } = maskSecrets(match ? whole.slice(match[0].length) : whole)
  return { at, stream, text, ...(cut && { cut: true as const }), ...(masked > 0 && { masked }) }
}

import { maskSecrets } from '@console/log-text/mask-secrets'
import { type WrittenLines, writtenLines } from '@console/verb-kit/written-lines'
import type { RawLine } from './demultiplex.ts'

/** Lines of a log as they leave this daemon, and the engine's own stamp of the first, which tells apart what milliseconds do not. */
export type LogBlock = WrittenLines & { readonly stamp: string }
type Stream = RawLine['stream']

const stamped = /^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8})(?:\.([0-9]{1,9}))?(Z|[+-][0-9]{2}:[0-9]{2}) ?/
/** The form that engines write: nine digits, in UTC. */
const usual = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{9}Z /
const usualLength = 31

/** Masks and writes raw lines, those of one stream only where one is named; null where none is left. */
export function blockOf(raws: readonly RawLine[], only: Stream | null = null): LogBlock | null {
  const texts: string[] = []
  let at = ''
  let stamp = ''
  for (const raw of raws) {
    if (only !== null && raw.stream !== only) continue
    const whole = wholeOf(raw)
    const time = timeOf(whole)
    at = time.at
    if (texts.length === 0) stamp = whole.slice(0, time.length).trim()
    const { text, masked } = maskSecrets(whole.slice(time.length))
    const rest = `${raw.cut ? ',"cut":true' : ''}${masked > 0 ? `,"masked":${masked}` : ''}`
    texts.push(`{"at":"${at}","stream":"${raw.stream}","text":${JSON.stringify(text)}${rest}}\n`)
  }
  return texts.length === 0 ? null : { ...writtenLines(texts, at), stamp }
}

function wholeOf({ bytes }: RawLine): string {
  const end = bytes.length > 0 && bytes[bytes.length - 1] === 13 ? bytes.length - 1 : bytes.length
  return bytes.toString('utf8', 0, end)
}

let second = ''
/** The time of a line in milliseconds, and how much of the line tells it. Lines of one second share what is asked of the calendar. */
function timeOf(whole: string): { at: string; length: number } {
  if (second !== '' && whole.startsWith(second) && usual.test(whole)) return { at: `${whole.slice(0, 23)}Z`, length: usualLength }
  const match = stamped.exec(whole)
  if (!match) return { at: new Date(0).toISOString(), length: 0 }
  const time = Date.parse(`${match[1]}.${(match[2] ?? '0').slice(0, 3).padEnd(3, '0')}${match[3]}`)
  if (!Number.isNaN(time) && match[3] === 'Z') second = match[1] ?? ''
  return { at: new Date(Number.isNaN(time) ? 0 : time).toISOString(), length: match[0].length }
}

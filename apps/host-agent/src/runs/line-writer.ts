import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'
import type { ValueMask } from './mask-values.ts'

type Stream = 'out' | 'err' | 'sys'
export type OutputLine = { seq: number; at: string; stream: Stream; text: string }
export type LineWriter = { push(stream: 'out' | 'err', chunk: Buffer): void; say(text: string): void; mark(): number; close(): void }

const longestLine = 16_384
const idleMs = 250
/** Bytes of sequence number, time and stream around a line's text. */
const lineOverhead = 72

/**
 * Writes a run's output as it comes: one JSON line a line, stdout and stderr told apart, time-stamped, secrets covered before they
 * reach the file. What has no newline is written after a quarter of a second. Beyond `mostBytes` of text one line says that the rest was cut.
 * What a full disk does not take is left out, and the next line that it takes says how much: no output is a reason to end a run.
 */
export function createLineWriter(
  path: string,
  { mask, mostBytes, now }: { readonly mask: ValueMask; readonly mostBytes: number; readonly now: () => Date },
): LineWriter {
  const fd = openSync(path, 'a', 0o600)
  const pending = { out: unfinished(), err: unfinished() }
  let seq = 0
  let bytes = 0
  let cut = false
  let size = fstatSync(fd).size
  let lost = 0
  const append = (stream: Stream, text: string): boolean => {
    const line: OutputLine = { seq: seq + 1, at: now().toISOString(), stream, text }
    const whole = Buffer.from(`${JSON.stringify(line)}\n`)
    try {
      for (let at = 0; at < whole.length; ) at += writeSync(fd, whole, at)
      seq += 1
      size += whole.length
      return true
    } catch {
      takeBack(fd, size)
      return false
    }
  }
  const put = (stream: Stream, text: string): void => {
    if (lost > 0 && append('sys', `${lost} ${lost === 1 ? 'line is' : 'lines are'} missing here: the disk could not be written.`)) lost = 0
    if (lost > 0 || !append(stream, text)) lost += 1
  }
  const emit = (stream: 'out' | 'err', raw: string): void => {
    if (cut) return
    const text = mask.cover(raw).toWellFormed()
    // What a line costs in the file, so that empty lines are bounded too.
    bytes += Buffer.byteLength(text) + lineOverhead
    if (bytes <= mostBytes) {
      put(stream, text)
      return
    }
    cut = true
    put('sys', `The output was cut here: it is over ${Math.round(mostBytes / 1_048_576)} MiB. The script goes on.`)
  }
  const flush = (stream: 'out' | 'err', all: boolean): void => {
    const part = pending[stream]
    const held = all ? 0 : mask.heldBack(part.text)
    const ready = part.text.slice(0, part.text.length - held)
    if (ready === '') return
    part.text = part.text.slice(ready.length)
    emit(stream, ready)
  }
  const finish = (): void => {
    for (const stream of ['out', 'err'] as const) {
      clearTimeout(pending[stream].timer)
      pending[stream].text += pending[stream].decoder.end()
      flush(stream, true)
    }
  }
  return {
    push(stream, chunk) {
      const part = pending[stream]
      clearTimeout(part.timer)
      part.text += part.decoder.write(chunk)
      for (let end = part.text.indexOf('\n'); end >= 0; end = part.text.indexOf('\n')) {
        emit(stream, part.text.slice(0, end).replace(/\r$/, ''))
        part.text = part.text.slice(end + 1)
      }
      while (part.text.length > longestLine) {
        // Never cut inside what may be the beginning of a secret.
        const end = Math.max(1, longestLine - mask.heldBack(part.text.slice(0, longestLine)))
        emit(stream, part.text.slice(0, end))
        part.text = part.text.slice(end)
      }
      if (part.text !== '') part.timer = setTimeout(() => flush(stream, false), idleMs)
    },
    say: (text) => put('sys', text),
    /** Writes what has no newline yet, and answers the number of the last line. */
    mark() {
      finish()
      return seq
    },
    close() {
      finish()
      closeSync(fd)
    },
  }
}

/** Half a line would hide the next one. */
function takeBack(fd: number, size: number): void {
  try {
    ftruncateSync(fd, size)
  } catch {
    // What cannot be written at all cannot be cut either: whoever reads passes over it.
  }
}

function unfinished(): { text: string; decoder: StringDecoder; timer: NodeJS.Timeout | undefined } {
  return { text: '', decoder: new StringDecoder('utf8'), timer: undefined }
}

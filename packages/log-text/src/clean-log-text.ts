import { createMarks } from './visible-mark.ts'

/** Takes a line piece by piece; `end` closes it, and what stood open then is shown. */
export type LogCleaner = { push(piece: string): string; end(): string }
type State = 'ground' | 'escape' | 'parameters' | 'intermediates' | 'string' | 'stringEscape'

/** One line of a log as it may be shown, all at once. */
export function cleanLogText(line: string): string {
  if (plain.test(line)) return line
  const cleaner = createLogCleaner()
  return cleaner.push(line) + cleaner.end()
}

/** Most lines: nothing to look for. */
const plain = /^[\t\x20-\x7e]*$/

/** The same for a text of several lines: nothing that stands open reaches over the end of its line. */
export function cleanLogLines(text: string): string {
  return text.split('\n').map(cleanLogText).join('\n')
}

/**
 * The state machine behind it (ECMA-48, 5th edition, sections 5.3–5.6 and 8.3.143; C1 in 7-bit and 8-bit form). A control sequence or
 * control string that is whole is removed. One that is broken off or never ends shows its first character as a mark and the rest as the
 * text it is, so that no sequence can hide what stands behind it. What moves or hides text becomes a mark. However the line is cut into
 * pieces, the result is the same. It is for text nodes and text files, never for markup.
 */
export function createLogCleaner(): LogCleaner {
  const marks = createMarks()
  let state: State = 'ground'
  let held = ''
  let half = ''
  const show = (text: string): string => {
    let shown = ''
    for (const char of text) shown += marks.of(char)
    return shown
  }
  const hold = (char: string, next: State): string => {
    held += char
    state = next
    return ''
  }
  const drop = (): string => {
    held = ''
    state = 'ground'
    return ''
  }
  /** What was held is no sequence after all. */
  const spill = (): string => {
    const text = held
    drop()
    return show(text)
  }

  const take = (char: string): string => {
    const code = char.codePointAt(0) ?? 0
    if (state === 'ground') {
      const next = beginningOf(code)
      return next === null ? marks.of(char) : hold(char, next)
    }
    if (state === 'string') {
      if (code === bell || code === stringEnd8) return drop()
      if (code === esc) return hold(char, 'stringEscape')
      return code === cancel || code === substitute ? spill() + marks.of(char) : hold(char, 'string')
    }
    if (state === 'stringEscape') {
      if (char === '\\') return drop()
      held = held.slice(0, -1)
      return spill() + hold('\u001b', 'escape') + take(char)
    }
    if (state === 'escape') {
      if (char === '[' && held === '\u001b') return hold(char, 'parameters')
      if (held === '\u001b' && stringsAfterEscape.has(char)) return hold(char, 'string')
      if (code >= 0x20 && code <= 0x2f) return hold(char, 'escape')
      return code >= 0x30 && code <= 0x7e ? drop() : spill() + take(char)
    }
    if (code >= 0x40 && code <= 0x7e) return drop()
    if (code >= 0x20 && code <= 0x2f) return hold(char, 'intermediates')
    return state === 'parameters' && code >= 0x30 && code <= 0x3f ? hold(char, 'parameters') : spill() + take(char)
  }

  return {
    push(piece) {
      const text = half + piece
      const last = text.charCodeAt(text.length - 1)
      half = last >= 0xd800 && last <= 0xdbff ? text.slice(-1) : ''
      let shown = ''
      for (const char of half === '' ? text : text.slice(0, -1)) shown += take(char)
      return shown
    },
    end() {
      const rest = half === '' ? '' : take(half)
      const shown = rest + spill()
      half = ''
      marks.newLine()
      return shown
    },
  }
}

const bell = 0x07
const cancel = 0x18
const substitute = 0x1a
const esc = 0x1b
const stringEnd8 = 0x9c
/** OSC, DCS, APC, PM, SOS */
const stringsAfterEscape = new Set([']', 'P', '_', '^', 'X'])
const strings8 = new Set([0x9d, 0x90, 0x9f, 0x9e, 0x98])

/** What a character begins where no sequence is open; null for text. */
function beginningOf(code: number): State | null {
  if (code === esc) return 'escape'
  if (code === 0x9b) return 'parameters'
  return strings8.has(code) ? 'string' : null
}

/** Marks of one line; `of` counts the combining characters since the last other one. */
export type Marks = { of(char: string): string; newLine(): void }

/** A base character carries so many at most: more would grow over the lines above and below. */
const mostCombining = 4
const combining = /^\p{Mark}$/u
/**
 * What is not seen but turns, joins, hides or breaks text: Unicode's Default_Ignorable_Code_Point (zero-width, joiners, tags, fillers),
 * Bidi_Control, line and paragraph separator, interlinear annotation.
 */
const unseen = /^[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\u2028\u2029\ufff9-\ufffb]$/u
/** They choose how the character before them is drawn, and nothing more. */
const variation = /^[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]$/u

/** Characters as they may be shown: text as it is, a control as its picture (Unicode block Control Pictures), an unseen one as ⁇. */
export function createMarks(): Marks {
  let piled = 0
  return {
    of(char) {
      const code = char.codePointAt(0) ?? 0
      if (code >= 0x20 && code < 0x7f) {
        piled = 0
        return char
      }
      if (variation.test(char)) return ''
      if (combining.test(char) && !unseen.test(char)) {
        piled += 1
        return piled > mostCombining ? (piled === mostCombining + 1 ? '⁇' : '') : char
      }
      piled = 0
      return controlMark(code) ?? (unseen.test(char) ? '⁇' : char)
    },
    newLine() {
      piled = 0
    },
  }
}

function controlMark(code: number): string | null {
  if (code === 0x09) return '\t'
  if (code < 0x20) return String.fromCodePoint(0x2400 + code)
  if (code === 0x7f) return '␡'
  if (code === 0x85) return '␤'
  if (code >= 0x80 && code <= 0x9f) return '�'
  return code >= 0xd800 && code <= 0xdfff ? '�' : null
}

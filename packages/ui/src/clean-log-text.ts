/**
 * Log text as it may be shown: escape sequences (ECMA-48: CSI, OSC, DCS, APC, PM, SOS, in 7-bit and 8-bit form, ended or not) are dropped
 * whole, what moves or hides text becomes a visible mark. The result is for text nodes alone.
 */
export function cleanLogText(text: string): string {
  let shown = ''
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at)
    const sequence = code === 0x1b ? text.charCodeAt(at + 1) : code >= 0x80 && code <= 0x9f ? code - 0x40 : -1
    const begin = code === 0x1b ? at + 2 : at + 1
    if (sequence === 0x5b) at = endOfControl(text, begin)
    else if (strings.has(sequence)) at = endOfString(text, begin)
    else if (code === 0x1b) at = endOfEscape(text, at + 1)
    else {
      shown += markOf(code) ?? text[at]
      at += 1
    }
  }
  return shown
}

/** ] OSC, P DCS, _ APC, ^ PM, X SOS */
const strings = new Set([0x5d, 0x50, 0x5f, 0x5e, 0x58])

/** Parameters 0x30–0x3f, intermediates 0x20–0x2f, one final byte 0x40–0x7e; anything else ends it unfinished. */
function endOfControl(text: string, from: number): number {
  let at = from
  while (at < text.length && text.charCodeAt(at) >= 0x20 && text.charCodeAt(at) <= 0x3f) at += 1
  const final = text.charCodeAt(at)
  return final >= 0x40 && final <= 0x7e ? at + 1 : at
}

/** Until BEL, ST or, for one that never ends, the end of the line's text; a second escape begins anew. */
function endOfString(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === 0x07 || code === 0x9c) return at + 1
    if (code === 0x1b) return text[at + 1] === '\\' ? at + 2 : at
  }
  return text.length
}

function endOfEscape(text: string, from: number): number {
  let at = from
  while (at < text.length && text.charCodeAt(at) >= 0x20 && text.charCodeAt(at) <= 0x2f) at += 1
  const final = text.charCodeAt(at)
  return final >= 0x30 && final <= 0x7e ? at + 1 : at
}

function markOf(code: number): string | null {
  if (code === 9) return '\t'
  if (code < 0x20) return String.fromCharCode(0x2400 + code)
  if (code === 0x7f) return '␡'
  if (code >= 0x80 && code <= 0x9f) return '�'
  if (
    (code >= 0x200b && code <= 0x200f) ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x2069) ||
    code === 0xfeff ||
    code === 0x061c
  )
    return '⁇'
  return null
}

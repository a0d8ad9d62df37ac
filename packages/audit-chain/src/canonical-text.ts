/**
 * The one text of a value: RFC 8785 order and number form over well-formed strings, so that equal meanings have equal bytes on every
 * Node version, and different ones (1 and "1", NFC and NFD, ["ab","c"] and ["a","bc"]) differ. What JSON cannot say is made sayable:
 * a lone surrogate becomes U+FFFD, a big integer a string, NaN and Infinity null; undefined members are left out.
 * Never throws: a value that refers to itself ends in "(cycle)", one deeper than 64 levels in "(deep)".
 */
export function canonicalText(value: unknown): string {
  return textOf(value, [])
}

/** A JSON string whose bytes are also harmless in a terminal and in a line-based reader: DEL, C1, line separators and bidi controls are escaped. */
export function stringText(value: string): string {
  if (plain.test(value)) return `"${value}"`
  return JSON.stringify(value.toWellFormed()).replace(unsafe, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

const unsafe = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g
/** printable ASCII but for quote and backslash: nothing to escape */
const plain = /^[ !#-[\]-~]*$/
const deepest = 64

function textOf(value: unknown, above: readonly object[]): string {
  if (typeof value === 'string') return stringText(value)
  if (typeof value === 'bigint') return stringText(value.toString())
  if (typeof value === 'number') return Number.isFinite(value) ? JSON.stringify(value) : 'null'
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  if (typeof value !== 'object' || value === null) return 'null'
  if (above.includes(value)) return '"(cycle)"'
  if (above.length >= deepest) return '"(deep)"'
  if (value instanceof Date) return stringText(Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString())
  const path = [...above, value]
  if (Array.isArray(value)) return `[${value.map((item) => textOf(item, path)).join(',')}]`
  return objectText(value as Record<string, unknown>, path)
}

function objectText(value: Record<string, unknown>, path: readonly object[]): string {
  const members: string[] = []
  for (const key of Object.keys(value).sort()) {
    const item = value[key]
    if (item === undefined || typeof item === 'function' || typeof item === 'symbol') continue
    members.push(`${stringText(key)}:${textOf(item, path)}`)
  }
  return `{${members.join(',')}}`
}

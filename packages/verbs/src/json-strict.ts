/** JSON that two parsers could read differently, or that is built to hurt. `rule` names what it broke. */
export class JsonRefused extends Error {
  readonly rule: 'syntax' | 'duplicate' | 'forbidden-name' | 'depth' | 'text' | 'number'
  constructor(rule: JsonRefused['rule'], message: string) {
    super(message)
    this.rule = rule
  }
}

const mostDepth = 64
const forbidden = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * Reads JSON (RFC 8259) that has one meaning: no name twice, none that reaches a prototype, no lone surrogate, no number that
 * becomes infinite, at most 64 deep. Every common parser takes the last of two equal names silently; dockerd takes the first.
 * @throws JsonRefused
 */
export function parseStrictJson(text: string): unknown {
  const value = parse(text)
  scan(text)
  return value
}

function parse(text: string): unknown {
  if (text.charCodeAt(0) === 0xfeff) throw new JsonRefused('syntax', 'The body begins with a byte order mark.')
  try {
    return JSON.parse(text, (_name, value: unknown) => {
      if (typeof value === 'string' && !value.isWellFormed()) throw new JsonRefused('text', 'A text in the body is not well formed.')
      if (typeof value === 'number' && !Number.isFinite(value)) throw new JsonRefused('number', 'A number in the body is too large.')
      return value
    })
  } catch (error) {
    if (error instanceof JsonRefused) throw error
    throw new JsonRefused(error instanceof RangeError ? 'depth' : 'syntax', 'The body is not JSON.')
  }
}

/** The text is known to be JSON here, so only names, nesting and the ends of strings matter. */
function scan(text: string): void {
  const open: (Set<string> | null)[] = []
  let at = 0
  while (at < text.length) {
    const char = text[at]
    if (char === '{' || char === '[') {
      open.push(char === '{' ? new Set() : null)
      if (open.length > mostDepth) throw new JsonRefused('depth', `The body is nested deeper than ${mostDepth}.`)
    } else if (char === '}' || char === ']') open.pop()
    else if (char === '"') {
      const end = endOfString(text, at)
      const names = open.at(-1)
      if (names && isName(text, end)) addName(names, JSON.parse(text.slice(at, end)) as string)
      at = end
      continue
    }
    at += 1
  }
}

function addName(names: Set<string>, name: string): void {
  if (forbidden.has(name)) throw new JsonRefused('forbidden-name', `The name ${name} is not allowed in a body.`)
  if (names.has(name)) throw new JsonRefused('duplicate', `The name ${name.slice(0, 100)} stands twice in an object.`)
  names.add(name)
}

function endOfString(text: string, start: number): number {
  let at = start + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}

function isName(text: string, end: number): boolean {
  let at = end
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at += 1
  return text[at] === ':'
}

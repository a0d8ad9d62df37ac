import { DIGEST, FORBIDDEN_VARIABLE, ID, MODEL, REF, VARIABLE } from './patterns.ts'
import type { Arg, Args } from './verb.ts'

export type BadArg = { readonly field: string; readonly rule: string; readonly message: string }
export type Checked = { readonly ok: true; readonly value: Record<string, unknown> } | { readonly ok: false; readonly bad: BadArg }

/**
 * Holds a decoded JSON body against a verb's arguments: exact types, no coercion, nothing unknown.
 * The answer is a fresh object without a prototype, in the row's own order.
 */
export function checkArgs(args: Args, input: unknown): Checked {
  if (!isPlainObject(input)) return bad('', 'object', 'The body must be a JSON object.')
  const value: Record<string, unknown> = Object.create(null)
  for (const name of Object.keys(input)) if (!Object.hasOwn(args, name)) return bad(name, 'unknown', `There is no field ${name}.`)
  for (const [name, arg] of Object.entries(args)) {
    if (!Object.hasOwn(input, name)) {
      if (arg.optional) continue
      return bad(name, 'required', `${name} is missing.`)
    }
    const problem = check(name, arg, input[name])
    if (problem) return { ok: false, bad: problem }
    value[name] = input[name]
  }
  return { ok: true, value }
}

function check(field: string, arg: Arg, value: unknown): BadArg | null {
  const no = (rule: string, message: string): BadArg => ({ field, rule, message: `${field} ${message}` })
  if (arg.is === 'bool') return typeof value === 'boolean' ? null : no('boolean', 'must be true or false.')
  if (arg.is === 'int') {
    const fits = typeof value === 'number' && Number.isSafeInteger(value) && !Object.is(value, -0) && value >= arg.min && value <= arg.max
    return fits ? null : no('integer', `must be a whole number from ${arg.min} to ${arg.max}.`)
  }
  if (arg.is === 'list') {
    if (!Array.isArray(value) || value.length > arg.max) return no('list', `must be a list of at most ${arg.max}.`)
    return value.map((item, at) => check(`${field}.${at}`, arg.of, item)).find((problem) => problem !== null) ?? null
  }
  if (arg.is === 'values') return checkValues(field, arg, value)
  if (typeof value !== 'string' || !value.isWellFormed()) return no('text', 'must be text.')
  if (arg.is === 'ref') return REF.test(value) ? null : no('pattern', `must match ${REF.source}.`)
  if (arg.is === 'id') return ID.test(value) ? null : no('pattern', `must match ${ID.source}.`)
  if (arg.is === 'model') return MODEL.test(value) ? null : no('pattern', 'must be the name of a model, such as llama3.2:3b.')
  if (arg.is === 'digest') return DIGEST.test(value) ? null : no('pattern', 'must be 64 lower-case hex digits.')
  if (arg.is === 'enum') return arg.of.includes(value) ? null : no('enum', `must be one of ${arg.of.join(', ')}.`)
  if (value.includes('\0')) return no('text', 'must not hold a NUL.')
  return value.length >= arg.min && value.length <= arg.max ? null : no('length', `must have ${arg.min} to ${arg.max} characters.`)
}

function checkValues(field: string, arg: { readonly max: number; readonly maxBytes: number }, value: unknown): BadArg | null {
  if (!isPlainObject(value)) return { field, rule: 'object', message: `${field} must be an object of texts.` }
  const entries = Object.entries(value)
  if (entries.length > arg.max) return { field, rule: 'length', message: `${field} may have at most ${arg.max} entries.` }
  for (const [name, text] of entries) {
    const at = `${field}.${name}`
    if (!VARIABLE.test(name)) return { field: at, rule: 'name', message: `${name} is no variable name: capitals, digits and _ only.` }
    if (FORBIDDEN_VARIABLE.test(name)) return { field: at, rule: 'forbidden', message: `${name} may not be set for a script.` }
    if (typeof text !== 'string' || !text.isWellFormed() || text.includes('\0'))
      return { field: at, rule: 'text', message: `${name} must be text without NUL.` }
    if (utf8Bytes(text) > arg.maxBytes) return { field: at, rule: 'length', message: `${name} is longer than ${arg.maxBytes} bytes.` }
  }
  return null
}

/** Without TextEncoder or Buffer: this room imports nothing and runs in three places. */
function utf8Bytes(text: string): number {
  let bytes = 0
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return bytes
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function bad(field: string, rule: string, message: string): Checked {
  return { ok: false, bad: { field, rule, message } }
}

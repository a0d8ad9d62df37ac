/** What may stand in a plan: no floating point, no dates, no undefined. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain }

/**
 * The one text of a value: RFC 8785 (JSON Canonicalization Scheme) narrowed to well-formed strings, safe integers, booleans, null,
 * arrays, and objects whose names match `[A-Za-z][A-Za-z0-9]*`. Two values have the same text only if they are the same.
 * @throws TypeError for anything outside that set, so that two programs never disagree about a text.
 */
export function canonical(value: Plain): string {
  if (typeof value === 'string' && !value.isWellFormed()) throw new TypeError('lone surrogate')
  if (typeof value === 'number' && (!Number.isSafeInteger(value) || Object.is(value, -0))) throw new TypeError('not a safe integer')
  if (value === null || typeof value !== 'object') {
    const text = JSON.stringify(value)
    if (text === undefined) throw new TypeError(`no JSON for ${typeof value}`)
    return text
  }
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  const entries = Object.entries(value as { readonly [key: string]: Plain })
  if (entries.some(([key]) => !/^[A-Za-z][A-Za-z0-9]*$/.test(key))) throw new TypeError('field name')
  entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, item]) => `"${key}":${canonical(item)}`).join(',')}}`
}

/** The plan of a destroy action that has no plan route: built alike by the browser from what it sends and by the callee from what it got. */
export function directPlan(verb: string, hostId: string, args: { readonly [name: string]: Plain }): Plain {
  return { v: 1, verb, hostId, args }
}

/**
 * The questions that the driver asks, read as text. A statement that is not of this form is refused, since a peer that guesses hides faults.
 * Language: https://learn.microsoft.com/azure/cosmos-db/query
 */
export type PeerItem = { readonly id: string; readonly [name: string]: unknown }
type Value = string | number | boolean
type Test = (item: PeerItem) => boolean
export type Question = {
  readonly matches: Test
  /** Names of what it is ordered by, and the direction of each. */
  readonly order: readonly { readonly path: string; readonly dir: 'ascending' | 'descending' }[]
}
/** What the service would answer with 400. */
export class Refused extends Error {}

const field = String.raw`c\.(?:b\.[a-z][A-Za-z0-9]*|pk|id)`
const forms: readonly (readonly [RegExp, (found: readonly string[], values: Values) => Test])[] = [
  [
    new RegExp(String.raw`^\(NOT IS_DEFINED\((${field})\) OR IS_NULL\((${field})\)\)`),
    ([, a = '', b = '']) =>
      (item) =>
        valueAt(item, a) === undefined || valueAt(item, b) === null,
  ],
  [
    new RegExp(String.raw`^ARRAY_CONTAINS\((${field}), (@\w+)\)`),
    ([, path = '', name = ''], values) =>
      (item) => {
        const list = valueAt(item, path)
        return Array.isArray(list) && list.includes(values.get(name))
      },
  ],
  [
    // Without its third argument it heeds case: https://learn.microsoft.com/azure/cosmos-db/query/startswith
    new RegExp(String.raw`^STARTSWITH\((${field}), (@\w+)\)`),
    ([, path = '', name = ''], values) =>
      (item) => {
        const text = valueAt(item, path)
        return typeof text === 'string' && text.startsWith(String(values.get(name)))
      },
  ],
  [
    new RegExp(String.raw`^(${field}) IN \((@\w+(?:, @\w+)*)\)`),
    ([, path = '', names = ''], values) =>
      (item) =>
        names.split(', ').some((name) => compare(valueAt(item, path), '=', values.get(name))),
  ],
  [
    new RegExp(String.raw`^\((${field}) ([<>]) (@\w+) OR \((${field}) = (@\w+) AND c\.id ([<>]) (@\w+)\)\)`),
    ([, a = '', sign = '', v = '', b = '', w = '', idSign = '', id = ''], values) =>
      (item) =>
        compare(valueAt(item, a), sign, values.get(v)) ||
        (compare(valueAt(item, b), '=', values.get(w)) && compare(item.id, idSign, values.get(id))),
  ],
  [
    new RegExp(String.raw`^(${field}) (=|<=|>=|<|>) (@\w+)`),
    ([, path = '', sign = '', name = ''], values) =>
      (item) =>
        compare(valueAt(item, path), sign, values.get(name)),
  ],
]

/** @throws Refused */
export function readQuestion({ query, parameters }: { readonly query: unknown; readonly parameters: unknown }): Question {
  const values = new Values(parameters)
  const [, conditions, by] = /^SELECT \* FROM c WHERE (.+) ORDER BY (.+)$/.exec(String(query)) ?? []
  if (conditions === undefined || by === undefined) throw new Refused(`Syntax error: ${String(query)}`)
  const tests: Test[] = []
  for (let rest = conditions; rest !== ''; ) {
    const [length, test] = readCondition(rest, values)
    tests.push(test)
    rest = rest.slice(length)
    if (rest !== '' && !rest.startsWith(' AND ')) throw new Refused(`Syntax error near ${rest.slice(0, 30)}`)
    rest = rest.slice(' AND '.length)
  }
  const order = by.split(', ').map((part) => {
    const [, path, dir] = new RegExp(`^(${field}) (ASC|DESC)$`).exec(part) ?? []
    if (path === undefined) throw new Refused(`Syntax error near ${part}`)
    return { path, dir: dir === 'DESC' ? 'descending' : 'ascending' } as const
  })
  return { matches: (item) => tests.every((test) => test(item)), order }
}

function readCondition(text: string, values: Values): [number, Test] {
  for (const [form, make] of forms) {
    const found = form.exec(text)
    if (found) return [found[0].length, make(found, values)]
  }
  throw new Refused(`Syntax error near ${text.slice(0, 30)}`)
}

export function inOrder({ order }: Question): (a: PeerItem, b: PeerItem) => number {
  return (a, b) => {
    for (const { path, dir } of order) {
      const [left, right] = [valueAt(a, path) as Value, valueAt(b, path) as Value]
      if (left !== right) return (left < right ? -1 : 1) * (dir === 'ascending' ? 1 : -1)
    }
    return 0
  }
}

class Values {
  readonly #values: ReadonlyMap<string, Value>
  constructor(parameters: unknown) {
    if (!Array.isArray(parameters)) throw new Refused('The question has no parameters.')
    this.#values = new Map(parameters.map(({ name, value }: { name: string; value: Value }) => [name, value]))
  }
  get(name: string): Value {
    const value = this.#values.get(name)
    if (value === undefined) throw new Refused(`The parameter ${name} is missing.`)
    return value
  }
}

/** Values of two types are neither equal nor ordered: https://learn.microsoft.com/azure/cosmos-db/query/equality-comparison-operators */
function compare(left: unknown, sign: string, right: Value): boolean {
  if (typeof left !== typeof right) return false
  const [a, b] = [left as Value, right]
  if (sign === '=') return a === b
  if (sign === '<') return a < b
  if (sign === '<=') return a <= b
  return sign === '>' ? a > b : a >= b
}

function valueAt(item: PeerItem, path: string): unknown {
  let value: unknown = item
  for (const name of path.split('.').slice(1)) value = (value as Record<string, unknown> | undefined)?.[name]
  return value
}

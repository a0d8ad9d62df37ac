import { type Declaration, type Doc, type FieldKind, type Op, type Pred, type Query, StoreError } from './port.ts'

/** Legal for both drivers: Cosmos forbids / \ # ? in ids. */
const key = /^[A-Za-z0-9._:@~-]{1,200}$/
const mostBytes = 1_900_000
const mostDepth = 64
const mostIndexedBytes = 512
const mostLimit = 1_000
const ascii = /^[\x20-\x7e]*$/

/** What every driver may rely on, checked before any of them is asked. @throws StoreError Invalid or TooLarge */
export function checkKeys(...keys: readonly string[]): void {
  for (const one of keys)
    if (typeof one !== 'string' || !key.test(one))
      throw invalid(`"${String(one).slice(0, 40)}" is no id: 1 to 200 of A-Z a-z 0-9 . _ : @ ~ -`)
}

/** @returns the text that is stored. */
export function checkDoc(doc: Doc, { name, fields, sort = [], unique = [] }: Declaration): string {
  checkValue(doc, 0)
  const text = JSON.stringify(doc)
  if (Buffer.byteLength(text) > mostBytes) throw new StoreError('TooLarge', `a document of ${name} is over ${mostBytes} bytes`)
  const required = new Set([...sort, ...unique.flat()])
  for (const [field, kind] of Object.entries(fields)) {
    const value = (doc as Record<string, unknown>)[field]
    if (value === undefined || value === null) {
      if (required.has(field)) throw invalid(`${name}.${field} is required`)
      continue
    }
    if (!isOfKind(value, kind)) throw invalid(`${name}.${field} must be ${kind}`)
    if (kind !== 'string[]' && typeof value === 'string' && Buffer.byteLength(value) > mostIndexedBytes)
      throw invalid(`${name}.${field} is longer than ${mostIndexedBytes} bytes`)
    if (sort.includes(field) && typeof value === 'string' && !ascii.test(value))
      throw invalid(`${name}.${field} sorts, so it must be ASCII`)
  }
  return text
}

export function checkQuery({ where = [], order, limit }: Query, declaration: Declaration): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > mostLimit) throw invalid(`limit must be 1 to ${mostLimit}`)
  for (const pred of where) checkPred(pred, declaration)
  if (order && !declaration.sort?.includes(order.f)) throw invalid(`${declaration.name} does not sort by ${order.f}`)
}

export function checkOps<T extends Doc>(ops: readonly Op<T>[], { log, name }: Declaration): void {
  if (ops.length < 1 || ops.length > 99) throw invalid('a batch has 1 to 99 operations')
  if (new Set(ops.map(({ id }) => id)).size !== ops.length) throw invalid('a batch names each id once')
  if (log && ops.some(({ op }) => op !== 'insert')) throw invalid(`${name} only grows`)
}

export function refuseIfLog({ log, name }: Declaration): void {
  if (log) throw invalid(`${name} only grows`)
}

function checkPred(pred: Pred, { name, fields }: Declaration): void {
  const kind = fields[pred.f]
  if (!Object.hasOwn(fields, pred.f) || !kind) throw invalid(`${name} has no field ${pred.f} to ask for`)
  if (pred.op === 'absent') return
  if (pred.op === 'has') {
    if (kind !== 'string[]') throw invalid(`${name}.${pred.f} is no list`)
  } else if (pred.op === 'prefix') {
    if (kind !== 'ascii' && kind !== 'string') throw invalid(`${name}.${pred.f} is no text`)
  } else {
    const values = pred.op === 'in' ? pred.v : [pred.v]
    if (values.length === 0 || values.length > 100) throw invalid('in takes 1 to 100 values')
    if (!values.every((value) => isOfKind(value, kind))) throw invalid(`${name}.${pred.f} is compared with ${kind} only`)
  }
}

function isOfKind(value: unknown, kind: FieldKind): boolean {
  if (kind === 'string[]') return Array.isArray(value) && value.every((item) => typeof item === 'string')
  if (kind === 'ascii') return typeof value === 'string' && ascii.test(value)
  return typeof value === kind
}

function checkValue(value: unknown, depth: number): void {
  if (depth > mostDepth) throw invalid(`a document is deeper than ${mostDepth}`)
  if (typeof value === 'string') {
    if (!value.isWellFormed() || value.includes('\0')) throw invalid('text must be well formed and without U+0000')
  } else if (typeof value === 'number') {
    if (!Number.isFinite(value) || Object.is(value, -0) || (Number.isInteger(value) && !Number.isSafeInteger(value)))
      throw invalid('numbers must be finite, safe and not -0')
  } else if (Array.isArray(value)) for (const item of value) checkValue(item, depth + 1)
  else if (typeof value === 'object' && value !== null) {
    for (const [name, item] of Object.entries(value)) {
      checkValue(name, depth)
      if (item !== undefined) checkValue(item, depth + 1)
    }
  } else if (value !== null && typeof value !== 'boolean') throw invalid(`${typeof value} cannot be stored`)
}

function invalid(message: string): StoreError {
  return new StoreError('Invalid', message)
}

import type { Position } from './cursor.ts'
import type { Pred, Query, Value } from './port.ts'
import { StoreError } from './port.ts'

/** Text and values of a question, as the NoSQL API takes them. Documents lie under `b`, so that no field of theirs meets one of the store. */
export type CosmosQuery = { readonly query: string; readonly parameters: { readonly name: string; readonly value: Value }[] }

/**
 * Every question names its partition in the text as well, so that it could not reach another one if the option were lost. Language:
 * https://learn.microsoft.com/cosmos-db/query
 */
export function cosmosQuery(pk: string, { where = [], order }: Query, position: Position | null): CosmosQuery {
  const parameters: { name: string; value: Value }[] = []
  const put = (value: Value): string => {
    const name = parameters.length === 0 ? '@pk' : `@v${parameters.length}`
    parameters.push({ name, value })
    return name
  }
  const conditions = [`c.pk = ${put(pk)}`, ...where.map((pred) => conditionOf(pred, put))]
  const dir = order?.dir === 'desc' ? 'DESC' : 'ASC'
  const beyond = dir === 'ASC' ? '>' : '<'
  if (position && !order) conditions.push(`c.id ${beyond} ${put(position.id)}`)
  if (position && order) {
    const field = at(order.f)
    const [sort, id] = [put(position.sort ?? ''), put(position.id)]
    // The first bound is redundant and lets the index seek.
    conditions.push(`${field} ${beyond}= ${sort} AND (${field} ${beyond} ${sort} OR (${field} = ${sort} AND c.id ${beyond} ${id}))`)
  }
  const by = order ? `${at(order.f)} ${dir}, c.id ${dir}` : `c.id ${dir}`
  return { query: `SELECT * FROM c WHERE ${conditions.join(' AND ')} ORDER BY ${by}`, parameters }
}

const comparison = { eq: '=', lt: '<', lte: '<=', gt: '>', gte: '>=' } as const

function conditionOf(pred: Pred, put: (value: Value) => string): string {
  const field = at(pred.f)
  if (pred.op === 'absent') return `(NOT IS_DEFINED(${field}) OR IS_NULL(${field}))`
  if (pred.op === 'has') return `ARRAY_CONTAINS(${field}, ${put(pred.v)})`
  if (pred.op === 'prefix') return `STARTSWITH(${field}, ${put(pred.v)})`
  if (pred.op === 'in') return `${field} IN (${pred.v.map(put).join(', ')})`
  return `${field} ${comparison[pred.op]} ${put(pred.v)}`
}

function at(field: string): string {
  if (!/^[a-z][A-Za-z0-9]*$/.test(field)) throw new StoreError('Invalid', `${field} is no field name`)
  return `c.b.${field}`
}

import type { AttackRecord } from '@console/testkit/attack'
import { groups } from '../tests/attacks/catalogue.ts'

/**
 * Which numbers of the catalogue were tried in a run, by group, from what ran and never from names.
 * A title that stands in no group is an error, since nobody would count it.
 */
export function attackCoverage(records: readonly AttackRecord[]): readonly string[] {
  const tried = new Set(records.filter(({ whole }) => whole).map(({ id }) => id))
  const known = new Set(Object.entries(groups).flatMap(([letter, { numbers }]) => numbers.map((number) => `${letter}${number}`)))
  const stray = [...tried].filter((id) => !known.has(id))
  if (stray.length > 0) throw new Error(`no such numbers in tests/attacks/catalogue.ts: ${stray.join(', ')}`)
  const rows = Object.entries(groups).map(([letter, { what, numbers }]) => {
    const missing = numbers.map((number) => `${letter}${number}`).filter((id) => !tried.has(id))
    const count = `${numbers.length - missing.length}/${numbers.length}`
    return `  ${letter}  ${count.padStart(5)}  ${what}${missing.length > 0 && missing.length < numbers.length ? `; not tried: ${missing.join(' ')}` : ''}`
  })
  return ['attack cases tried:', ...rows, `  all ${tried.size}/${known.size}`]
}

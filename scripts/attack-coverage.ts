import type { AttackRecord } from '@console/testkit/attack'
import { groups } from '../tests/attacks/catalogue.ts'

/**
 * Which numbers of the catalogue were tried in a run, by group, from what ran and never from names; then, of the groups whose cases are
 * meant for real engines, which were tried on an engine of each API. A title that stands in no group is an error, since nobody would count it.
 */
export function attackCoverage(records: readonly AttackRecord[]): readonly string[] {
  const tried = new Set(records.filter(({ whole }) => whole).map(({ id }) => id))
  const known = new Set(Object.entries(groups).flatMap(([letter, { numbers }]) => numbers.map((number) => `${letter}${number}`)))
  const stray = [...tried].filter((id) => !known.has(id))
  if (stray.length > 0) throw new Error(`no such numbers in tests/attacks/catalogue.ts: ${stray.join(', ')}`)
  const rows = Object.entries(groups).map(([letter, { what, numbers }]) => rowOf(letter, numbers, tried, what))
  return ['attack cases tried:', ...rows, `  all ${tried.size}/${known.size}`, ...onRealEngines(records)]
}

function onRealEngines(records: readonly AttackRecord[]): string[] {
  const apis = [...new Set(records.flatMap(({ engine }) => (engine === undefined ? [] : [engine])))].sort()
  return apis.flatMap((api) => {
    const tried = new Set(records.filter(({ engine, whole }) => whole && engine === api).map(({ id }) => id))
    const rows = Object.entries(groups).filter(([, { real }]) => real)
    return [`of them on a real engine of API ${api}:`, ...rows.map(([letter, { what, numbers }]) => rowOf(letter, numbers, tried, what))]
  })
}

function rowOf(letter: string, numbers: readonly number[], tried: ReadonlySet<string>, what: string): string {
  const missing = numbers.map((number) => `${letter}${number}`).filter((id) => !tried.has(id))
  const count = `${numbers.length - missing.length}/${numbers.length}`
  return `  ${letter}  ${count.padStart(5)}  ${what}${missing.length > 0 && missing.length < numbers.length ? `; not tried: ${missing.join(' ')}` : ''}`
}

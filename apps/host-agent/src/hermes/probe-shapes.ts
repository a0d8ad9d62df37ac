import { cleanLogLines, cleanLogText } from '@console/log-text/clean-log-text'
import { maskSecrets } from '@console/log-text/mask-secrets'
import { reasons } from './probe/section.ts'

/** Of one kind each; whatever is of another kind, or longer than agreed, throws. Texts come out without control sequences and with secrets covered. */
export type Check<T = unknown> = (value: unknown) => T

export const wrong = (): Error => new Error('not the shape that was agreed')
export const one =
  <const W extends string>(words: readonly W[]): Check<W> =>
  (value) => {
    const known = words.find((word) => word === value)
    if (known === undefined) throw wrong()
    return known
  }
export const orNull =
  <T>(check: Check<T>): Check<T | null> =>
  (value) =>
    value === null ? null : check(value)
export const yesNo: Check<boolean> = (value) => {
  if (typeof value !== 'boolean') throw wrong()
  return value
}
export const count: Check<number> = (value) => {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw wrong()
  return value
}
export const words =
  (longest: number): Check<string> =>
  (value) => {
    if (typeof value !== 'string' || value.length > longest) throw wrong()
    return cleanLogText(maskSecrets(value.replaceAll(/\s+/g, ' ')).text)
      .slice(0, longest)
      .toWellFormed()
  }
/** The same with its lines kept, for what is told whole. */
export const lines =
  (longest: number): Check<string> =>
  (value) => {
    if (typeof value !== 'string' || value.length > longest) throw wrong()
    return cleanLogLines(maskSecrets(value).text).slice(0, longest).toWellFormed()
  }
export const instant: Check<string> = (value) => {
  if (typeof value !== 'string' || !/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{12}Z$/.test(value) || Number.isNaN(Date.parse(value)))
    throw wrong()
  return value
}
export const object =
  (fields: Readonly<Record<string, Check>>): Check<object> =>
  (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong()
    const given = value as Record<string, unknown>
    if (Object.keys(given).sort().join() !== Object.keys(fields).sort().join()) throw wrong()
    return Object.fromEntries(Object.entries(fields).map(([name, check]) => [name, check(given[name])]))
  }
export const list =
  (most: number, check: Check): Check<unknown[]> =>
  (value) => {
    if (!Array.isArray(value) || value.length > most) throw wrong()
    return value.map(check)
  }
export const section = (source: 'sqlite' | 'file', most: number, item: Check): Check =>
  object({
    status: one(['up', 'unknown']),
    source: one([source]),
    reason: orNull(one(reasons)),
    items: list(most, item),
    total: count,
    truncated: yesNo,
    durationMs: count,
  })
export const version: Check<1> = (value) => {
  if (value !== 1) throw wrong()
  return 1
}

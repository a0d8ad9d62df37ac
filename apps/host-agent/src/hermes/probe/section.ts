/** Why something is not known. Each has its own words on the page. */
export const reasons = [
  'not_installed',
  'not_initialised',
  'permission',
  'link',
  'outside',
  'not_a_file',
  'too_big',
  'damaged',
  'schema',
  'busy',
  'timeout',
  'needs_root',
  'no_such_user',
  'cannot_start',
  'bad_output',
  'no_bus',
] as const
export type Reason = (typeof reasons)[number]

/** One part of a home as it was read. Empty but readable is `up` with no items; `total` counts what is there, `items` are the first of it. */
export type Section<T> = {
  readonly status: 'up' | 'unknown'
  readonly source: 'sqlite' | 'file'
  readonly reason: Reason | null
  readonly items: readonly T[]
  readonly total: number
  readonly truncated: boolean
  readonly durationMs: number
}
export type Listed<T> = Pick<Section<T>, 'items' | 'total' | 'truncated'>

export class Unreadable extends Error {
  readonly reason: Reason
  constructor(reason: Reason) {
    super(reason)
    this.reason = reason
  }
}

/** Until when there is time for a part; a walk that asks and finds none stops where it is. */
export type Budget = { readonly left: () => boolean }
export function budgetOf(ms: number): Budget {
  const until = performance.now() + ms
  return { left: () => performance.now() < until }
}

/** Runs the reading of one part: what cannot be read is `unknown` with its reason and takes no other part with it. */
export function section<T>(source: Section<T>['source'], read: () => Listed<T>): Section<T> {
  const began = performance.now()
  const durationMs = (): number => Math.round(performance.now() - began)
  try {
    return { status: 'up', source, reason: null, ...read(), durationMs: durationMs() }
  } catch (error) {
    return { status: 'unknown', source, reason: reasonOf(error), items: [], total: 0, truncated: false, durationMs: durationMs() }
  }
}

export function reasonOf(error: unknown): Reason {
  if (error instanceof Unreadable) return error.reason
  const { code = '' } = error as NodeJS.ErrnoException
  const known: Readonly<Record<string, Reason>> = {
    ENOENT: 'not_initialised',
    ENOTDIR: 'not_a_file',
    EISDIR: 'not_a_file',
    ENXIO: 'not_a_file',
    ELOOP: 'link',
    EACCES: 'permission',
    EPERM: 'permission',
    ERR_ACCESS_DENIED: 'outside',
  }
  return known[code] ?? 'damaged'
}

/** A text that others chose, bounded; null where it is none. Control sequences are taken out by who shows it. */
export function textOf(value: unknown, longest: number): string | null {
  return typeof value === 'string' && value !== '' ? value.slice(0, longest).toWellFormed() : null
}

/** A whole number from 0 on; null where it is none. */
export function countOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null
}

/** A moment as ISO text, from seconds since 1970 or from a text with its zone; null where it is none. */
export function instantOf(value: unknown): string | null {
  const ms = typeof value === 'number' ? value * 1_000 : typeof value === 'string' && value.length < 64 ? Date.parse(value) : Number.NaN
  return Number.isFinite(ms) && ms > 0 && ms < 253_402_300_800_000 ? new Date(ms).toISOString() : null
}

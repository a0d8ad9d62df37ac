import type { HermesInstance, HermesOps } from '@console/contracts/hermes/schemas'

/** What the trend cards keep of one snapshot, in this browser alone. */
export type Trend = {
  readonly generatedAt: string
  readonly warnings: number
  readonly healthy: number
  readonly unknown: number
  readonly total: number
  /** Minutes since the last backup commit, whole ones; null where it is not known. */
  readonly backup: Readonly<Record<string, number | null>>
}
/** The part of `localStorage` that is used. */
export type Shelf = Pick<Storage, 'getItem' | 'setItem'>

export const trendsKey = 'bytelyst.hermes.trends.v1'
const mostTrends = 24
/** A last commit of so many whole minutes, or more, is stale: 29:59 is fresh, 30:00 is not. */
export const staleMinutes = 30

export function trendOf({ generatedAt, warnings, instances }: HermesOps): Trend {
  const count = (health: string): number => instances.filter((one) => one.health === health).length
  return {
    generatedAt,
    warnings: warnings.filter(({ severity }) => severity !== 'info').length,
    healthy: count('healthy'),
    unknown: count('unknown'),
    total: instances.length,
    backup: Object.fromEntries(instances.map(({ id, backup }) => [id, minutesSince(backup.commits[0]?.at, generatedAt)])),
  }
}

/** Whole minutes from one moment to another; a commit of the future is of this minute. */
export function minutesSince(at: string | undefined, now: string): number | null {
  return at === undefined ? null : Math.max(0, Math.floor((Date.parse(now) - Date.parse(at)) / 60_000))
}

/** Whether the last commit of a backup is stale at a moment, in milliseconds since 1970; 0 where the page does not know the time yet. */
export const isBackupStale = ({ commits: [newest] }: Pick<HermesInstance['backup'], 'commits'>, now: number): boolean =>
  now > 0 && isStale(minutesSince(newest?.at, new Date(now).toISOString()))

export const isStale = (minutes: number | null): boolean => minutes !== null && minutes >= staleMinutes

/** What is kept, oldest first. Whatever has another shape is left out: an older version of this page, or somebody by hand, may have written it. */
export function readTrends(shelf: Shelf): Trend[] {
  try {
    const value: unknown = JSON.parse(shelf.getItem(trendsKey) ?? '[]')
    return Array.isArray(value) ? merged([], value.filter(isTrend)) : []
  } catch {
    return []
  }
}

/** Each snapshot once, whoever showed it how often; the newest 24. */
export function merged(kept: readonly Trend[], more: readonly Trend[]): Trend[] {
  const each = new Map([...kept, ...more].map((trend) => [trend.generatedAt, trend]))
  return [...each.values()].sort((a, b) => Date.parse(a.generatedAt) - Date.parse(b.generatedAt)).slice(-mostTrends)
}

/** Keeps one more and tells all that are kept now. Where there is no room, or no storage, the cards go on with what this page has seen. */
export function keepTrend(shelf: Shelf, seen: readonly Trend[], trend: Trend): Trend[] {
  const all = merged([...readTrends(shelf), ...seen], [trend])
  try {
    shelf.setItem(trendsKey, JSON.stringify(all))
  } catch {
    // The quota is full.
  }
  return all
}

function isTrend(value: unknown): value is Trend {
  if (typeof value !== 'object' || value === null) return false
  const { generatedAt, warnings, healthy, unknown, total, backup } = value as Record<string, unknown>
  const counts = [warnings, healthy, unknown, total]
  return (
    Object.keys(value).length === 6 &&
    typeof generatedAt === 'string' &&
    /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z$/.test(generatedAt) &&
    !Number.isNaN(Date.parse(generatedAt)) &&
    counts.every(isCount) &&
    typeof backup === 'object' &&
    backup !== null &&
    !Array.isArray(backup) &&
    Object.values(backup).every((minutes) => minutes === null || isCount(minutes))
  )
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** How many stay: of the newest, and of nights (days), weeks (from Monday) and months, all in UTC, that have one: the first of each stays. */
export type Keeping = { readonly newest: number; readonly nights: number; readonly weeks: number; readonly months: number }
export type KeptFor = 'newest' | 'night' | 'week' | 'month'

const form = /^([0-9]{1,4})(?:,([0-9]{1,4}),([0-9]{1,4}))?$/
const nightsForm = /^[0-9]{1,4}$/
const dayMs = 86_400_000

/** `14` for the newest alone, `14,8,12` with weeks and months; `nights` apart, none where it is left out. Null for what is neither, or keeps nothing. */
export function keepingOf(text: string, nights = '0'): Keeping | null {
  const [, newest, weeks = '0', months = '0'] = form.exec(text) ?? []
  if (newest === undefined || Number(newest) < 1 || !nightsForm.test(nights)) return null
  return { newest: Number(newest), nights: Number(nights), weeks: Number(weeks), months: Number(months) }
}

/**
 * What each backup is kept for, null where it may go; by the times at which they were made, in ms, in any order. As with the rules of `restic forget`
 * (https://restic.readthedocs.io/en/stable/060_forget.html) and `borg prune` (https://borgbackup.readthedocs.io/en/stable/usage/prune.html) one that any
 * rule wants stays, and only nights, weeks and months that have a backup count; unlike there the first of each stays, so that what is kept for a
 * period is the same each night.
 *
 * Nobody knows which clock was wrong where a time is still to come at `nowMs`: that one's, or now. So those are kept by the same rules among themselves,
 * and neither they nor the others take a place from each other.
 */
export function keptFor(times: readonly number[], keep: Keeping, nowMs: number): readonly (KeptFor | null)[] {
  const newestFirst = times.map((_, index) => index).sort((a, b) => (times[b] ?? 0) - (times[a] ?? 0))
  const kept: (KeptFor | null)[] = times.map(() => null)
  const isToCome = (index: number): boolean => (times[index] ?? 0) > nowMs
  for (const order of [newestFirst.filter((index) => !isToCome(index)), newestFirst.filter(isToCome)])
    for (const [indexes, why] of wantedOf(order, times, keep)) for (const index of indexes) kept[index] ??= why
  return kept
}

/** What each rule wants of the indexes of times, newest first. */
function wantedOf(order: readonly number[], times: readonly number[], { newest, nights, weeks, months }: Keeping) {
  // From the newest on, so that the last one seen in a period is its first.
  const firsts = (periodOf: (atMs: number) => number, count: number): number[] => {
    const first = new Map<number, number>()
    for (const index of order) first.set(periodOf(times[index] ?? 0), index)
    return [...first.values()].slice(0, count)
  }
  return [
    [order.slice(0, Math.max(1, newest)), 'newest'],
    [firsts(nightOf, nights), 'night'],
    [firsts(weekOf, weeks), 'week'],
    [firsts(monthOf, months), 'month'],
  ] as const
}

const nightOf = (atMs: number): number => Math.floor(atMs / dayMs)
// 1970 began on a Thursday.
const weekOf = (atMs: number): number => Math.floor((nightOf(atMs) + 3) / 7)
const monthOf = (atMs: number): number => new Date(atMs).getUTCFullYear() * 12 + new Date(atMs).getUTCMonth()

/** `console-20260102T030405Z.backup`: names sort as times do. */
export function backupName(prefix: string, nowMs: number): string {
  return `${prefix}-${new Date(nowMs).toISOString().replaceAll(/[-:]|\.[0-9]+/g, '')}.backup`
}

/** The backups of a folder, newest first. */
export function backupsIn(folder: string, prefix: string): string[] {
  const named = new RegExp(`^${prefix}-[0-9]{8}T[0-9]{6}Z\\.backup$`)
  return readdirSync(folder)
    .filter((name) => named.test(name))
    .sort()
    .reverse()
}

/** Removes what is not kept, by the times in the names. @returns the names of those that went */
export function removeOldBackups(folder: string, prefix: string, { keep, nowMs }: { keep: Keeping; nowMs: number }): string[] {
  const names = backupsIn(folder, prefix)
  const kept = keptFor(names.map(timeIn), keep, nowMs)
  const old = names.filter((_, index) => kept[index] === null)
  for (const name of old) rmSync(join(folder, name))
  return old
}

function timeIn(name: string): number {
  const [, day = '', month = '', date = '', hour = '', minute = '', second = ''] =
    /([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})Z\.backup$/.exec(name) ?? []
  return Date.UTC(Number(day), Number(month) - 1, Number(date), Number(hour), Number(minute), Number(second))
}

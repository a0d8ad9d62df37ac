import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** How many stay: of the newest, and of weeks (from Monday) and months, both in UTC, that have one: the first of each stays. */
export type Keeping = { readonly newest: number; readonly weeks: number; readonly months: number }
export type KeptFor = 'newest' | 'week' | 'month'

const form = /^([0-9]{1,4})(?:,([0-9]{1,4}),([0-9]{1,4}))?$/
const dayMs = 86_400_000

/** `14` for the newest alone, `14,8,12` with weeks and months. Null for what is neither, or keeps nothing. */
export function keepingOf(text: string): Keeping | null {
  const [, newest, weeks = '0', months = '0'] = form.exec(text) ?? []
  return newest === undefined || Number(newest) < 1 ? null : { newest: Number(newest), weeks: Number(weeks), months: Number(months) }
}

/**
 * What each backup is kept for, null where it may go; by the times at which they were made, in ms, in any order. As with the periods of `borg prune`
 * (https://borgbackup.readthedocs.io/en/stable/usage/prune.html) only weeks and months that have a backup count; unlike there the first of each stays, so
 * that what is kept for a period is the same each night.
 */
export function keptFor(times: readonly number[], { newest, weeks, months }: Keeping): readonly (KeptFor | null)[] {
  const order = times.map((_, index) => index).sort((a, b) => (times[b] ?? 0) - (times[a] ?? 0))
  const kept: (KeptFor | null)[] = times.map(() => null)
  const mark = (indexes: Iterable<number>, why: KeptFor): void => {
    for (const index of indexes) kept[index] ??= why
  }
  // From the newest on, so that the last one seen in a period is its first.
  const firsts = (periodOf: (atMs: number) => number, count: number): number[] => {
    const first = new Map<number, number>()
    for (const index of order) first.set(periodOf(times[index] ?? 0), index)
    return [...first.values()].slice(0, count)
  }
  mark(order.slice(0, Math.max(1, newest)), 'newest')
  mark(firsts(weekOf, weeks), 'week')
  mark(firsts(monthOf, months), 'month')
  return kept
}

// 1970 began on a Thursday.
const weekOf = (atMs: number): number => Math.floor((Math.floor(atMs / dayMs) + 3) / 7)
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

/** Removes what is not kept. What is named after a time that is still to come counts as older than all: its clock went wrong. @returns the names of those that went */
export function removeOldBackups(folder: string, prefix: string, { keep, nowMs }: { keep: Keeping; nowMs: number }): string[] {
  const names = backupsIn(folder, prefix)
  const times = names.map(timeIn).map((atMs) => (atMs > nowMs ? 0 : atMs))
  const kept = keptFor(times, keep)
  const old = names.filter((_, index) => kept[index] === null)
  for (const name of old) rmSync(join(folder, name))
  return old
}

function timeIn(name: string): number {
  const [, day = '', month = '', date = '', hour = '', minute = '', second = ''] =
    /([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})Z\.backup$/.exec(name) ?? []
  return Date.UTC(Number(day), Number(month) - 1, Number(date), Number(hour), Number(minute), Number(second))
}
